"""/uploads/: a photo in parts, as a program sends it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from processing.access import home_of
from processing.flows import parts
from processing.models import Arrival, Image, Life
from tests import cast, photos
from tests.cast import JSON, browser

LARGE = photos.pad(photos.draw(), 1_000_000)
HALF = 500_000
SIZE = len(LARGE)
KEY = {"Idempotency-Key": "a key of mine"}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner, raise_request_exception=False)


def begin(client: Client, size: Any = SIZE, query: str = "", **more: Any) -> Any:
    headers = JSON | more.pop("headers", {})
    return client.post(
        f"/uploads/{query}", {"name": "cup.png", "size": size, **more}, headers=headers
    )


def put(client: Client, address: str, offset: int, body: bytes, **more: Any) -> Any:
    kind = more.pop("content_type", "application/octet-stream")
    return client.put(f"{address}{offset}", body, content_type=kind, headers=JSON, **more)


def test_a_photo_is_sent_in_parts(client: Client) -> None:
    answer = begin(client)
    assert answer.status_code == 201
    told = answer.json()
    assert told == {
        "id": told["id"],
        "url": f"/uploads/{told['id']}/",
        "state": "arriving",
        "size": len(LARGE),
        "received": 0,
        "part_bytes": parts.USUAL_BYTES,
    }
    first = put(client, told["url"], 0, LARGE[:HALF])
    assert (first.status_code, first.json()) == (200, {"received": HALF})
    now = client.get(told["url"], headers=JSON).json()
    assert (now["state"], now["received"], now["size"]) == ("arriving", HALF, len(LARGE))
    assert client.get(f"/images/{told['id']}/", headers=JSON).status_code == 404
    assert put(client, told["url"], HALF, LARGE[HALF:]).json() == {"received": len(LARGE)}
    done = client.post(f"{told['url']}finish", headers=JSON)
    assert done.status_code == 201
    body = done.json()
    assert (set(body), body["errors"]) == ({"images", "errors"}, [])
    image = body["images"][0]
    assert (image["id"], image["name"], image["state"]) == (told["id"], "cup.png", "queued")
    assert (image["width"], image["height"], image["sizes"]) == (64, 48, {"original": len(LARGE)})
    assert b"".join(client.get(image["links"]["original"])) == LARGE
    ended = client.get(told["url"], headers=JSON).json()
    assert (ended["state"], ended["received"]) == ("done", len(LARGE))
    assert client.post(f"{told['url']}finish", headers=JSON).json()["images"][0]["id"] == told["id"]


def test_it_answers_as_sending_it_at_once_does(client: Client) -> None:
    at_once = cast.send(client, photos.Part(LARGE, "cup.png")).json()
    address = begin(client).json()["url"]
    put(client, address, 0, LARGE)
    in_parts = client.post(f"{address}finish", headers=JSON).json()
    own = {"id", "url", "received_at", "purge_at", "links", "batch"}
    first, second = (
        {k: v for k, v in one["images"][0].items() if k not in own} for one in (at_once, in_parts)
    )
    assert first == second
    assert set(at_once["images"][0]["links"]) == set(in_parts["images"][0]["links"])


@pytest.mark.parametrize("size", ["", "x", "-1", "1.5", "1e3", "²", "9" * 30, " 1"])
def test_a_size_that_is_no_number_is_a_bad_request(client: Client, size: str) -> None:
    answer = begin(client, size)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"size": 0}, "empty_file"),
        ({"size": 30_000_001}, "too_large"),
        ({"erase_after": "soon"}, "bad_erase_after"),
        ({"query": "?erase_after=25h"}, "bad_erase_after"),
        ({"model": "none-such"}, "model_not_offered"),
    ],
)
def test_what_cannot_be_begun_is_told_at_once(
    client: Client, more: dict[str, Any], code: str
) -> None:
    answer = begin(client, **more)
    assert answer.json()["error"]["code"] == code
    assert not Image.objects.exists()


@pytest.mark.parametrize("way", ["field", "address"])
def test_a_shorter_life_is_chosen_with_its_beginning(client: Client, way: str) -> None:
    begin(client, **({"erase_after": "10m"} if way == "field" else {"query": "?erase_after=10m"}))
    image = Image.objects.get()
    assert image.purge_at - image.received_at < timedelta(minutes=10)


def test_a_refused_part_says_why_and_is_of_the_one_shape(client: Client) -> None:
    address = begin(client).json()["url"]
    refusals = {
        "wrong_offset": put(client, address, HALF, LARGE[:HALF]),
        "part_too_small": put(client, address, 0, LARGE[:1000]),
        "part_too_large": put(client, address, 0, LARGE + b"x"),
    }
    for code, answer in refusals.items():
        assert set(answer.json()) == {"error"}
        assert answer.json()["error"]["code"] == code
    unfinished = client.post(f"{address}finish", headers=JSON)
    assert (unfinished.status_code, unfinished.json()["error"]["code"]) == (409, "incomplete")
    assert not cast.stored_objects()


def test_a_file_that_is_no_photo_is_refused_with_its_first_part(client: Client) -> None:
    address = begin(client).json()["url"]
    answer = put(client, address, 0, photos.pad(photos.PDF, HALF))
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_type")
    assert client.get(address, headers=JSON).status_code == 404
    assert cast.nothing_is_left()


@pytest.mark.parametrize("kind", ["", "multipart/form-data; boundary=x", "image/png"])
def test_a_part_is_bytes_whatever_its_type_says(client: Client, kind: str) -> None:
    address = begin(client).json()["url"]
    assert put(client, address, 0, LARGE, content_type=kind).json() == {"received": len(LARGE)}


def test_a_part_without_a_length_is_refused(client: Client) -> None:
    address = begin(client).json()["url"]
    answer = put(client, address, 0, LARGE, CONTENT_LENGTH="")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "part_too_small")


def test_the_same_key_goes_on_with_the_same_upload(client: Client) -> None:
    first = begin(client, headers=KEY).json()
    put(client, first["url"], 0, LARGE[:HALF])
    again = begin(client, headers=KEY).json()
    assert (again["id"], again["received"]) == (first["id"], HALF)
    put(client, first["url"], HALF, LARGE[HALF:])
    client.post(f"{first['url']}finish", headers=JSON)
    done = begin(client, headers=KEY).json()
    assert (done["id"], done["state"]) == (first["id"], "done")
    assert Image.objects.count() == 1


def test_cancelled_it_is_gone(client: Client) -> None:
    address = begin(client).json()["url"]
    put(client, address, 0, LARGE[:HALF])
    assert client.delete(address, headers=JSON).status_code == 204
    assert cast.nothing_is_left()
    assert not Arrival.objects.exists()
    for answer in (
        client.delete(address, headers=JSON),
        client.get(address, headers=JSON),
        put(client, address, HALF, LARGE[HALF:]),
        client.post(f"{address}finish", headers=JSON),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_nobody_else_finds_an_upload_not_even_a_teammate(
    client: Client, owner: User, outsider: User
) -> None:
    Membership.objects.create(workspace=home_of(owner), user=outsider)
    other = browser(outsider)
    address = begin(client).json()["url"]
    put(client, address, 0, LARGE[:HALF])
    unknown = other.get(f"/uploads/{uuid.uuid4()}/", headers=JSON)
    for answer in (
        other.get(address, headers=JSON),
        other.delete(address, headers=JSON),
        put(other, address, HALF, LARGE[HALF:]),
        other.post(f"{address}finish", headers=JSON),
    ):
        assert (answer.status_code, answer.content) == (404, unknown.content)
    assert client.get(address, headers=JSON).json()["received"] == HALF


def test_the_token_is_asked_for_before_a_byte_is_taken(owner: User) -> None:
    client = browser(owner, enforce_csrf_checks=True)
    image = parts.begin(cast.sender_of(owner), "cup.png", len(LARGE))
    address = f"/uploads/{image.pk}/"
    for answer in (
        begin(client),
        put(client, address, 0, LARGE),
        client.post(f"{address}finish", headers=JSON),
        client.delete(address, headers=JSON),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf_failed")
    assert Image.objects.get().life == Life.RECEIVING
    assert not cast.stored_objects()


def test_what_arrives_is_in_no_list(client: Client) -> None:
    told = begin(client).json()
    put(client, told["url"], 0, LARGE[:HALF])
    assert client.get(f"/images/?ids={told['id']}", headers=JSON).json()["gone"] == [told["id"]]
    for page in ("/", "/gallery/"):
        assert told["id"] not in client.get(page).content.decode()
