"""TIFFs of 16, 32 and 64 bits a sample, whole or real numbers: scaled to 8 bits, never clipped.

Pillow refuses some of these layouts and garbles others: whole numbers of 32 bits beyond half of
their range come out black, planes of 16 bits that lie apart as stripes. So its codecs unpack them
all as plain bytes, as a grey picture with one pixel a byte, and what the bytes mean is found here:
predictors, order of bytes, planes, what is white.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from processing.engine import directory
from processing.engine.bombs import limit_pixels
from processing.engine.directory import Directory, describe_anew, read_directory
from processing.engine.errors import TooManyPixels
from processing.engine.limits import MOST_DEEP_BYTES, Limits
from processing.engine.linear import GAMMA, bend
from processing.engine.sniff import check_pixels

Samples = NDArray[Any]
"""In rows, columns and channels."""
Shares = NDArray[np.float32]
"""The same from 0 to 1."""

# Of the kinds of numbers (SampleFormat); 4, "undefined", is read as whole numbers like 1.
_NUMBERS = {1: "u", 2: "i", 3: "f", 4: "u"}
_DEPTHS = (16, 32, 64)
_MOST_SAMPLES = 6  # Pillow's own limit.
# Colours by PhotometricInterpretation: white is zero, black is zero, RGB, CMYK.
_COLOURS = {0: 1, 1: 1, 2: 3, 5: 4}
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_ASSOCIATED, _UNASSOCIATED = 1, 2
# LZW, both numbers of deflate, LZMA and Zstandard; with others a predictor means nothing.
_PREDICTING = frozenset({5, 8, 32946, 34925, 50000})
_DIFFERENCES, _REAL_DIFFERENCES = 2, 3
_BAND_BYTES = 1 << 22


@dataclass(frozen=True)
class _Layout:
    """Rows are `pieces` (1, or tiles) of `across` pixels each, in `planes` pictures."""

    width: int
    height: int
    photometric: int
    samples: int
    alpha: int
    """The kind of the first extra sample; 0 where it means nothing or is not there."""
    number: np.dtype[Any]
    predictor: int
    planes: int
    across: int

    @property
    def colours(self) -> int:
        return _COLOURS[self.photometric]

    @property
    def pieces(self) -> int:
        return -(-self.width // self.across)

    @property
    def row_bytes(self) -> int:
        """Of one plane."""
        return self.pieces * self.across * (self.samples // self.planes) * self.number.itemsize


def read_deep_tiff(photo: bytes, limits: Limits) -> Image.Image | None:
    """L, LA, RGB, RGBA or CMYK of 8 bits; None for a TIFF of fewer bits, or of other colours.

    `photo` is an essence. Raises TooManyPixels, and whatever Pillow throws at broken pieces.
    """
    found = read_directory(photo)
    layout = found and _find_layout(found)
    if not found or not layout:
        return None
    check_pixels(layout.width, layout.height, limits)
    size = layout.row_bytes * layout.planes * layout.height
    if size > MOST_DEEP_BYTES:
        most = MOST_DEEP_BYTES * layout.width * layout.height // size
        raise TooManyPixels.over(layout.width, layout.height, most)
    profile = found.content(directory.PROFILE)
    bent = bend(profile)
    with limit_pixels(MOST_DEEP_BYTES):
        planes = [_unpack(found, layout, plane) for plane in range(layout.planes)]
        image = _scale(planes, layout, 1.0 if bent is None else 1 / GAMMA)
    if profile:
        image.info["icc_profile"] = bent or profile
    return image


def _find_layout(found: Directory) -> _Layout | None:
    """None for what Pillow can be left with: it reads it rightly, or refuses it."""
    width, height = _first(found, directory.WIDTH), _first(found, directory.HEIGHT)
    photometric, samples = _first(found, directory.PHOTOMETRIC), _first(found, directory.SAMPLES, 1)
    depths = set(found.numbers(directory.BITS))
    letters = {_NUMBERS.get(kind) for kind in found.numbers(directory.FORMAT) or (1,)}
    colours = _COLOURS.get(photometric, samples + 1)
    if len(depths) != 1 or not depths <= {*_DEPTHS} or len(letters) != 1:
        return None
    order, depth, letter = found.order, depths.pop(), letters.pop()
    across = _first(found, directory.TILE_WIDTH, width)
    if letter is None or not width * height * across or not colours <= samples <= _MOST_SAMPLES:
        return None
    compression = _first(found, directory.COMPRESSION, 1)
    predictor = _first(found, directory.PREDICTOR, 1) if compression in _PREDICTING else 1
    return _Layout(
        width=width,
        height=height,
        photometric=photometric,
        samples=samples,
        alpha=_find_alpha(found, samples - colours),
        number=np.dtype(f"{order}{letter}{depth // 8}"),
        predictor=predictor,
        planes=samples if _first(found, directory.PLANES, 1) == 2 else 1,
        across=across,
    )


def _first(found: Directory, tag: int, otherwise: int = 0) -> int:
    return next(iter(found.numbers(tag)), otherwise)


def _find_alpha(found: Directory, extra: int) -> int:
    """A single extra sample of which nothing is said counts as one, as with fewer bits."""
    if not extra:
        return 0
    return _first(found, directory.EXTRA_SAMPLES, _UNASSOCIATED if extra == 1 else 0)


def _unpack(found: Directory, layout: _Layout, plane: int) -> Image.Image:
    """One plane's bytes as a grey picture."""
    per_pixel = layout.samples // layout.planes * layout.number.itemsize
    tags = {
        directory.WIDTH: [layout.row_bytes],
        directory.HEIGHT: [layout.height],
        directory.BITS: [8],
        directory.COMPRESSION: [_first(found, directory.COMPRESSION, 1)],
        directory.PHOTOMETRIC: [1],
        directory.FILL_ORDER: [_first(found, directory.FILL_ORDER, 1)],
        directory.SAMPLES: [1],
    }
    if tiles := found.numbers(directory.TILES):
        tags[directory.TILE_WIDTH] = [layout.across * per_pixel]
        tags[directory.TILE_HEIGHT] = [_first(found, directory.TILE_HEIGHT)]
        pieces = {directory.TILES: tiles, directory.TILE_BYTES: found.numbers(directory.TILE_BYTES)}
    else:
        rows = _first(found, directory.ROWS_PER_STRIP, layout.height)
        tags[directory.ROWS_PER_STRIP] = [min(rows, layout.height)]
        pieces = {tag: found.numbers(tag) for tag in (directory.STRIPS, directory.STRIP_BYTES)}
    for tag, values in pieces.items():
        own = len(values) // layout.planes
        if own:
            tags[tag] = list(values[plane * own : (plane + 1) * own])
    image = TiffImagePlugin.TiffImageFile(io.BytesIO(describe_anew(found, tags)))
    image.load()
    return image


