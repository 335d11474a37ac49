"""The editor's addresses: its page, versions as JSON, saving with and without scripts."""

import io
import json
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Picture

from accounts.models import User
from processing.errors import sentence_of
from processing.flows.edit import OWN
from processing.jobs import run
from processing.models import Edit, Image, Job, JobState
from tests import photos
from tests.cast import JSON, browser, finish, start_worker, submit
from tests.processing.jobs.conftest import warm

__all__ = ["warm"]
STROKES = json.dumps(
    [{"tool": "erase", "size": 0.2, "hardness": 1, "smart": False, "points": [[0.5, 0.5]]}]
)
PAGE = {"Accept": "text/html"}


@pytest.fixture
def image(owner: User) -> Image:
    photo = photos.draw(200, 150)
    return finish(submit(owner, photo, "cup.png"), photo)


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def post(client: Client, image: Image, headers: Any = JSON, **fields: Any) -> Any:
    return client.post(f"/images/{image.pk}/edit/", {"base": "0", **fields}, headers=headers)


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_the_page_has_the_options_that_work_without_scripts(client: Client, image: Image) -> None:
    page = client.get(f"/images/{image.pk}/edit/", headers=PAGE).content.decode()
    for name in ("base", "background", "bg_color", "picture", "preset", "crop", "shadow"):
        assert f'name="{name}"' in page
    assert "The brush needs JavaScript." in page
    assert "cup.png" in page


def test_a_photo_that_is_not_cut_out_has_no_editor_yet(client: Client, owner: User) -> None:
    waiting = submit(owner)
    response = client.get(f"/images/{waiting.pk}/edit/", headers=PAGE)
    assert response["Location"] == f"/images/{waiting.pk}/"


def test_a_version_is_saved_made_and_given_out(client: Client, image: Image) -> None:
    response = post(client, image, strokes=STROKES, bg_color="#0000ff")
    assert response.status_code == 201
    body = response.json()
    assert (body["saved"], body["head"], body["version"]) == (1, 1, 0)
    assert body["versions"][1]["state"] == "queued"
    assert run.run_next()
    body = client.get(f"/images/{image.pk}/edit/", headers=JSON).json()
    assert body["version"] == 1
    version = body["versions"][1]
    assert (version["state"], version["options"]) == ("done", {"bg_color": "#0000ff"})
    assert json.loads(read(client.get(version["links"]["strokes"])))[0]["tool"] == "erase"
    for address in (version["links"]["cutout_png"], f"/images/{image.pk}/cutout.png"):
        shown = Picture.open(io.BytesIO(read(client.get(address)))).convert("RGB")
        assert shown.getpixel((100, 75)) == (0, 0, 255)
    first = Picture.open(io.BytesIO(read(client.get(body["versions"][0]["links"]["cutout_png"]))))
    assert first.convert("RGBA").getpixel((100, 75)) == (150, 20, 30, 255)
    card = client.get(f"/images/{image.pk}/", headers=JSON).json()
    assert card["version"] == 1
    assert card["sizes"]["cutout_png"] > 0


def test_formats_that_are_made_on_demand_are_the_version_s(client: Client, image: Image) -> None:
    post(client, image, bg_color="#0000ff")
    assert run.run_next()
    start_worker()
    posted = client.post(f"/images/{image.pk}/render", {"format": "jpg", "size": "original"})
    assert posted.status_code == 302
    assert run.run_next()
    shown = Picture.open(io.BytesIO(read(client.get(f"/images/{image.pk}/cutout.jpg"))))
    assert shown.convert("RGB").getpixel((3, 3))[2] > 240  # type: ignore[index]


def test_a_form_without_scripts_saves_a_version(client: Client, image: Image) -> None:
    """As the page's form sends it: all backgrounds, and the name of the one that counts."""
    fields = {
        "background": "bg_gradient",
        "bg_color": "#ffffff",
        "bg_gradient": "180deg, #fff 0%, #ddd 100%",
        "bg_blur": "50",
        "preset": "",
        "crop": "true",
        "crop_margin": "5",
        "shadow": "drop",
        "shadow_opacity": "40",
        "despill": ["false", "true"],
    }
    response = post(client, image, PAGE, **fields)
    assert response["Location"] == f"/images/{image.pk}/edit/"
    assert Edit.objects.get().options == {
        "bg_gradient": "180deg, #ffffff 0%, #dddddd 100%",
        "crop": True,
        "crop_margin": "5% 5% 5% 5%",
        "shadow": "drop",
        "shadow_opacity": 40.0,
    }
    assert run.run_next()
    page = client.get(response["Location"], headers=PAGE).content.decode()
    assert "Version 1 is saved." in page
    assert 'value="bg_gradient" selected' in page


def test_a_preset_is_found_again(client: Client, image: Image) -> None:
    post(client, image, preset="amazon")
    assert run.run_next()
    page = client.get(f"/images/{image.pk}/edit/", headers=PAGE).content.decode()
    assert '<option value="amazon" selected>' in page
    assert 'name="canvas"' not in page


