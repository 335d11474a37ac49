"""POST /images/: how large, how many pixels, how many files, how much room."""

import errno
import os
import tempfile
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from processing.models import Image, database_now
from processing.retention import marks
from processing.storage import disk, vault
from tests import photos
from tests.cast import browser, nothing_is_left, send, stored_objects


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def codes(response: Any) -> list[str]:
    return [error["code"] for error in response.json()["errors"]]


def test_a_photo_of_exactly_the_limit_is_taken(client: Client) -> None:
    assert site.MAX_UPLOAD_BYTES == 30_000_000
    assert send(client, photos.pad(photos.draw(), 30_000_000)).status_code == 201


def test_one_byte_more_is_refused_and_nothing_is_left(client: Client) -> None:
    response = send(client, photos.pad(photos.draw(), 30_000_001))
    assert response.status_code == 413
    assert codes(response) == ["too_large"]
    assert "30 MB" in response.json()["errors"][0]["message"]
    assert nothing_is_left()


def test_a_photo_after_one_that_is_too_large_is_taken(client: Client, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 100_000
    response = send(client, photos.pad(photos.draw(), 300_000), photos.draw())
    assert response.status_code == 201
    assert codes(response) == ["too_large"]
    assert Image.objects.count() == 1


def test_a_bomb_is_refused_from_its_header(client: Client) -> None:
    bomb = photos.png_bomb(20_000, 20_000)
    assert len(bomb) < 100_000
    response = send(client, bomb)
    assert response.status_code == 413
    assert codes(response) == ["too_many_pixels"]
    assert "20000 × 20000" in response.json()["errors"][0]["message"]
    assert nothing_is_left()


def test_a_hundred_million_pixels_are_taken_and_one_row_more_is_not(client: Client) -> None:
    response = send(client, photos.png_header(10_000, 10_000), photos.png_header(10_000, 10_001))
    assert codes(response) == ["too_many_pixels"]
    assert len(response.json()["images"]) == 1


def test_of_500_files_the_first_hundred_are_taken_and_every_other_one_is_told(
    client: Client,
) -> None:
    response = send(client, *[photos.draw(8, 8)] * 500)
    assert response.status_code == 201
    body = response.json()
    assert len(body["images"]) == site.MAX_FILES == 100
    assert [error["index"] for error in body["errors"]] == list(range(100, 500))
    assert {error["code"] for error in body["errors"]} == {"too_many_files"}
    assert Image.objects.count() == 100
    assert len(stored_objects()) == 100


def test_more_files_than_a_request_may_have_are_refused_as_a_whole(
    client: Client, settings: Settings
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 5
    response = send(client, *[photos.draw(8, 8)] * 6)
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_many_files"
    assert nothing_is_left()


def test_more_files_than_a_request_may_have_leave_nothing_under_a_key_either(
    client: Client, settings: Settings
) -> None:
    """The same request would be refused again: nobody would ever be told of these images."""
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    send(client, *[photos.draw(8, 8)] * 3, address="/images/?request=k")
    assert nothing_is_left()


def check_refused_whole(client: Client, body: bytes) -> None:
    response = client.post(
        "/images/",
        body,
        content_type=photos.CONTENT_TYPE,
        headers={"Accept": "application/json"},
    )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert nothing_is_left()


def test_too_many_fields_are_refused_and_nothing_is_left(client: Client) -> None:
    files = [photos.Part(photos.draw(8, 8))]
    field = f'--{photos.BOUNDARY}\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
    body = photos.multipart(*files, end=False)
    body += field.encode() * (site.DATA_UPLOAD_MAX_NUMBER_FIELDS + 5)
    check_refused_whole(client, body + f"--{photos.BOUNDARY}--\r\n".encode())


def test_a_field_of_a_megabyte_is_refused_and_nothing_is_left(client: Client) -> None:
    field = f'--{photos.BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\n'.encode()
    body = photos.multipart(photos.Part(photos.draw()), end=False) + field + b"x" * 1_100_000
    check_refused_whole(client, body + f"\r\n--{photos.BOUNDARY}--\r\n".encode())


def test_a_disk_that_is_nearly_full_takes_nothing_more(client: Client, settings: Settings) -> None:
    settings.MIN_FREE_BYTES = 10**18
    response = send(client, photos.draw())
    assert response.status_code == 507
    assert codes(response) == ["storage_full"]
    assert nothing_is_left()


def test_a_disk_that_fills_up_under_a_photo_leaves_nothing_of_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_full(path: object) -> int:
        return os.open("/dev/full", os.O_WRONLY)

    marks.adopt(database_now())  # The storage is in use already.
    monkeypatch.setattr(disk, "_create", open_full)
    response = send(client, photos.pad(photos.draw(), 300_000))
    assert response.status_code == 507
    assert codes(response) == ["storage_full"]
    assert nothing_is_left()


def test_a_disk_that_is_full_at_the_last_byte_leaves_nothing_either(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(vault.BlobWriter, "finish", refuse)
    response = send(client, photos.draw())
    assert response.status_code == 507
    assert nothing_is_left()


@pytest.mark.parametrize("step", ["write", "finish"])
def test_a_storage_that_breaks_is_our_failure_and_leaves_nothing(
    owner: User, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def refuse(self: object, *content: bytes) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(vault.BlobWriter, step, refuse)
    response = send(browser(owner, raise_request_exception=False), photos.draw(), photos.draw())
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "engine_failed"
    assert nothing_is_left()


def test_no_temporary_file_is_ever_made(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a temporary file was asked for")

    for name in ("NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    assert send(client, photos.pad(photos.draw(), 6_000_000), b"bad").status_code == 201


def test_a_file_sent_to_another_address_is_not_stored_anywhere(client: Client) -> None:
    response = send(client, photos.pad(photos.draw(), 200_000), address="/images/erase/")
    assert response.status_code == 200
    assert nothing_is_left()
