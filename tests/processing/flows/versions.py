"""A version of an image: saved as its page does, made as a worker does."""

import io
import json
from typing import Any

import pytest
from PIL import Image as Picture

from accounts.models import User
from processing.flows.edit import Wanted, save
from processing.jobs import editing, run
from processing.models import Edit, Image, Job, Task
from processing.storage import read_blob
from tests import cast, photos

SIZE = (200, 150)
ERASED = json.dumps(
    [{"tool": "erase", "size": 0.2, "hardness": 1, "smart": False, "points": [[0.5, 0.5]]}]
)


@pytest.fixture
def image(owner: User) -> Image:
    photo = photos.draw(*SIZE)
    return cast.finish(cast.submit(owner, photo), photo)


def make(image: Image) -> None:
    """What a worker does with the job that waits."""
    editing.edit_and_store(cast._claim(image), cast.Quiet(), run._read)
    image.refresh_from_db()


def saved(
    image: Image, strokes: str | None = None, base: int | None = None, **options: Any
) -> Edit:
    wanted = Wanted(options, base, strokes)
    return save(image, wanted, cast.at_page(image.uploaded_by))


def put(image: Image, picture: bytes, **options: Any) -> Edit:
    return save(image, Wanted(options, picture=picture), cast.at_page(image.uploaded_by))


def plain(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (10, 40), colour).save(out, "PNG")
    return out.getvalue()


def content(image: Image, kind: str) -> bytes:
    blob = image.blobs.filter(kind=kind, stored=True).latest("generation")
    return b"".join(read_blob(image.open_key(), image.prefix, blob.generation, kind))


def opened(image: Image, kind: str) -> Picture.Image:
    return Picture.open(io.BytesIO(content(image, kind)))


def jobs() -> list[Job]:
    return list(Job.objects.filter(task=Task.EDIT).order_by("queued_at"))
