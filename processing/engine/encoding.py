"""A composite's bytes. Built from pixels alone: no metadata of the photo can reach them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from PIL import Image

from processing.engine.compositing import Composite
from processing.engine.errors import OutOfMemory, TooManyPixels
from processing.engine.extending import extend_colours
from processing.engine.limits import has_room
from processing.engine.options import Options
from processing.engine.png import write_png

QUALITIES = {"webp": 90, "jpg": 92, "avif": 80, "zip": 92}
"""What stands for no quality, by format."""
ZIP_FILES = ("colour.jpg", "alpha.png")

_WHITE = (255, 255, 255)
_HOLES = [255] + [0] * 255
_INVERTED = list(range(255, -1, -1))
# libwebp's fastest method fails ("encoding error 6") where a large photo's block modes outgrow the
# 512 kB that the format has for them: seen from 25 megapixels on, never up to 20.
_FASTEST_WEBP = 20_000_000
# The oldest date that a ZIP can tell, so that the clock is not in the bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def write(composite: Composite, options: Options) -> bytes:
    """Paints over the composite. Raises TooManyPixels where the format has no room, OutOfMemory."""
    width, height = composite.size
    if not has_room(options.format, width, height):
        raise TooManyPixels(
            f"This cutout is {width} × {height} pixels, more than {options.format} can hold."
            " Download the PNG."
        )
    quality = options.quality or QUALITIES.get(options.format, 0)
    try:
        return _WRITERS[options.format](composite, quality)
    except MemoryError:
        raise OutOfMemory from None


def _write_png(composite: Composite, _: int) -> bytes:
    if composite.rgb is None:
        assert composite.mask is not None
        return write_png(composite.mask)
    return write_png(composite.rgb, composite.mask)


def _write_webp(composite: Composite, quality: int) -> bytes:
    width, height = composite.size
    # Method 0: somebody waits, and halving the time costs a third more bytes.
    method = 0 if width * height <= _FASTEST_WEBP else 2
    return _save_as(_merge(composite), "WEBP", quality=quality, method=method)


def _write_jpg(composite: Composite, quality: int) -> bytes:
    canvas = composite.own()
    if composite.mask is not None:
        canvas.paste(_WHITE, mask=composite.mask.point(_INVERTED))
    return _save(canvas, "JPEG", quality=quality)


def _write_avif(composite: Composite, quality: int) -> bytes:
    """Speed 9 takes a quarter of 6's time for 3 % more bytes. With several threads the bytes depend
    on how many, and it is no faster. The mask is lossless: at the colours' quality solid pixels
    came out at 250 of 255, and edges up to 23 off.
    """
    return _save_as(
        _merge(composite),
        "AVIF",
        quality=quality,
        speed=9,
        max_threads=1,
        codec="aom",
        advanced={"alpha:end-usage": "q", "alpha:cq-level": "0"},
    )


def _write_zip(composite: Composite, quality: int) -> bytes:
    """Colours without holes in full chroma, and the mask: for programs that put them together."""
    colours = composite.own()
    mask = composite.mask or Image.new("L", composite.size, 255)
    extend_colours(colours, mask)
    parts = (_save(colours, "JPEG", quality=quality, subsampling=0), write_png(mask))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in zip(ZIP_FILES, parts, strict=True):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _merge(composite: Composite) -> Image.Image:
    """One picture, with nothing left beneath its holes."""
    image = composite.own()
    if composite.mask is not None:
        image.paste((0, 0, 0), mask=composite.mask.point(_HOLES))
        image.putalpha(composite.mask)
    return image


def _save_as(image: Image.Image, form: str, **options: Any) -> bytes:
    try:
        return _save(image, form, **options)
    except (RuntimeError, ValueError):
        # What has room fails for want of memory alone: libwebp's "encoding error 1" or 2, libavif's
        # "Failed to encode image: Out of memory".
        raise OutOfMemory from None


def _save(image: Image.Image, form: str, **options: Any) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, form, exif=b"", icc_profile=None, **options)
    return out.getvalue()


_WRITERS: dict[str, Callable[[Composite, int], bytes]] = {
    "png": _write_png,
    "webp": _write_webp,
    "jpg": _write_jpg,
    "avif": _write_avif,
    "zip": _write_zip,
}
