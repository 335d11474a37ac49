"""A photo's bytes to upright 8-bit sRGB pixels, one parser at a time.

The bytes are hostile until decoded: the kind is read off the content, the photo is reduced to what
its pixels need, only that kind's parser is opened, and the size is checked before a pixel is
unpacked. Whatever a parser throws becomes a PhotoError without the parser's own text.
"""

from __future__ import annotations

import importlib
import io
import struct
import threading
from dataclasses import dataclass

import pillow_heif
from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin

from processing.engine.bombs import limit_pixels
from processing.engine.colour import split_transparency, to_srgb
from processing.engine.completeness import is_cut_short
from processing.engine.deep_grey import WHITE
from processing.engine.deep_tiff import read_deep_tiff
from processing.engine.directory import BITS
from processing.engine.errors import (
    DecodeFailed,
    EmptyFile,
    OutOfMemory,
    PhotoError,
    TooLarge,
    TooManyPixels,
    Truncated,
)
from processing.engine.essence import Essence, find_essence
from processing.engine.limits import Limits
from processing.engine.sniff import Header, check_head, check_pixels
from processing.engine.turns import UPRIGHT, read_turn

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

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
importlib.import_module("PIL.JpegImagePlugin")
# What `limit_pixels` sets is of the whole process.
_ONE_AT_A_TIME = threading.Lock()


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
        with _ONE_AT_A_TIME, limit_pixels(limits.max_pixels):
            return _decode(photo, header, limits)
    except PhotoError:
        raise
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


def _decode(photo: bytes, header: Header, limits: Limits) -> Decoded:
    """Each layout of the pixels is given up as soon as the next one is made."""
    essence = find_essence(photo, header.kind)
    image, turn = _load(essence, header.kind, limits)
    colour, alpha = split_transparency(image)
    del image
    rgb = to_srgb(colour, colour.info.get("icc_profile"))
    del colour
    rgb.info = {}
    if turn in _TURNS:
        rgb = rgb.transpose(_TURNS[turn])
        alpha = alpha and alpha.transpose(_TURNS[turn])
    return Decoded(rgb, alpha, header.kind)


def _load(essence: Essence, kind: str, limits: Limits) -> tuple[Image.Image, int]:
    """Pixels as stored, and their turn, which some formats' parsers have undone already."""
    deep = read_deep_tiff(essence.photo, limits) if kind == "tiff" else None
    if deep is not None:
        return deep, essence.turn
    with Image.open(io.BytesIO(essence.photo), formats=[_FORMATS[kind]]) as image:
        check_pixels(*image.size, limits)
        image.load()
        check_pixels(*image.size, limits)
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(BITS) == (12,):
            image.info[WHITE] = 4095
    if kind == "png":
        _scale_key(image, essence.photo)
    turn = essence.turn
    if turn == UPRIGHT:
        turn = read_turn(image.info.get("exif") or b"")
    # The same memory in a plain image: a copy would double it, and the file hangs on this one.
    return image._new(image.im), turn  # noqa: SLF001


def _scale_key(image: Image.Image, png: bytes) -> None:
    """The colour that stands for a hole, as the pixels are: Pillow scales these to 8 bits, and
    leaves it as the file has it. Of 16 bits a channel only the upper half is there to compare.
    """
    key, depth = image.info.get("transparency"), png[24]
    if image.mode == "L" and isinstance(key, int):
        most = 2**depth - 1
        image.info["transparency"] = (key & most) * 255 // most
    elif image.mode == "RGB" and isinstance(key, tuple) and depth == 16:
        image.info["transparency"] = tuple(part >> 8 for part in key)
