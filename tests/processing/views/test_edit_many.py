"""One edit for many images: chosen on a page, told what became of it, a picture behind them all."""

import io
import json
import uuid
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import User
from processing.flows.edit import OWN
from processing.flows.erase import erase_images
from processing.jobs import run
from processing.models import Edit, Image, Reason
from tests import photos
from tests.cast import JSON, at_page, browser, finish, start_worker, submit
from tests.processing.jobs.conftest import warm

__all__ = ["warm"]
PAGE = {"Accept": "text/html"}
NEW = "/images/edit/new/"
STROKES = json.dumps(
    [{"tool": "erase", "size": 0.2, "hardness": 1, "smart": False, "points": [[0.5, 0.5]]}]
)


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def done(owner: User, name: str = "photo.png") -> Image:
    return finish(submit(owner, name=name))


def picture(content: bytes | None = None) -> io.BytesIO:
    file = io.BytesIO(photos.draw(30, 30) if content is None else content)
    file.name = "beach.png"
    return file


def apply(client: Client, *images: Image | uuid.UUID, headers: Any = JSON, **fields: Any) -> Any:
    ids = [str(one.pk if isinstance(one, Image) else one) for one in images]
    return client.post("/images/edit/", {"id": ids, **fields}, headers=headers)


def told(response: Any) -> list[str]:
    return [str(one) for one in get_messages(response.wsgi_request)]


def test_the_bar_leads_to_a_page_with_every_option_of_the_editor(
    client: Client, owner: User
) -> None:
    one, other = done(owner, "cup.png"), done(owner, "saucer.png")
    gallery = client.get("/gallery/").content.decode()
    assert f'formaction="{NEW}"' in gallery
    start_worker()
    sent = {"id": [str(one.pk), str(other.pk)], "next": "/gallery/?show=done"}
    page = client.post(NEW, sent).content.decode()
    assert "Edit 2 images" in page
    for name in ("background", "bg_color", "picture", "preset", "crop", "shadow", "despill"):
        assert f'name="{name}"' in page
    for image in (one, other):
        assert f'value="{image.pk}" checked' in page
    assert 'name="next" value="/gallery/?show=done"' in page
    assert "No worker is running" not in page


def test_the_page_says_which_are_left_out(client: Client, owner: User) -> None:
    ids = [str(done(owner).pk), str(submit(owner).pk)]
    assert "1 image is not cut out, and left out." in client.post(NEW, {"id": ids}).content.decode()
    assert client.get(NEW, {"id": ids[1]}, headers=PAGE).status_code == 404
    assert client.get(NEW, headers=PAGE).status_code == 404