def _scale(planes: list[Image.Image], layout: _Layout, exponent: float) -> Image.Image:
    """`exponent` is what colours are raised to, from 0 to 1."""
    colours = layout.colours
    has_alpha = layout.alpha in (_ASSOCIATED, _UNASSOCIATED) and colours < 4
    white = _find_white(planes, layout, slice(colours))
    full = _find_white(planes, layout, slice(colours, colours + 1)) if has_alpha else 1.0
    pixels = np.empty((layout.height, layout.width, colours + has_alpha), np.uint8)
    for rows, values in _bands(planes, layout):
        shares = _share(values[..., :colours], white)
        if has_alpha:
            solid = _share(values[..., colours], full)
            pixels[rows, :, colours] = _round(solid)
            if layout.alpha == _ASSOCIATED:
                shares = np.minimum(shares / np.maximum(solid[..., None], np.float32(1e-6)), 1)
        if layout.photometric == 0:
            shares = 1 - shares
        pixels[rows, :, :colours] = _round(shares if exponent == 1.0 else shares**exponent)
    mode = "CMYK" if colours == 4 else _MODES[pixels.shape[2]]
    return Image.frombytes(mode, (layout.width, layout.height), pixels.data)


def _bands(planes: list[Image.Image], layout: _Layout) -> Iterator[tuple[slice, Samples]]:
    step = max(1, _BAND_BYTES // layout.row_bytes)
    for top in range(0, layout.height, step):
        rows = slice(top, min(top + step, layout.height))
        parts = [_read_rows(plane, rows, layout) for plane in planes]
        yield rows, parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2)


def _read_rows(plane: Image.Image, rows: slice, layout: _Layout) -> Samples:
    """Numbers in this machine's order, without what a predictor did to them."""
    count, size = rows.stop - rows.start, layout.number.itemsize
    samples = layout.samples // layout.planes
    content = plane.crop((0, rows.start, layout.row_bytes, rows.stop)).tobytes()
    stored = np.frombuffer(content, np.uint8).reshape(count, layout.pieces, -1)
    own = layout.number.newbyteorder("=")
    if layout.predictor == _REAL_DIFFERENCES:
        # The bytes of a row apart, the most significant ones first whatever the file's order.
        whole = np.cumsum(stored.reshape(*stored.shape[:2], -1, samples), axis=2, dtype=np.uint8)
        together = whole.reshape(*stored.shape[:2], size, -1).swapaxes(2, 3)
        numbers = np.ascontiguousarray(together).view(own.newbyteorder(">")).astype(own)
    elif layout.predictor == _DIFFERENCES:
        steps = stored.view(f"{layout.number.byteorder}u{size}")
        apart = steps.reshape(*stored.shape[:2], -1, samples)
        numbers = np.cumsum(apart, axis=2, dtype=f"u{size}").view(own)
    else:
        numbers = stored.view(layout.number).astype(own)
    whole_rows: Samples = numbers.reshape(count, -1, samples)
    return whole_rows[:, : layout.width]


def _find_white(planes: list[Image.Image], layout: _Layout, channels: slice) -> float:
    """The value that stands for white. 16 bits use their range; wider numbers do not always, and
    nothing says so.

    Real numbers go from 0 to 1, with highlights beyond that are cut off, unless most are beyond.
    Whole ones of which the largest is a sixteenth of their range would come out all but black.
    """
    number = layout.number
    if number.kind == "u" and number.itemsize == 2:
        return 65535.0
    top, dim, bright = 0.0, 0, 0
    for _, values in _bands(planes, layout):
        known = values[..., channels].astype(np.float32)
        known = np.nan_to_num(known, nan=0.0, posinf=0.0, neginf=0.0)
        top = max(top, float(known.max(initial=0.0)))
        bright += int(np.count_nonzero(known > 1))
        dim += int(np.count_nonzero((known > 0) & (known <= 1)))
    if number.kind == "f" and dim >= bright:
        return 1.0
    if number.kind != "f" and 16 * top >= np.iinfo(number).max:
        return float(np.iinfo(number).max)
    return 255.0 if top <= 255 else max(top, 65535.0)


def _share(values: Samples, white: float) -> Shares:
    """Of white; what is beyond it is white as well."""
    known = np.nan_to_num(values.astype(np.float32), nan=0.0)
    shares: Shares = np.clip(known / np.float32(white), 0, 1)
    return shares


def _round(shares: Shares) -> NDArray[np.uint8]:
    return (shares * 255 + np.float32(0.5)).astype(np.uint8)
