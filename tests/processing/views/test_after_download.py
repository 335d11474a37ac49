"""An image that goes with its download: after the last byte of a result, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import AuditEntry, User
from processing.flows import reading
from processing.flows.shorten import Shorter, shorten
from processing.models import Blob, Image, Receipt
from processing.retention import erase
from processing.storage import BlobWriter
from processing.views import image as view
from tests.cast import (
    JSON,
    age,
    at_page,
    browser,
    finish,
    finish_with_renderings,
    nothing_is_left,
    submit,
)

RESULTS = ("cutout.png", "cutout.webp", "cutout.jpg")
OTHERS = ("original", "mask.png", "preview.webp", "thumbnail.webp")


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def image(owner: User) -> Image:
    image = finish_with_renderings(submit(owner))
    shorten(image, Shorter(after_download=True), at_page(owner))
    return image


def download(
    client: Client, image: Image, file: str = "cutout.png", query: str = "?download=1"
) -> Any:
    return client.get(f"/images/{image.pk}/{file}{query}")


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def make_large(image: Image, file: str = "cutout.png") -> bytes:
    """A result of many pieces, in the place of the real one."""
    content = bytes(range(256)) * 2000
    blob = Blob.objects.create(image=image, kind=file, generation=9, stored=True, size=len(content))
    with BlobWriter(image.open_key(), image.prefix, blob.generation, file) as writer:
        writer.write(content)
    return content


@pytest.mark.parametrize("file", RESULTS)
def test_after_a_result_was_downloaded_nothing_is_left(
    client: Client, image: Image, file: str
) -> None:
    assert read(download(client, image, file))
    assert nothing_is_left()
    receipt = Receipt.objects.get()
    assert (receipt.image_id, receipt.reason) == (image.pk, "downloaded")


@pytest.mark.parametrize("file", OTHERS)
def test_anything_else_can_be_downloaded_as_often_as_one_likes(
    client: Client, image: Image, file: str
) -> None:
    assert read(download(client, image, file))
    assert read(download(client, image, file))


@pytest.mark.parametrize("file", RESULTS)
def test_looking_at_it_is_no_download(client: Client, image: Image, file: str) -> None:
    assert read(download(client, image, file, ""))
    assert Image.objects.get().life == "live"


@pytest.mark.parametrize("query", ["", "?download=1"])
def test_asking_for_the_headers_is_none_either(client: Client, image: Image, query: str) -> None:
    response = client.head(f"/images/{image.pk}/cutout.png{query}")
    assert response.status_code == 200
    assert b"".join(response) == b""
    assert Image.objects.get().life == "live"
    assert not AuditEntry.objects.filter(action="image.downloaded").exists()


def test_without_the_choice_a_download_changes_nothing(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    assert read(download(client, image))
    assert Image.objects.get().life == "live"


def test_a_download_that_breaks_off_keeps_it(client: Client, image: Image) -> None:
    content = make_large(image)
    response = download(client, image)
    chunks = iter(response.streaming_content)
    assert next(chunks)
    assert next(chunks)
    response._iterator.close()  # As a server does, but without closing the test's database.
    assert Image.objects.get().life == "live"
    assert read(download(client, image)) == content
    assert nothing_is_left()


def test_it_is_there_until_the_last_byte_was_taken(client: Client, image: Image) -> None:
    make_large(image)
    response = download(client, image)
    taken = 0
    for chunk in response.streaming_content:
        assert Image.objects.get().life == "live"
        taken += len(chunk)
    assert taken == int(response["Content-Length"])
    assert nothing_is_left()


def test_two_downloads_at_once_are_both_whole(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    content = make_large(image)
    slow = download(client, image)
    chunks = iter(slow.streaming_content)
    begun = next(chunks)
    assert read(download(client, image)) == content
    assert download(client, image).status_code == 404  # Who comes later comes too late.
    assert begun + b"".join(chunks) == content
    assert nothing_is_left()
    assert Receipt.objects.count() == 1


def test_the_slower_of_two_is_cut_off_at_the_deadline(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    make_large(image)
    age(image, timedelta(hours=22, minutes=59, seconds=58))
    chunks = iter(download(client, image).streaming_content)
    assert next(chunks)
    read(download(client, image))
    monkeypatch.setattr(reading, "database_now", lambda: image.purge_at)
    with pytest.raises(reading.ReadOn):
        next(chunks)


def test_erasing_it_by_hand_cuts_a_download_off(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    make_large(image)
    chunks = iter(download(client, image).streaming_content)
    assert next(chunks)
    client.delete(f"/images/{image.pk}/")
    with pytest.raises(reading.ReadOn):
        next(chunks)


def test_they_have_their_file_even_if_it_cannot_be_erased_then(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    content = make_large(image)
    monkeypatch.setattr(erase, "condemn_locked", locked)
    assert read(download(client, image)) == content
    monkeypatch.undo()
    assert Image.objects.get().life == "live"
    assert read(download(client, image)) == content  # The next one ends it.
    assert nothing_is_left()


def test_each_download_is_noted_and_views_once_an_hour(client: Client, image: Image) -> None:
    for _ in range(2):
        read(download(client, image, "mask.png"))
        read(download(client, image, "preview.webp", ""))
        read(download(client, image, "thumbnail.webp", ""))
    entries = AuditEntry.objects.filter(image_id=image.pk)
    downloads = entries.filter(action="image.downloaded")
    assert list(downloads.values_list("detail", flat=True)) == ["mask.png", "mask.png"]
    assert entries.filter(action="image.viewed").count() == 1
    assert {entry.owner for entry in entries} == {image.uploaded_by}


def test_nothing_is_given_out_that_cannot_be_noted(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(view, "note", locked)
    client.raise_request_exception = False
    response = client.get(f"/images/{image.pk}/mask.png?download=1", headers=JSON)
    assert response.status_code == 500
    assert Image.objects.get().life == "live"


def test_nothing_is_noted_of_what_was_not_given(
    client: Client, outsider: User, image: Image
) -> None:
    stranger = browser(outsider)
    for query in ("", "?download=1"):
        assert download(stranger, image, query=query).status_code == 404
    for action in ("image.viewed", "image.downloaded"):
        assert not AuditEntry.objects.filter(action=action).exists()
