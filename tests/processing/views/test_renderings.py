"""/images/<id>/render, and the files of an image that are made when somebody asks for them."""

import io
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Picture

from accounts.models import AuditEntry, User
from processing.engine import FILES, Options
from processing.engine.files import FILE_OPTIONS
from processing.flows import render as flow
from processing.flows.shorten import Shorter, shorten
from processing.models import Blob, Image, Job, JobState, Task
from processing.views import image as view
from processing.views.present import CHOICES, ON_DEMAND
from tests import photos
from tests.cast import JSON, age, at_page, browser, fail, finish, render, start_worker, submit
from tests.cast import nothing_is_left as all_gone

QUERY = {"format": "webp", "size": "100x100", "despill": "false"}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def image(owner: User) -> Image:
    photo = photos.draw(120, 80)
    return finish(submit(owner, photo, "cup.jpeg"), photo)


@pytest.fixture
def worker(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is there, and does what waits as soon as somebody waits for it."""
    start_worker()

    def work(_: float) -> None:
        job = Job.objects.filter(state=JobState.QUEUED).select_related("image").first()
        if job is not None:
            render(job.image, Options.parse(job.options))

    monkeypatch.setattr(time, "sleep", work)


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def open_picture(response: Any) -> Picture.Image:
    return Picture.open(io.BytesIO(read(response)))


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("file", ON_DEMAND)
def test_a_file_is_made_when_it_is_asked_for(client: Client, image: Image, file: str) -> None:
    card = client.get(f"/images/{image.pk}/", headers=JSON).json()
    name = file.replace(".", "_")
    assert (name in card["links"], name in card["sizes"]) == (True, False)
    response = client.get(card["links"][name])
    assert (response.status_code, response["Content-Type"]) == (200, FILES[file])
    assert response["Cache-Control"] == "private, no-store"
    assert open_picture(response).size == (120, 80)
    assert read(client.get(card["links"][name])), "and once only"
    assert Job.objects.filter(task=Task.RENDER).count() == 1
    assert name in client.get(f"/images/{image.pk}/", headers=JSON).json()["sizes"]


@pytest.mark.usefixtures("worker")
def test_a_head_tells_of_it_too(client: Client, image: Image) -> None:
    head = client.head(f"/images/{image.pk}/cutout.jpg")
    assert (head.status_code, b"".join(head)) == (200, b"")
    assert int(head["Content-Length"]) == Blob.objects.get(kind="cutout.jpg").size


@pytest.mark.usefixtures("worker")
def test_options_make_another_file_of_it(client: Client, image: Image) -> None:
    response = client.get(f"/images/{image.pk}/render", QUERY)
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert response["Content-Disposition"] == 'inline; filename="cup-cutout.webp"'
    assert response["X-Content-Type-Options"] == "nosniff"
    picture = open_picture(response)
    assert (picture.format, max(picture.size)) == ("WEBP", 100)
    job = Job.objects.get(task=Task.RENDER)
    assert (job.state, job.options) == (JobState.DONE, Options.parse(QUERY).to_dict())
    assert Blob.objects.get(kind=job.output).stored


@pytest.mark.parametrize("as_json", [True, False])
def test_what_takes_too_long_is_to_be_asked_for_again(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    start_worker()
    monkeypatch.setattr(view, "PATIENCE", 0.01)
    response = client.get(f"/images/{image.pk}/cutout.jpg", headers=JSON if as_json else {})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "still being made" in response.content.decode()
    if as_json:
        assert response.json()["error"]["code"] == "not_ready"
    render(image, FILE_OPTIONS["cutout.jpg"])
    assert client.get(f"/images/{image.pk}/cutout.jpg").status_code == 200


def test_it_is_not_waited_for_where_nobody_works(client: Client, image: Image) -> None:
    assert client.get(f"/images/{image.pk}/cutout.jpg").status_code == 503


@pytest.mark.parametrize("query", [{"format": "bmp"}, {"colour": "red"}, {"refine": "off"}])
def test_an_option_that_cannot_be_is_refused(
    client: Client, image: Image, query: dict[str, str]
) -> None:
    response = client.get(f"/images/{image.pk}/render", query, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_option")
    assert not Job.objects.filter(task=Task.RENDER).exists()


def test_what_has_no_cutout_has_no_renderings(client: Client, owner: User) -> None:
    waiting = submit(owner)
    response = client.get(f"/images/{waiting.pk}/render", headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_cut_out")
    assert client.get(f"/images/{waiting.pk}/cutout.jpg").status_code == 404


def test_asking_only_tells_where_it_will_be(client: Client, image: Image) -> None:
    address = f"/images/{image.pk}/render"
    asked = client.post(address, QUERY, headers=JSON)
    assert asked.status_code == 202
    body = asked.json()
    assert (body["state"], body["error"], body["size"]) == ("queued", None, None)
    assert client.get(body["status"]).json()["state"] == "queued"
    render(image, Options.parse(QUERY))
    assert client.get(body["status"]).json() == {
        "state": "done",
        "error": None,
        "size": Blob.objects.get(kind=Job.objects.get(task=Task.RENDER).output).size,
        "status": body["status"],
    }
    assert read(client.get(body["url"])) == read(client.get(address, QUERY))
    again = client.post(address, QUERY, headers=JSON)
    assert again.status_code == 200
    assert again.json()["size"] == len(read(client.get(body["url"])))


def test_a_form_that_asks_is_led_to_the_file(client: Client, image: Image) -> None:
    response = client.post(f"/images/{image.pk}/render", {"crop": "true"})
    assert response.status_code == 302
    assert response["Location"].startswith(f"/images/{image.pk}/render?format=png&crop=true")


def test_asking_needs_the_token_of_a_page(owner: User, image: Image) -> None:
    client = browser(owner, enforce_csrf_checks=True)
    assert client.post(f"/images/{image.pk}/render", QUERY).status_code == 403
    assert not Job.objects.filter(task=Task.RENDER).exists()


def test_why_it_failed_is_told_and_changes_nothing_of_the_image(
    client: Client, image: Image
) -> None:
    body = client.post(f"/images/{image.pk}/render", QUERY, headers=JSON).json()
    fail(image, "out_of_memory")
    told = client.get(body["status"]).json()
    assert (told["state"], told["error"]["code"]) == ("failed", "out_of_memory")
    card = client.get(f"/images/{image.pk}/", headers=JSON).json()
    assert (card["state"], card["error"], card["model"]) == ("done", None, "synthetic")
    assert read(client.get(card["links"]["cutout_png"]))


def test_so_many_are_one_person_s(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST", 1)
    render(image, Options.parse(QUERY))
    response = client.get(f"/images/{image.pk}/render?format=jpg", headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many_renderings")


@pytest.mark.parametrize("kind", ["r0123456789.webp", "cutout.gif", "..", "original.webp"])
def test_the_state_of_nothing_is_not_found(client: Client, image: Image, kind: str) -> None:
    assert client.get(f"/images/{image.pk}/render/{kind}/", headers=JSON).status_code == 404


def test_it_goes_with_its_download_where_that_was_chosen(
    client: Client, owner: User, image: Image
) -> None:
    render(image, Options.parse(QUERY))
    shorten(image, Shorter(after_download=True), at_page(owner))
    assert read(client.get(f"/images/{image.pk}/render", QUERY))
    assert Image.objects.get().life == "live"
    assert read(client.get(f"/images/{image.pk}/render", {**QUERY, "download": "1"}))
    assert all_gone()


def test_its_downloads_are_noted_like_any_other(client: Client, image: Image) -> None:
    render(image, Options.parse(QUERY))
    for _ in range(2):
        read(client.get(f"/images/{image.pk}/render", {**QUERY, "download": "1"}))
        read(client.get(f"/images/{image.pk}/render", QUERY))
    entries = AuditEntry.objects.filter(image_id=image.pk)
    downloads = entries.filter(action="image.downloaded")
    assert list(downloads.values_list("detail", flat=True)) == ["cutout.webp"] * 2
    assert entries.filter(action="image.viewed").count() == 1


def test_past_its_deadline_none_is_made_or_given(client: Client, image: Image) -> None:
    render(image, Options.parse(QUERY))
    age(image, timedelta(hours=23))
    for method in (client.get, client.head, client.post):
        assert method(f"/images/{image.pk}/render", QUERY).status_code == 404
        assert method(f"/images/{image.pk}/render", {"format": "jpg"}).status_code == 404


def test_everything_that_the_page_offers_can_be_made(client: Client, image: Image) -> None:
    page = client.get(f"/images/{image.pk}/").content.decode()
    for name, words in CHOICES.items():
        for value in words:
            assert f'<option value="{value}">' in page
            Options.parse({name: value})
    assert f'action="/images/{image.pk}/render"' in page


def test_what_a_format_cannot_hold_is_not_offered(client: Client, image: Image) -> None:
    Image.objects.update(width=20_000, height=100)
    links = client.get(f"/images/{image.pk}/", headers=JSON).json()["links"]
    assert "cutout_webp" not in links
    assert "cutout_jpg" in links


@pytest.mark.parametrize("kind", ["%00", "r0%0012345678.png", "%0a"])
def test_a_kind_that_none_can_be_is_not_there(client: Client, owner: User, kind: str) -> None:
    image = finish(submit(owner))
    assert client.get(f"/images/{image.pk}/render/{kind}/").status_code == 404