def test_what_failed_says_why_in_the_reader_s_language(client: Client, image: Image) -> None:
    post(client, image, bg_color="white")
    asked = client.post(f"/images/{image.pk}/render", {"format": "jpg"}, headers=JSON).json()
    Job.objects.exclude(output="").update(state=JobState.FAILED, error_code="storage_full")
    for path in (f"/images/{image.pk}/edits/1/", asked["status"]):
        english, german = (
            client.get(path, headers=JSON | more).json()["error"]
            for more in ({}, {"X-Page-Language": "de"})
        )
        assert english == {"code": "storage_full", "message": sentence_of("storage_full")}
        assert german["message"] != english["message"]


def test_a_picture_comes_with_the_form_and_goes_only_to_be_saved(
    client: Client, image: Image
) -> None:
    picture = io.BytesIO(photos.draw(30, 30))
    picture.name = "beach.png"
    response = post(client, image, background="bg_image", picture=picture)
    assert response.status_code == 201
    version = response.json()["versions"][1]
    assert version["options"] == {"bg_image": OWN}
    again = client.get(version["links"]["picture"])
    assert read(again) == photos.draw(30, 30)
    assert again["Content-Disposition"].startswith("attachment")
    assert again["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (photos.PDF, 415, "unsupported_type"),
        (photos.png_header(60_000, 60_000), 413, "too_many_pixels"),
        (photos.pad(photos.draw(), 10_000_100), 413, "too_large"),
        (photos.pad(photos.draw(), 12_000_000), 413, "too_large"),
    ],
    ids=["pdf", "bomb", "large", "far too large"],
)
def test_a_bad_picture_is_refused_as_a_photo_is(
    client: Client, image: Image, content: bytes, status: int, code: str
) -> None:
    picture = io.BytesIO(content)
    picture.name = "beach.png"
    response = post(client, image, picture=picture)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert not Edit.objects.exists()


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"base": ""}, 400, "bad_request"),
        ({"base": "-1"}, 400, "bad_request"),
        ({"base": "7"}, 409, "version_conflict"),
        ({"keeps": ""}, 400, "bad_request"),
        ({"keeps": "-1"}, 400, "bad_request"),
        ({"keeps": "7"}, 422, "bad_option"),
        ({"strokes": "[1]"}, 422, "bad_stroke"),
        ({"strokes": " " * 500_000}, 413, "too_many_strokes"),
        ({"strokes": " " * 1_100_000}, 413, "too_many_strokes"),
        ({"shadow": "long"}, 422, "bad_option"),
        ({"format": "jpg"}, 422, "bad_option"),
    ],
    ids=[
        *("no base", "no number", "another base"),
        *("nothing to keep", "no number to keep", "no version to keep"),
        *("no stroke", "many", "a megabyte", "no such word", "no option of a version"),
    ],
)
def test_what_cannot_be_saved_is_said(
    client: Client, image: Image, fields: dict[str, str], status: int, code: str
) -> None:
    response = post(client, image, **fields)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert post(client, image, PAGE, **fields).status_code == status
    assert not Edit.objects.exists()


def test_the_later_of_two_tabs_is_told_and_saves_on_top(client: Client, image: Image) -> None:
    assert post(client, image, strokes=STROKES).status_code == 201
    late = post(client, image, strokes="[]", bg_color="white")
    assert late.json()["error"]["code"] == "version_conflict"
    again = {"base": "1", "keeps": "0", "bg_color": "white"}
    assert post(client, image, **again).status_code == 201
    assert list(Edit.objects.order_by("number").values_list("strokes", flat=True)) == [1, 0]


def test_going_back_and_forward(client: Client, image: Image) -> None:
    post(client, image, strokes=STROKES)
    address = f"/images/{image.pk}/edits/1/"
    early = client.post(address, headers=JSON)
    assert (early.status_code, early.json()["error"]["code"]) == (503, "not_ready")
    assert run.run_next()
    back = client.post(f"/images/{image.pk}/edits/0/", headers=JSON).json()
    assert (back["head"], back["version"]) == (0, 0)
    assert client.post(address, headers=PAGE)["Location"] == f"/images/{image.pk}/edit/"
    assert Image.objects.get().version == 1
    assert client.get(address, headers=JSON).json()["number"] == 1


@pytest.mark.parametrize(
    "path", ["edits/5/", "edits/5/mask.png", "edits/0/strokes.json", "edits/1/picture", "edits/0/x"]
)
def test_what_is_not_there_is_not_found(client: Client, image: Image, path: str) -> None:
    post(client, image, strokes=STROKES)
    assert client.get(f"/images/{image.pk}/{path}", headers=JSON).status_code == 404


def test_nobody_edits_somebody_else_s_image(outsider: User, image: Image) -> None:
    client = browser(outsider)
    assert post(client, image, strokes=STROKES).status_code == 404
    assert not Edit.objects.exists()


def test_a_forged_form_saves_nothing(owner: User, image: Image) -> None:
    client = browser(owner, enforce_csrf_checks=True)
    response = post(client, image, bg_color="white")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf_failed")
    assert not Edit.objects.exists()
