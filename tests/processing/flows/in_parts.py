"""A photo that is sent in parts, as its sender does."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from processing.access import find_upload
from processing.flows import parts, whole
from processing.models import Blob, Image
from processing.storage import read_blob
from tests import cast, photos

LARGE = photos.pad(photos.draw(), 2_500_000)
MIB = 1_048_576
Begin = Callable[..., Image]


@pytest.fixture
def begin(owner: User) -> Begin:
    def begin(size: int = len(LARGE), key: str = "", **more: Any) -> Image:
        image = parts.begin(cast.sender_of(owner, key, **more), "island.png", size)
        return find_upload(owner, image.pk)

    return begin


def pieces(content: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def add(image: Image, start: int, end: int, content: bytes = LARGE) -> int:
    part = content[start:end]
    return parts.add(image, start, len(part), pieces(part))


def add_all(image: Image, content: bytes = LARGE, size: int = MIB) -> Image:
    for start in range(0, len(content), size):
        add(image, start, start + size, content)
    return image


def finish(image: Image) -> Image:
    return whole.finish(image, cast.at_page(image.uploaded_by))


def again(image: Image) -> Image:
    """As the next request finds it."""
    return find_upload(image.uploaded_by, image.pk)


def original(image: Image) -> bytes:
    blob = Blob.objects.get(image=image, kind="original", stored=True)
    return b"".join(read_blob(image.open_key(), image.prefix, blob.generation, "original"))


def add_rest(image: Image) -> Image:
    add(image, MIB, len(LARGE))
    return image
