"""POST /images/: bodies that break off or are not what they say they are."""

import io
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from processing.models import Image
from tests import photos
from tests.cast import JSON, browser, nothing_is_left, stored_objects
from tests.photos import Part

LARGE = photos.pad(photos.draw(), 400_000)


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def post(client: Client, body: bytes, address: str = "/images/") -> Any:
    return client.post(address, body, content_type=photos.CONTENT_TYPE, headers=JSON)


def test_a_body_without_its_end_is_an_interrupted_upload(client: Client) -> None:
    response = post(client, photos.multipart(Part(LARGE), end=False))
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "interrupted"
    assert nothing_is_left()


@pytest.mark.parametrize("length", [1, 60, 150, 200, 1000, 270_000, 399_999])
def test_wherever_a_body_is_cut_off_nothing_is_left(client: Client, length: int) -> None:
    response = post(client, photos.multipart(Part(LARGE))[:length])
    assert response.status_code == 400
    assert nothing_is_left()


def test_what_was_whole_before_the_end_is_kept(client: Client) -> None:
    response = post(client, photos.multipart(Part(photos.draw()), Part(LARGE), end=False))
    assert response.status_code == 201
    body = response.json()
    assert len(body["images"]) == 1
    assert [(error["index"], error["code"]) for error in body["errors"]] == [(1, "interrupted")]
    assert Image.objects.count() == len(stored_objects()) == 1


@pytest.mark.parametrize("end", [b"--wrong--\r\n", b"--", b"\r\n"])
def test_a_wrong_last_boundary_is_an_interrupted_upload(client: Client, end: bytes) -> None:
    post(client, photos.multipart(Part(LARGE), end=False) + end)
    assert nothing_is_left()


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 300}",
        "multipart/form-data; boundary=\u00e4",
    ],
)
def test_a_boundary_that_does_not_fit_is_a_bad_request(client: Client, content_type: str) -> None:
    body = photos.multipart(Part(LARGE))
    response = client.post("/images/", body, content_type=content_type, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert nothing_is_left()


def test_the_boundary_of_another_body_finds_no_photo(client: Client) -> None:
    content_type = "multipart/form-data; boundary=another"
    body = photos.multipart(Part(LARGE))
    response = client.post("/images/", body, content_type=content_type, headers=JSON)
    assert response.status_code == 400
    assert nothing_is_left()


class BreakingLine:
    """A body whose connection is reset after three quarters."""

    def __init__(self, body: bytes) -> None:
        self._arrived = io.BytesIO(body[: len(body) * 3 // 4])

    def read(self, size: int = -1) -> bytes:
        piece = self._arrived.read(size)
        if not piece:
            raise ConnectionResetError("Connection reset by peer")
        return piece

    readline = read


def post_over(line: BreakingLine, size: int, client: Client, address: str = "/images/") -> Any:
    client.get("/gallery/")
    more: dict[str, Any] = {
        "wsgi.input": line,
        "CONTENT_LENGTH": str(size),
        "CONTENT_TYPE": photos.CONTENT_TYPE,
    }
    headers = JSON | {"X-CSRFToken": str(client.cookies["csrftoken"].value)}
    return client.generic("POST", address, headers=headers, **more)


@pytest.mark.parametrize("checks", [True, False])
@pytest.mark.parametrize("before", [(), (Part(photos.draw()),)])
def test_a_line_that_is_reset_leaves_nothing(
    owner: User, checks: bool, before: tuple[Part, ...]
) -> None:
    """Checking the token reads the body, and passes over a reset in silence."""
    client = browser(owner, enforce_csrf_checks=checks, raise_request_exception=False)
    body = photos.multipart(*before, Part(LARGE))
    response = post_over(BreakingLine(body), len(body), client)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "interrupted"
    assert nothing_is_left()


@pytest.mark.parametrize("checks", [True, False])
def test_a_line_that_is_reset_keeps_what_a_second_try_will_ask_for(
    owner: User, checks: bool
) -> None:
    client = browser(owner, enforce_csrf_checks=checks, raise_request_exception=False)
    body = photos.multipart(Part(photos.draw()), Part(LARGE))
    post_over(BreakingLine(body), len(body), client, "/images/?request=key")
    assert Image.objects.filter(life="live").count() == Image.objects.count() == 1
    response = post(browser(owner), body, "/images/?request=key")
    assert len(response.json()["images"]) == 2
    assert Image.objects.count() == len(stored_objects()) == 2
