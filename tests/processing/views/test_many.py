"""What is done to many images at once: one archive, tags; with and without JavaScript."""

import io
import uuid
import zipfile
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import AuditEntry, User
from processing.flows.shorten import Shorter, shorten
from processing.flows.tags import words_of
from processing.models import Image, Receipt
from processing.views import many
from tests.cast import JSON, at_page, browser, finish, submit


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner, raise_request_exception=False)


def download(client: Client, *images: Image, file: str = "cutout.png") -> Any:
    form = {"id": [str(image.pk) for image in images], "file": file}
    return client.post("/images/download/", form)


def archive_of(response: Any) -> zipfile.ZipFile:
    assert response.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def test_one_archive_newest_first(client: Client, owner: User) -> None:
    images = [finish(submit(owner, name=f"{name}.jpg")) for name in "abc"]
    response = download(client, *images)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].startswith('attachment; filename="cutouts-20')
    assert response["Content-Disposition"].endswith('.zip"')
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert archive_of(response).namelist() == ["c.png", "b.png", "a.png"]


@pytest.mark.parametrize(
    ("file", "name"),
    [("original", "originals-"), ("mask.png", "masks-"), ("preview.webp", "files-")],
)
def test_another_file_has_another_name(client: Client, owner: User, file: str, name: str) -> None:
    response = download(client, finish(submit(owner)), file=file)
    assert f'filename="{name}' in response["Content-Disposition"]
    assert len(archive_of(response).namelist()) == 1


def test_each_is_noted_when_its_bytes_begin(client: Client, owner: User) -> None:
    images = [finish(submit(owner)) for _ in range(2)]
    waiting = submit(owner)
    archive_of(download(client, *images, waiting))
    entries = AuditEntry.objects.filter(action="image.downloaded")
    assert {entry.image_id for entry in entries} == {image.pk for image in images}
    assert {entry.detail for entry in entries} == {"cutout.png"}


def test_nothing_is_given_out_that_cannot_be_noted(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    image = finish(submit(owner))
    monkeypatch.setattr(many, "note", locked)
    assert download(client, image).status_code == 500


def test_of_somebody_else_s_nothing_is_in_it(client: Client, owner: User, outsider: User) -> None:
    mine, theirs = finish(submit(owner, name="mine.png")), finish(submit(outsider))
    assert archive_of(download(client, theirs, mine)).namelist() == ["mine.png"]
    response = download(client, theirs)
    assert response.status_code == 404
    assert not AuditEntry.objects.filter(owner=outsider, action="image.downloaded").exists()


def test_what_goes_with_its_download_goes_after_the_last_byte(client: Client, owner: User) -> None:
    stays, goes = finish(submit(owner)), finish(submit(owner))
    shorten(goes, Shorter(after_download=True), at_page(owner))
    for file in ("original", "mask.png"):
        archive_of(download(client, stays, goes, file=file))
        assert Image.objects.count() == 2, "no result was downloaded"
    chunks = download(client, stays, goes).streaming_content
    sent = next(chunks)
    assert Image.objects.count() == 2
    archive = zipfile.ZipFile(io.BytesIO(sent + b"".join(chunks)))
    assert len(archive.namelist()) == 2
    assert Image.objects.get().pk == stays.pk
    assert Receipt.objects.get().reason == "downloaded"


def test_an_archive_that_breaks_off_keeps_it(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    shorten(image, Shorter(after_download=True), at_page(owner))
    chunks = download(client, image).streaming_content
    assert next(chunks)
    del chunks  # The server lets go of what nobody reads.
    assert Image.objects.get().life == "live"


@pytest.mark.parametrize("file", ["cutout.gif", "../original", "", "r0123456789.png"])
def test_a_file_that_there_is_not_is_refused(client: Client, owner: User, file: str) -> None:
    assert download(client, finish(submit(owner)), file=file).status_code == 400


def test_so_many_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 2)
    form = {"id": [str(uuid.uuid4()) for _ in range(3)]}
    response = client.post("/images/download/", form, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")
    assert "at most 2 images" in response.json()["error"]["message"]


def test_as_many_as_there_may_be_fit_into_one_form(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    ids = [str(image.pk), *(str(uuid.uuid4()) for _ in range(many.MOST - 1))]
    rest = {"file": "cutout.png", "next": "/gallery/", "word": "", "act": "add"}
    response = client.post("/images/download/", {"id": ids, **rest})
    assert archive_of(response).namelist()[0] == "photo.png"


def change(client: Client, *images: Image, **form: Any) -> Any:
    headers = form.pop("headers", JSON)
    form["id"] = [*(str(image.pk) for image in images), "junk"]
    return client.post("/images/tags/", form, headers=headers)


def test_programs_tag_and_untag(client: Client, owner: User) -> None:
    images = [submit(owner) for _ in range(2)]
    body = change(client, *images, word="  Summer ", act="add").json()
    assert body == {"word": "Summer", "tagged": sorted(str(one.pk) for one in images), "full": []}
    assert client.get(f"/images/{images[0].pk}/", headers=JSON).json()["tags"] == ["Summer"]
    change(client, images[0], word="summer", act="remove")
    assert [words_of(image) for image in images] == [[], ["Summer"]]


def test_somebody_else_s_take_no_tag(client: Client, outsider: User) -> None:
    theirs = submit(outsider)
    assert change(client, theirs, word="mine").json()["tagged"] == []
    assert words_of(theirs) == []


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"word": ""}, "bad_tag"),
        ({"word": "x" * 41}, "bad_tag"),
        ({"word": "a\nb\x00"}, "bad_tag"),
        ({"word": "x", "act": "junk"}, "bad_request"),
    ],
)
def test_what_cannot_be_is_refused(
    client: Client, owner: User, form: dict[str, str], code: str
) -> None:
    response = change(client, submit(owner), **form)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)


def test_an_image_that_is_full_says_so(client: Client, owner: User) -> None:
    image, other = submit(owner), submit(owner)
    for number in range(20):
        change(client, image, word=f"word {number}")
    response = change(client, image, word="one more")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "too_many_tags")
    body = change(client, image, other, word="one more").json()
    assert (body["tagged"], body["full"]) == ([str(other.pk)], [str(image.pk)])


def test_a_form_leads_back_to_where_it_stood(client: Client, owner: User) -> None:
    image = submit(owner)
    there = "/gallery/?show=waiting"
    response = change(client, image, word="Summer", next=there, headers={"Accept": "text/html"})
    assert (response.status_code, response["Location"]) == (302, there)
    assert "The tag is on 1 image." in client.get(there).content.decode()
    for away in ("https://example.org/", "//example.org", "\\\\example.org", "javascript:1", ""):
        response = change(client, image, word="x", next=away, headers={"Accept": "text/html"})
        assert response["Location"] == "/gallery/"


def test_each_act_of_the_bar_has_an_address_of_its_own(client: Client, owner: User) -> None:
    """So it works without JavaScript. The first button is the one that the Enter key presses."""
    submit(owner)
    page = client.get("/gallery/").content.decode()
    bar = page[page.index('id="selection"') :]
    assert 'formaction="/images/download/"' in bar
    assert 'formaction="/images/tags/"' in bar
    submits = [part.split(">")[0] for part in bar.split("<button")[1:] if 'type="submit"' in part]
    assert 'value="add"' in submits[0]
