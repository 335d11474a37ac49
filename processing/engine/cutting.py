"""Photo to cutout: decode, matte, refine."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PIL import Image, ImageChops

from processing.engine.decoding import Decoded, decode
from processing.engine.errors import EngineFailed, OutOfMemory, PhotoError, UnknownForeground
from processing.engine.limits import Limits
from processing.engine.matters import Matter
from processing.engine.options import Options
from processing.engine.planes import Plane
from processing.engine.refining import refine


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


def compose(rgb: Image.Image, mask: Image.Image) -> Image.Image:
    """RGBA with the photo's own colours wherever it shows, and black beneath holes."""
    cutout = rgb.copy()
    cutout.paste((0, 0, 0), mask=mask.point(_HOLES))
    cutout.putalpha(mask)
    return cutout


_HOLES = [255] + [0] * 255


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
