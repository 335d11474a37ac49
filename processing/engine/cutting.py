"""Photo to cutout: decode, matte, refine."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops

from processing.engine.brush import paint
from processing.engine.decoding import Decoded, decode
from processing.engine.errors import EngineFailed, OutOfMemory, PhotoError, UnknownForeground
from processing.engine.limits import Limits
from processing.engine.matters import Matter
from processing.engine.options import Options
from processing.engine.planes import Plane
from processing.engine.refining import refine
from processing.engine.strokes import Stroke
from processing.engine.subject import is_little


@dataclass
class Cutout:
    """`rgb` is the photo upright in sRGB, untouched; `mask` (L, same size) is what stays of it.

    `plane` is what the matter said, where it was asked just now.
    `timings`: milliseconds per stage, `decode`, `matte` and `refine`.
    """

    rgb: Image.Image
    mask: Image.Image
    width: int
    height: int
    kind: str
    model: str
    model_version: str
    timings: dict[str, float]
    plane: Plane | None = None

    @property
    def shows_little(self) -> bool:
        """Something was found, but next to nothing."""
        return is_little(self.mask)


def cut_out(photo: bytes, options: Options, matter: Matter, limits: Limits) -> Cutout:
    """Raises only PhotoErrors."""
    start = time.perf_counter()
    decoded = decode(photo, limits)
    after_decode = time.perf_counter()
    try:
        plane = matter.predict([_over_white(decoded)])[0]
        after_matte = time.perf_counter()
        mask = refine(plane, decoded.rgb, options.refine)
        if options.keep_transparency and decoded.alpha is not None:
            mask = ImageChops.multiply(mask, decoded.alpha)
    except PhotoError:
        raise
    except MemoryError:
        raise OutOfMemory from None
    except Exception as error:
        # Whatever a runtime throws (each has its own errors), the photo's owner is owed an answer.
        raise EngineFailed from error
    if mask.getextrema() == (0, 0):
        raise UnknownForeground
    end = time.perf_counter()
    return Cutout(
        rgb=decoded.rgb,
        mask=mask,
        plane=plane,
        width=decoded.rgb.width,
        height=decoded.rgb.height,
        kind=decoded.kind,
        model=matter.name,
        model_version=matter.version,
        timings={
            "decode": _milliseconds(after_decode - start),
            "matte": _milliseconds(after_matte - after_decode),
            "refine": _milliseconds(end - after_matte),
        },
    )


def _over_white(decoded: Decoded) -> Image.Image:
    """What the matter looks at: beneath holes anything can be left."""
    if decoded.alpha is None:
        return decoded.rgb
    white = Image.new("RGB", decoded.rgb.size, (255, 255, 255))
    return Image.composite(decoded.rgb, white, decoded.alpha)


def reopen(
    photo: bytes,
    mask_png: bytes,
    options: Options,
    limits: Limits,
    strokes: Sequence[Stroke] = (),
) -> Cutout:
    """The cutout again, from the photo and the mask that was stored of it: no model is asked.

    `strokes` are laid on the mask.

    How it was refined is in the mask already; `keep_transparency` is seen to here too, in case the
    mask was changed since. Model and version are not known. Raises only PhotoErrors.
    """
    start = time.perf_counter()
    decoded = decode(photo, limits)
    try:
        mask = _open_mask(mask_png, decoded.rgb.size)
        if strokes:
            mask = paint(mask, decoded.rgb, strokes)
        if options.keep_transparency and decoded.alpha is not None:
            # The lesser of both: multiplying again would thin out what was multiplied before.
            mask = ImageChops.darker(mask, decoded.alpha)
    except PhotoError:
        raise
    except MemoryError:
        raise OutOfMemory from None
    except Exception as error:
        # We stored it ourselves: whatever is wrong with it, it is not the photo.
        raise EngineFailed from error
    return Cutout(
        rgb=decoded.rgb,
        mask=mask,
        width=decoded.rgb.width,
        height=decoded.rgb.height,
        kind=decoded.kind,
        model="",
        model_version="",
        timings={"decode": _milliseconds(time.perf_counter() - start)},
    )


def _open_mask(mask_png: bytes, size: tuple[int, int]) -> Image.Image:
    """Checks its size and mode before a pixel is unpacked."""
    with Image.open(io.BytesIO(mask_png), formats=["PNG"]) as image:
        if image.size != size or image.mode != "L":
            raise ValueError("The mask is not this photo's.")
        return image.copy()


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
