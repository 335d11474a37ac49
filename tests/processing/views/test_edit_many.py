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
from processing.flows.edit_many import read_picture
from processing.flows.erase import erase_images
from processing.jobs import run
from processing.models import Edit, Image, Reason
from tests import photos
from tests.cast import JSON, at_page, browser, finish, start_worker, submit
from tests.processing.jobs.conftest import warm

__all__ = ["warm"]
PAGE = {"Accept": "text/html"}
NEW = "/images/edit/new/"
BEACH = photos.draw(50, 40)
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


# ---- a picture that is saved with another image ----


@pytest.fixture
def source(client: Client, owner: User) -> Image:
    """With a beach behind it: its version 1; and version 2, which says nothing but its size."""
    image = done(owner, "source.png")
    edit_one(client, image, base=0, background="bg_image", picture=picture(BEACH))
    edit_one(client, image, base=1, background="bg_image", bg_image=OWN, preset="etsy")
    return image


def edit_one(client: Client, image: Image, **fields: Any) -> None:
    response = client.post(f"/images/{image.pk}/edit/", fields, headers=JSON)
    assert response.status_code == 201
    assert run.run_next()


def from_editor(source: Image, **more: Any) -> dict[str, Any]:
    """What its page sends when no other picture was chosen on it."""
    of = {"of": str(source.pk), "base": "2", "background": "bg_image", "bg_image": OWN}
    return of | more


def behind(client: Client, image: Image, number: int = 1) -> bytes:
    file = client.get(f"/images/{image.pk}/edits/{number}/picture")
    assert file.status_code == 200
    return b"".join(file.streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", [JSON, PAGE], ids=["script", "form"])
def test_a_saved_picture_goes_behind_others_too_as_copies_of_their_own(
    client: Client, owner: User, source: Image, headers: Any
) -> None:
    """One that has a picture of its own gets this one in its place; the first keeps its own."""
    plain, other = done(owner), done(owner)
    edit_one(client, other, base=0, background="bg_image", picture=picture())
    response = apply(client, plain, other, headers=headers, **from_editor(source, preset="etsy"))
    assert response.status_code == (201 if headers is JSON else 302)
    while run.run_next():
        pass
    for image, number in ((plain, 1), (other, 2)):
        edit = Edit.objects.get(image=image, number=number)
        assert (edit.picture, edit.options["bg_image"]) == (number, OWN)
        assert behind(client, image, number) == BEACH
        image.refresh_from_db()
        assert image.version == number
    assert behind(client, other, 1) == photos.draw(30, 30)
    erase_images([source], by=at_page(owner), reason=Reason.ASKED_FOR)
    assert behind(client, plain) == BEACH


def test_another_picture_on_the_page_goes_before_the_saved_one(
    client: Client, owner: User, source: Image
) -> None:
    image = done(owner)
    apply(client, image, **from_editor(source, picture=picture()))
    assert behind(client, image) == photos.draw(30, 30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"base": "0"},
        {"base": "9"},
        {"base": ""},
        {"base": "9" * 4000},
        {"of": "junk"},
        {"of": str(uuid.uuid4())},
    ],
    ids=["as cut out", "no version", "unsaid", "no number", "no id", "no image"],
)
def test_where_no_picture_is_saved_none_is_made_up(
    client: Client, owner: User, source: Image, wrong: dict[str, str]
) -> None:
    """Not even the one that an image has already."""
    before = Edit.objects.count()
    response = apply(client, source, done(owner), **from_editor(source) | wrong)
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_option")
    assert "No picture was chosen." in response.json()["error"]["message"]
    assert Edit.objects.count() == before


def test_nobody_puts_somebody_else_s_picture_behind_their_own_image(
    outsider: User, source: Image
) -> None:
    theirs = done(outsider)
    response = apply(browser(outsider), theirs, **from_editor(source))
    assert response.json()["error"]["code"] == "bad_option"
    assert not theirs.edits.exists()


def test_what_is_erased_has_no_picture_any_more(client: Client, owner: User, source: Image) -> None:
    erase_images([source], by=at_page(owner), reason=Reason.ASKED_FOR)
    response = apply(client, done(owner), **from_editor(source))
    assert response.json()["error"]["code"] == "bad_option"
    assert read_picture(source, 1) is None


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
