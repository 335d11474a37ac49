"""POST /images/ for JSON: what is taken, what is refused, and how it is said."""

import base64
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from processing.models import Image, Job, Life
from processing.storage import read_blob
from tests import photos
from tests.cast import browser, nothing_is_left, send
from tests.photos import Part


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def the_error(response: Any) -> dict[str, Any]:
    body = response.json()
    assert body["images"] == []
    (error,) = body["errors"]
    return dict(error)


def test_one_photo_is_taken_and_its_job_waits(client: Client) -> None:
    response = send(client, photos.draw())
    assert response.status_code == 201
    (card,) = response.json()["images"]
    assert response.json()["errors"] == []
    assert card["state"] == "queued"
    image = Image.objects.get(pk=card["id"])
    assert image.life == Life.LIVE
    assert Job.objects.filter(image=image, state="queued").count() == 1


def test_the_stored_original_is_what_was_sent_and_nothing_of_it_is_stored_in_the_clear(
    client: Client, tmp_path: Any
) -> None:
    photo = photos.pad(photos.draw(), 200_000) + b"the-marker-of-this-photo"
    (card,) = send(client, photo).json()["images"]
    image = Image.objects.get(pk=card["id"])
    assert b"".join(read_blob(image.open_key(), image.prefix, 0, "original")) == photo
    stored = [path.read_bytes() for path in (tmp_path / "vault").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert b"the-marker-of-this-photo" not in stored[0]
    assert photo[:64] not in stored[0]


def test_many_photos_are_taken_in_their_order(client: Client) -> None:
    names = [f"{number}.png" for number in range(7)]
    response = send(client, *(Part(photos.draw(), name) for name in names))
    assert response.status_code == 201
    assert [card["name"] for card in response.json()["images"]] == names


def test_every_kind_of_photo_is_taken(client: Client) -> None:
    kinds = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "GIF", "BMP")
    response = send(client, *(photos.draw(kind=kind) for kind in kinds))
    assert response.json()["errors"] == []
    taken = [Image.objects.get(pk=card["id"]).kind for card in response.json()["images"]]
    assert taken == ["jpeg", "png", "webp", "avif", "tiff", "gif", "bmp"]


def test_bad_files_do_not_spoil_the_good_ones_beside_them(client: Client) -> None:
    response = send(
        client,
        Part(photos.draw(), "first.png"),
        Part(photos.SVG, "drawing.svg"),
        Part(b"", "empty.png"),
        Part(photos.draw(kind="JPEG"), "second.jpg"),
        Part(photos.NOISE, "noise.bin"),
    )
    assert response.status_code == 201
    body = response.json()
    assert [card["name"] for card in body["images"]] == ["first.png", "second.jpg"]
    assert [(error["index"], error["code"]) for error in body["errors"]] == [
        (1, "unsupported_type"),
        (2, "empty_file"),
        (4, "not_an_image"),
    ]
    assert Image.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (photos.NOISE, 415, "not_an_image"),
        (b"\0", 415, "not_an_image"),
        (photos.SVG, 415, "unsupported_type"),
        (photos.PDF, 415, "unsupported_type"),
        (b"<!doctype html><title>page</title>", 415, "unsupported_type"),
        (b"PK\x03\x04" + bytes(64), 415, "unsupported_type"),
        (photos.png_header(0, 20), 422, "decode_failed"),
        (photos.png_header(20_000, 20_000), 413, "too_many_pixels"),
        (photos.bmp_header(20_000, 20_000), 413, "too_many_pixels"),
    ],
)
def test_what_cannot_be_cut_out_is_refused_by_its_first_bytes(
    client: Client, content: bytes, status: int, code: str
) -> None:
    response = send(client, content)
    assert response.status_code == status
    error = the_error(response)
    assert (error["index"], error["code"]) == (0, code)
    assert error["message"].endswith(".")
    assert nothing_is_left()


def test_a_drawing_is_named_in_the_refusal(client: Client) -> None:
    assert "SVG" in the_error(send(client, photos.SVG))["message"]


@pytest.mark.parametrize("name", ["photo.txt", "photo", "photo.svg", "photo.html", "photo.exe"])
def test_the_content_decides_and_not_the_extension(client: Client, name: str) -> None:
    (card,) = send(client, Part(photos.draw(kind="JPEG"), name)).json()["images"]
    assert Image.objects.get(pk=card["id"]).kind == "jpeg"


def test_a_text_that_calls_itself_a_photo_is_refused(client: Client) -> None:
    response = send(client, Part(b"just words\n", "photo.jpg", headers="X-Kind: image/jpeg\r\n"))
    assert the_error(response)["code"] == "unsupported_type"


def test_a_photo_without_its_end_is_taken_and_the_worker_finds_out(client: Client) -> None:
    """Only decoding can tell, and the web process does not decode."""
    photo = photos.draw(400, 300, "JPEG")
    assert send(client, photo[: len(photo) // 2]).status_code == 201


def test_files_in_other_fields_are_passed_over(client: Client) -> None:
    response = send(
        client, Part(photos.draw(), field="avatar"), Part(photos.draw(), "mine.png"), headers={}
    )
    assert response.status_code == 302
    assert Image.objects.count() == 1


def test_the_index_of_an_error_counts_the_photos_alone(client: Client) -> None:
    response = send(client, Part(photos.draw(), field="avatar"), Part(photos.SVG))
    assert the_error(response)["index"] == 0


@pytest.mark.parametrize("data", [{}, {"image_file": "not a file"}, {"other": "field"}])
def test_a_request_without_a_photo_is_told_so(client: Client, data: dict[str, str]) -> None:
    response = client.post("/images/", data, headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert "photo" in response.json()["error"]["message"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png", ""])
def test_a_body_that_is_no_form_is_told_so(client: Client, kind: str) -> None:
    response = client.post(
        "/images/", photos.draw(), content_type=kind, headers={"Accept": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert nothing_is_left()


def test_a_photo_may_come_in_base64(client: Client) -> None:
    photo = photos.pad(photos.draw(), 150_000)
    encoded = base64.encodebytes(photo)
    part = Part(encoded, headers="Content-Transfer-Encoding: base64\r\n")
    (card,) = send(client, part).json()["images"]
    image = Image.objects.get(pk=card["id"])
    assert b"".join(read_blob(image.open_key(), image.prefix, 0, "original")) == photo


def test_broken_base64_is_refused_and_nothing_is_left(client: Client) -> None:
    part = Part(b"iVBORw0KGgo" + b"A" * 90_002, headers="Content-Transfer-Encoding: base64\r\n")
    response = send(client, part)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert nothing_is_left()


def test_the_owner_s_workspace_gets_the_photo(client: Client, owner: User, outsider: User) -> None:
    send(client, photos.draw())
    image = Image.objects.get()
    assert image.uploaded_by == owner
    assert image.workspace.owner == owner
    assert outsider not in image.workspace.members.all()
