"""One edit for many images: each gets a version of its own, on top of its latest, or says why not.

A picture behind them is sealed with each of them, under that image's key: whichever goes takes its
own copy along.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.audit import Actor
from processing.engine.errors import PhotoError
from processing.flows.edit import Wanted, check, save
from processing.jobs.results import PICTURE
from processing.models import Blob, Edit, Image, kind_at
from processing.storage import KeyGone, read_blob

MOST_AT_ONCE = 24
GONE = (Image.DoesNotExist, KeyGone)


@dataclass
class Edited:
    """The number of each image's new version, and what came in the way of the others."""

    saved: dict[uuid.UUID, int] = field(default_factory=dict)
    errors: dict[uuid.UUID, PhotoError] = field(default_factory=dict)
    gone: list[uuid.UUID] = field(default_factory=list)


def edit_images(images: Iterable[Image], wanted: Wanted, by: Actor) -> Edited:
    """Strokes stay each image's own. What is wrong with the options or with the picture is raised
    once, before any image has changed."""
    check(wanted)
    edited = Edited()
    for image in images:
        try:
            edited.saved[image.pk] = save(image, wanted, by).number
        except GONE:
            edited.gone.append(image.pk)
        except PhotoError as error:
            edited.errors[image.pk] = error
    return edited


def read_picture(image: Image, number: int) -> bytes | None:
    """What is behind a version of an image, to go behind others; None where there is no picture,
    or no longer."""
    try:
        holder = image.edits.get(number=number).picture
        blob = image.blobs.filter(kind=kind_at(holder, PICTURE), stored=True).latest("generation")
        return b"".join(read_blob(image.open_key(), image.prefix, blob.generation, blob.kind))
    except (Edit.DoesNotExist, Blob.DoesNotExist, KeyGone, FileNotFoundError):
        return None
