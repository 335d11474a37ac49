"""A photo's bytes to upright 8-bit sRGB pixels, one parser at a time.

The bytes are hostile until decoded: the kind is read off the content, only that kind's parser is
opened, and the size is checked before a pixel is unpacked. Whatever a parser throws becomes a
PhotoError without the parser's own text.
"""

from __future__ import annotations

import importlib
import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pillow_heif
from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin

from processing.engine.colour import split_transparency, to_srgb
from processing.engine.completeness import is_cut_short
from processing.engine.errors import (
    DecodeFailed,
    EmptyFile,
    OutOfMemory,
    TooLarge,
    TooManyPixels,
    Truncated,
)
from processing.engine.limits import Limits
from processing.engine.sniff import Header, check_head, check_pixels

# Imported for their registration with Pillow; the five others come with Pillow itself.
PARSERS = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
_FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "heic": "HEIF",
    "tiff": "TIFF",
    "gif": "GIF",
    "bmp": "BMP",
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Everything that Pillow's parsers were seen to throw at malformed files, fuzzers' finds included.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)

pillow_heif.register_heif_opener()
importlib.import_module("PIL.JpegImagePlugin")


@dataclass
class Decoded:
    """`rgb` upright in sRGB; `alpha` (L, same size, 255 is solid) for a photo with holes."""

    rgb: Image.Image
    alpha: Image.Image | None
    kind: str


def decode(photo: bytes, limits: Limits) -> Decoded:
    """Decodes the first frame. Raises only PhotoErrors."""
    header = check(photo, limits)
    try:
        with _guard(limits):
            return _decode(photo, header, limits)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise TooManyPixels from None
    except MemoryError:
        raise OutOfMemory from None
    except _BROKEN as error:
        raise (Truncated if is_cut_short(header.kind, photo) else DecodeFailed) from error


def check(photo: bytes, limits: Limits) -> Header:
    """Refuses what needs no decoding to be refused. Raises PhotoErrors."""
    if not photo:
        raise EmptyFile
    if len(photo) > limits.max_bytes:
        raise TooLarge.over(limits.max_bytes)
    return check_head(photo, limits)


@contextmanager
def _guard(limits: Limits) -> Iterator[None]:
    """Pillow's own bomb checks, at our limit: they see what no header tells (frames, chunks)."""
    before = Image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        Image.MAX_IMAGE_PIXELS = limits.max_pixels
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _decode(photo: bytes, header: Header, limits: Limits) -> Decoded:
    with Image.open(io.BytesIO(photo), formats=[_FORMATS[header.kind]]) as image:
        check_pixels(*image.size, limits)
        image.load()
        check_pixels(*image.size, limits)
        turn = _find_turn(image)
        colour, alpha = split_transparency(image)
        rgb = to_srgb(colour, image.info.get("icc_profile"))
        if rgb is image:
            rgb = image.copy()
    if turn is not None:
        rgb = rgb.transpose(turn)
        alpha = alpha and alpha.transpose(turn)
    return Decoded(rgb, alpha, header.kind)


def _find_turn(image: Image.Image) -> Image.Transpose | None:
    """Which way up, by EXIF; a broken EXIF block is no reason to refuse a photo."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return None