def test_more_than_go_at_once_are_the_newest(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("processing.views.edit_many.MOST_AT_ONCE", 2)
    images = [done(owner) for _ in range(3)]
    page = client.post(NEW, {"id": [str(one.pk) for one in images]}).content.decode()
    assert "the newest 2 of those that you selected; 1 more is not among them" in page
    assert str(images[0].pk) not in page
    refused = apply(client, *images, headers=PAGE)
    assert refused.status_code == 400
    assert "Choose at least one image, and at most 2 at once." in refused.content.decode()
    assert not Edit.objects.exists()


def test_one_edit_goes_to_many_images(client: Client, owner: User) -> None:
    first, other = done(owner), done(owner)
    address = f"/images/{first.pk}/edit/"
    client.post(address, {"base": "0", "strokes": STROKES}, headers=JSON)
    waiting = submit(owner)
    response = apply(client, first, other, waiting, bg_color="white")
    assert response.status_code == 201
    body = response.json()
    assert {one["id"]: one["number"] for one in body["saved"]} == {
        str(first.pk): 2,
        str(other.pk): 1,
    }
    assert [(one["id"], one["code"]) for one in body["errors"]] == [
        (str(waiting.pk), "not_cut_out")
    ]
    edit = Edit.objects.get(image=first, number=2)
    assert (edit.strokes, edit.options) == (1, {"bg_color": "#ffffff"})


def test_it_says_what_happened_and_leads_back(client: Client, owner: User) -> None:
    images = [done(owner) for _ in range(2)]
    there = "/gallery/?show=done"
    response = apply(client, *images, headers=PAGE, bg_color="white", next=there)
    assert response["Location"] == there
    assert told(response) == ["2 images changed. The version before is kept with each."]
    away = apply(client, *images, headers=PAGE, bg_color="red", next="//evil.example/")
    assert away["Location"] == "/gallery/"


@pytest.mark.parametrize(
    ("waiting", "erased", "words"),
    [
        (1, 0, "2 images changed. 1 was not: it is not cut out."),
        (0, 1, "2 images changed. 1 was not: it has been erased."),
        (2, 0, "2 images changed. 2 were not: they are not cut out."),
        (1, 1, "2 images changed. 1 was not: it is not cut out. 1 was not: it has been erased."),
    ],
)
def test_it_says_of_whom_it_was_not(
    client: Client, owner: User, waiting: int, erased: int, words: str
) -> None:
    images = [done(owner) for _ in range(2 + erased)]
    gone = Image.objects.filter(pk__in=[one.pk for one in images[2:]])
    if erased:
        erase_images(gone, by=at_page(owner), reason=Reason.ASKED_FOR)
    images += [submit(owner) for _ in range(waiting)]
    assert told(apply(client, *images, headers=PAGE, bg_color="white")) == [words]


def test_where_none_was_changed_it_says_so(client: Client, owner: User) -> None:
    response = apply(client, submit(owner), headers=PAGE, bg_color="white")
    assert told(response) == ["No image changed. 1 was not: it is not cut out."]


def test_each_goes_back_by_its_versions(client: Client, owner: User) -> None:
    images = [done(owner) for _ in range(2)]
    apply(client, *images, bg_color="white")
    assert run.run_next()
    assert run.run_next()
    assert set(Image.objects.values_list("version", flat=True)) == {1}
    client.post(f"/images/{images[0].pk}/edits/0/", headers=PAGE)
    assert list(Image.objects.order_by("received_at").values_list("version", flat=True)) == [0, 1]


def test_the_gallery_says_what_is_still_being_made(client: Client, owner: User) -> None:
    images = [done(owner) for _ in range(2)]
    assert "data-making" not in client.get("/gallery/").content.decode()
    apply(client, images[0], bg_color="white")
    page = client.get("/gallery/").content.decode()
    assert page.count('data-making="1"') == 1
    assert page.count("New version not there yet") == 1
    assert page.count("1 of these images is still being made.") == 1  # Without scripts.
    assert run.run_next()
    assert "still being made" not in client.get("/gallery/").content.decode()
    assert "data-making" not in client.get("/gallery/").content.decode()


def test_a_picture_goes_behind_each_as_a_copy_of_its_own(client: Client, owner: User) -> None:
    images = [done(owner) for _ in range(2)]
    response = apply(client, *images, background="bg_image", picture=picture())
    assert response.status_code == 201
    while run.run_next():
        pass
    for image in images:
        edit = Edit.objects.get(image=image)
        assert (edit.picture, edit.options) == (1, {"bg_image": OWN})
        file = client.get(f"/images/{image.pk}/edits/1/picture")
        assert b"".join(file.streaming_content) == photos.draw(30, 30)  # type: ignore[attr-defined]
        image.refresh_from_db()
        assert image.version == 1
    assert images[0].prefix != images[1].prefix


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (photos.PDF, 415, "unsupported_type"),
        (photos.png_header(60_000, 60_000), 413, "too_many_pixels"),
        (photos.pad(photos.draw(), 10_000_100), 413, "too_large"),
        (b"", 400, "empty_file"),
    ],
)
def test_a_picture_that_cannot_be_used_is_refused_once_for_all(
    client: Client, owner: User, content: bytes, status: int, code: str
) -> None:
    images = [done(owner) for _ in range(2)]
    fields = {"background": "bg_image", "picture": picture(content)}
    response = apply(client, *images, **fields)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    page = apply(client, *images, headers=PAGE, **fields | {"picture": picture(content)})
    assert page.status_code == status
    assert "No image was changed." in page.content.decode()
    assert not Edit.objects.exists()


def test_a_form_that_is_refused_comes_back_as_it_was_filled_in(client: Client, owner: User) -> None:
    image = done(owner)
    fields = {"background": "bg_image", "crop": "true", "crop_margin": "9", "shadow": "drop"}
    response = apply(client, image, headers=PAGE, **fields, next="/gallery/?show=done")
    page = response.content.decode()
    assert response.status_code == 422
    assert "No picture was chosen." in page
    assert '<option value="bg_image" selected>' in page
    assert '<option value="drop" selected>' in page
    assert 'name="crop" value="true" data-crop checked' in page
    assert 'max="50" value="9"' in page
    assert 'name="next" value="/gallery/?show=done"' in page


def test_a_picture_is_left_where_another_background_was_chosen(client: Client, owner: User) -> None:
    fields = {"background": "bg_color", "bg_color": "#ffffff", "picture": picture()}
    apply(client, done(owner), **fields)
    edit = Edit.objects.get()
    assert (edit.picture, edit.options) == (0, {"bg_color": "#ffffff"})


def test_nobody_edits_somebody_else_s_images(outsider: User, owner: User) -> None:
    image = done(owner)
    client = browser(outsider)
    response = apply(client, image, bg_color="white")
    assert response.status_code == 409
    assert [one["code"] for one in response.json()["errors"]] == ["not_found"]
    assert client.get(NEW, {"id": str(image.pk)}, headers=PAGE).status_code == 404
    assert not Edit.objects.exists()


def test_a_forged_form_changes_nothing(owner: User) -> None:
    image = done(owner)
    client = browser(owner, enforce_csrf_checks=True)
    for fields in ({"bg_color": "white"}, {"background": "bg_image", "picture": picture()}):
        response = apply(client, image, **fields)
        assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf_failed")
    assert not Edit.objects.exists()
