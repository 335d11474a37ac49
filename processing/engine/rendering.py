"""Cutout and options to a file's bytes; the model is never asked again."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from processing.engine.compositing import compose
from processing.engine.cutting import Cutout
from processing.engine.encoding import write
from processing.engine.errors import EngineFailed, OutOfMemory, PhotoError, TooManyPixels
from processing.engine.files import FILE_OPTIONS
from processing.engine.geometry import Edges
from processing.engine.limits import fits
from processing.engine.options import Options

_KINDS = {
    "png": ("image/png", "png"),
    "webp": ("image/webp", "webp"),
    "jpg": ("image/jpeg", "jpg"),
    "avif": ("image/avif", "avif"),
    "zip": ("application/zip", "zip"),
}


@dataclass(frozen=True)
class Rendering:
    """`width` and `height` in pixels; `subject`: where the subject lies on it, in whole pixels
    from its upper left corner: left, top, right, bottom, the last two just outside.
    """

    content: bytes
    media_type: str
    extension: str
    width: int
    height: int
    subject: Edges


def render(cutout: Cutout, options: Options, picture: Image.Image | None = None) -> Rendering:
    """`picture` is the background that the options name, from `open_picture`. Leaves the cutout as
    it is. Raises only PhotoErrors: BadOption where the options do not go with this photo,
    TooManyPixels, UnknownForeground, OutOfMemory.
    """
    try:
        composite = compose(cutout, options, picture)
        width, height = composite.size
        content = write(composite, options)
    except PhotoError:
        raise
    except MemoryError:
        raise OutOfMemory from None
    except Exception as error:
        # Whatever a codec throws, the photo's owner is owed an answer.
        raise EngineFailed from error
    return Rendering(content, *_KINDS[options.format], width, height, composite.subject)


def encode(cutout: Cutout, file: str) -> bytes:
    """`file` is one of FILES. Raises TooManyPixels where it does not fit, OutOfMemory."""
    options = FILE_OPTIONS[file]
    if not fits(file, cutout.width, cutout.height):
        raise TooManyPixels(
            f"This cutout is {cutout.width} × {cutout.height} pixels, more than {file} can hold."
            " Download the PNG."
        )
    return render(cutout, options).content
