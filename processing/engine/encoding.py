"""A cutout's files. Built from pixels alone: no metadata of the photo can reach them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from processing.engine.cutting import Cutout, compose
from processing.engine.errors import OutOfMemory, TooManyPixels
from processing.engine.limits import fits
from processing.engine.png import write_png

PREVIEW_SIDE, THUMBNAIL_SIDE = 1024, 320
# libwebp's fastest method fails ("encoding error 6") where a large photo's block modes outgrow the
# 512 kB that the format has for them: seen from 25 megapixels on, never up to 20.
_FASTEST_WEBP = 20_000_000


def encode(cutout: Cutout, file: str) -> bytes:
    """`file` is one of FILES. Raises TooManyPixels where it does not fit, OutOfMemory."""
    if not fits(file, cutout.width, cutout.height):
        raise TooManyPixels(
            f"This cutout is {cutout.width} × {cutout.height} pixels, more than {file} can hold."
            " Download the PNG."
        )
    try:
        return _WRITERS[file](cutout)
    except MemoryError:
        raise OutOfMemory from None


def _write_cutout_png(cutout: Cutout) -> bytes:
    return write_png(compose(cutout.rgb, cutout.mask))


def _write_mask_png(cutout: Cutout) -> bytes:
    return write_png(cutout.mask)


def _write_cutout_webp(cutout: Cutout) -> bytes:
    method = 0 if cutout.width * cutout.height <= _FASTEST_WEBP else 2
    return _save_webp(compose(cutout.rgb, cutout.mask), quality=90, method=method)


def _write_cutout_jpg(cutout: Cutout) -> bytes:
    canvas = Image.new("RGB", cutout.rgb.size, (255, 255, 255))
    canvas.paste(cutout.rgb, mask=cutout.mask)
    return _save(canvas, "JPEG", quality=92)


def _write_preview(cutout: Cutout) -> bytes:
    return _write_small(cutout, PREVIEW_SIDE, quality=85)


def _write_thumbnail(cutout: Cutout) -> bytes:
    return _write_small(cutout, THUMBNAIL_SIDE, quality=80)


def _write_small(cutout: Cutout, side: int, quality: int) -> bytes:
    """Colour and mask are shrunk apart: black from beneath holes must not bleed into edges."""
    scale = min(1.0, side / max(cutout.width, cutout.height))
    size = (max(1, round(cutout.width * scale)), max(1, round(cutout.height * scale)))
    rgb, mask = cutout.rgb, cutout.mask
    if size != rgb.size:
        rgb = rgb.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)
        mask = mask.resize(size, Image.Resampling.LANCZOS, reducing_gap=1.5)
    # Method 0: somebody waits for the preview, and halving its time costs it a third more bytes.
    return _save_webp(compose(rgb, mask), quality=quality, method=0)


def _save_webp(image: Image.Image, quality: int, method: int) -> bytes:
    try:
        return _save(image, "WEBP", quality=quality, method=method)
    except ValueError:
        # What fits fails for want of memory alone, which Pillow tells as "encoding error 1" or 2.
        raise OutOfMemory from None


def _save(image: Image.Image, form: str, **options: Any) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, form, exif=b"", icc_profile=None, **options)
    return out.getvalue()


_WRITERS: dict[str, Callable[[Cutout], bytes]] = {
    "cutout.png": _write_cutout_png,
    "cutout.webp": _write_cutout_webp,
    "cutout.jpg": _write_cutout_jpg,
    "mask.png": _write_mask_png,
    "preview.webp": _write_preview,
    "thumbnail.webp": _write_thumbnail,
}
