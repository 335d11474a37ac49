"""/images/<id>/<file>: the bytes, and the headers that keep them harmless."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image as Picture

from accounts.models import User
from processing.flows import reading
from processing.models import Blob, Image
from processing.storage import disk
from tests import photos
from tests.cast import JSON, age, browser, finish_with_renderings, submit

TYPES = {
    "original": "image/png",
    "preview.webp": "image/webp",
    "thumbnail.webp": "image/webp",
    "cutout.png": "image/png",
    "cutout.webp": "image/webp",
    "cutout.jpg": "image/jpeg",
    "mask.png": "image/png",
}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def image(owner: User) -> Image:
    photo = photos.draw(120, 80)
    return finish_with_renderings(submit(owner, photo, "cup.jpeg"), photo)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("file", TYPES)
@pytest.mark.parametrize("query", ["", "?download=1"])
def test_the_headers_are_exactly_these(client: Client, image: Image, file: str, query: str) -> None:
    response: Any = client.get(f"/images/{image.pk}/{file}{query}")
    assert response.status_code == 200
    body = body_of(response)
    attached = query or file == "original"
    name = "cup.jpeg" if file == "original" else f"cup-{file}"
    expected = {
        "Content-Type": TYPES[file],
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Disposition": f'{"attachment" if attached else "inline"}; filename="{name}"',
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "DENY",
    }
    # And no other: no ETag or date by which a copy could be asked for, no cookie.
    of_the_site = {"Cross-Origin-Opener-Policy", "Permissions-Policy", "Vary"}
    told = dict(response.headers.items())
    assert {key: told[key] for key in told.keys() - of_the_site} == expected


def test_the_original_comes_back_byte_for_byte(client: Client, owner: User) -> None:
    photo = photos.pad(photos.draw(), 400_000)
    image = submit(owner, photo)
    assert body_of(client.get(f"/images/{image.pk}/original")) == photo


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_072])
def test_the_length_is_right_at_the_edges_of_a_chunk(
    client: Client, owner: User, size: int
) -> None:
    image = submit(owner, photos.pad(photos.draw(), size))
    response: Any = client.get(f"/images/{image.pk}/original")
    assert int(response["Content-Length"]) == len(body_of(response)) == size


@pytest.mark.parametrize("file", ["cutout.png", "cutout.webp"])
def test_a_cutout_is_see_through_where_the_background_was(
    client: Client, image: Image, file: str
) -> None:
    picture = Picture.open(io.BytesIO(body_of(client.get(f"/images/{image.pk}/{file}"))))
    assert (picture.mode, picture.size) == ("RGBA", (120, 80))
    alpha = picture.getchannel("A")
    assert alpha.getpixel((60, 40)) == 255
    assert alpha.getpixel((2, 2)) == 0


def test_a_jpeg_has_no_hole_and_a_mask_is_grey(client: Client, image: Image) -> None:
    jpeg = Picture.open(io.BytesIO(body_of(client.get(f"/images/{image.pk}/cutout.jpg"))))
    assert (jpeg.mode, jpeg.size) == ("RGB", (120, 80))
    mask = Picture.open(io.BytesIO(body_of(client.get(f"/images/{image.pk}/mask.png"))))
    assert (mask.mode, mask.size) == ("L", (120, 80))
    assert mask.getpixel((60, 40)) == 255


@pytest.mark.parametrize("file", TYPES)
def test_head_tells_the_same_without_the_bytes(client: Client, image: Image, file: str) -> None:
    get = client.get(f"/images/{image.pk}/{file}")
    body_of(get)
    head = client.head(f"/images/{image.pk}/{file}")
    assert head.status_code == 200
    assert b"".join(head) == b""
    for name in ("Content-Type", "Content-Length", "Content-Disposition"):
        assert head[name] == get[name]


@pytest.mark.parametrize(
    "file", ["cutout.gif", "preview", "ORIGINAL", "..", "%2e%2e", "cutout.png.html", "0", "a%00b"]
)
def test_another_file_is_not_found(client: Client, image: Image, file: str) -> None:
    response = client.get(f"/images/{image.pk}/{file}", headers=JSON)
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_what_is_not_made_yet_is_not_found(client: Client, owner: User) -> None:
    image = submit(owner)
    for file in set(TYPES) - {"original"}:
        assert client.get(f"/images/{image.pk}/{file}").status_code == 404


def test_bytes_that_are_missing_are_not_found(client: Client, image: Image, tmp_path: Path) -> None:
    for path in (tmp_path / "vault").rglob("*.png"):
        path.unlink()
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 404


def test_bytes_that_were_changed_are_never_given_out(owner: User, tmp_path: Path) -> None:
    image = submit(owner)
    (path,) = [path for path in (tmp_path / "vault").rglob("*") if path.is_file()]
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(sealed)
    client = browser(owner, raise_request_exception=False)
    response = client.get(f"/images/{image.pk}/original", headers=JSON)
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "engine_failed"


def test_a_file_s_type_does_not_depend_on_its_name(client: Client, owner: User) -> None:
    image = submit(owner, photos.draw(kind="JPEG"), "page.html")
    response = client.get(f"/images/{image.pk}/original")
    body_of(response)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'


def test_the_latest_attempt_s_result_is_given(client: Client, image: Image) -> None:
    Blob.objects.create(image=image, kind="cutout.png", generation=9, stored=False)
    response = client.get(f"/images/{image.pk}/cutout.png")
    assert response.status_code == 200
    body_of(response)


def test_a_reader_who_goes_away_leaves_no_open_file(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []
    open_real = disk.DiskStorage._open

    def remember(self: Any, name: str, mode: str = "rb") -> Any:
        opened.append(open_real(self, name, mode))
        return opened[-1]

    image = submit(owner, photos.pad(photos.draw(), 300_000))
    monkeypatch.setattr(disk.DiskStorage, "_open", remember)
    response: Any = client.get(f"/images/{image.pk}/original")
    next(iter(response.streaming_content))
    response.close()
    assert [file.closed for file in opened] == [True]


def test_past_its_deadline_no_byte_is_given(client: Client, image: Image) -> None:
    age(image, timedelta(hours=23))
    for file in TYPES:
        assert client.get(f"/images/{image.pk}/{file}").status_code == 404


def test_a_slow_reader_is_cut_off_when_the_image_is_erased(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    photo = photos.pad(photos.draw(), 400_000)
    image = submit(owner, photo)
    response: Any = client.get(f"/images/{image.pk}/original")
    chunks = iter(response.streaming_content)
    assert next(chunks)
    assert next(chunks)
    client.delete(f"/images/{image.pk}/")
    with pytest.raises(reading.ReadOn):
        next(chunks)


def test_a_slow_reader_is_cut_off_at_the_deadline(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    image = submit(owner, photos.pad(photos.draw(), 400_000))
    response: Any = client.get(f"/images/{image.pk}/original")
    chunks = iter(response.streaming_content)
    assert next(chunks)
    age(image, timedelta(hours=23))
    with pytest.raises(reading.ReadOn):
        next(chunks)
