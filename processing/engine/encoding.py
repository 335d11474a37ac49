"""A cutout's files. Built from pixels alone: no metadata of the photo can reach them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image

from processing.engine.errors import TooManyPixels
from processing.engine.png import write_png
from processing.engine.render import Cutout, compose

PREVIEW_SIDE, THUMBNAIL_SIDE = 1024, 320
# What one side of a picture can hold in the format, in pixels.
_WEBP_SIDE, _JPEG_SIDE = 16383, 65500


def encode(cutout: Cutout, file: str) -> bytes:
    """`file` is one of FILES. Raises TooManyPixels where the format has no room for the cutout."""
    return _WRITERS[file](cutout)


def _write_cutout_png(cutout: Cutout) -> bytes:
    return write_png(compose(cutout.rgb, cutout.mask))


def _write_mask_png(cutout: Cutout) -> bytes:
    return write_png(cutout.mask)


def _write_cutout_webp(cutout: Cutout) -> bytes:
    _check_side(cutout, "WebP", _WEBP_SIDE)
    return _save(compose(cutout.rgb, cutout.mask), "WEBP", quality=90, method=0)


def _write_cutout_jpg(cutout: Cutout) -> bytes:
    _check_side(cutout, "JPEG", _JPEG_SIDE)
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
        rgb = rgb.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        mask = mask.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _save(compose(rgb, mask), "WEBP", quality=quality, method=2)


def _check_side(cutout: Cutout, form: str, most: int) -> None:
    if max(cutout.width, cutout.height) > most:
        raise TooManyPixels(
            f"This cutout is {cutout.width} × {cutout.height} pixels; {form} holds at most"
            f" {most} on a side. Download the PNG."
        )


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
