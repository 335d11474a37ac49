"""What is put behind the subject: a colour, a gradient, a picture or the blurred photo."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from processing.engine.choices import Background, Blur, Gradient
from processing.engine.colours import Colour
from processing.engine.decoding import decode
from processing.engine.dithering import Floats, blur, grow, paint
from processing.engine.errors import BadOption
from processing.engine.extending import fill_gaps
from processing.engine.geometry import Layout, Places
from processing.engine.limits import Limits
from processing.phrases import phrase

# At a strength of 100 the photo is blurred by a Gaussian of this share of its longer side.
_WIDEST = 0.06
# A blurred photo has no detail: it is worked out at this sigma (in pixels), and at most so large.
_WORKING_SIGMA, _WORKING_PIXELS = 4.0, 2_000_000
# What is covered more than this has too much of the subject's colour.
_GROUND = 0.9


def open_picture(data: bytes, limits: Limits) -> Image.Image:
    """Somebody's picture for a background (RGB, upright); its holes become white.

    It is as hostile as any photo, and goes the same way. Raises PhotoErrors.
    """
    decoded = decode(data, limits)
    if decoded.alpha is None:
        return decoded.rgb
    white = Image.new("RGB", decoded.rgb.size, (255, 255, 255))
    white.paste(decoded.rgb, mask=decoded.alpha)
    return white


def paint_background(
    background: Background,
    layout: Layout,
    photo: Image.Image,
    mask: Image.Image,
    picture: Image.Image | None,
) -> Image.Image:
    """RGB, or RGBA where it can be seen through, of the layout's size.

    `photo` and `mask` are the whole ones; `picture` is what a Picture names. Raises BadOption.
    """
    size = (layout.width, layout.height)
    if isinstance(background, Colour):
        return _paint_colour(background, size)
    if isinstance(background, Gradient):
        return _paint_gradient(background, size)
    if isinstance(background, Blur):
        return _blur_photo(background, layout, photo, mask)
    if picture is None:
        raise BadOption.named("bg_image", phrase("the picture itself beside its hash"))
    return cover(picture, size)


def cover(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle of the picture, as large as it can be, so that it fills `size`."""
    return picture.resize(
        size, Image.Resampling.LANCZOS, _find_middle(picture.size, size), reducing_gap=1.5
    )


def _find_middle(whole: tuple[int, int], size: tuple[int, int]) -> Places:
    step = min(whole[0] / size[0], whole[1] / size[1])
    # Rounding must not lead outside.
    width, height = min(step * size[0], whole[0]), min(step * size[1], whole[1])
    left, top = (whole[0] - width) / 2, (whole[1] - height) / 2
    return left, top, left + width, top + height


def _paint_colour(colour: Colour, size: tuple[int, int]) -> Image.Image:
    if colour.alpha == 255:
        return Image.new("RGB", size, colour.rgb)
    return Image.new("RGBA", size, (*colour.rgb, colour.alpha))


def _paint_gradient(gradient: Gradient, size: tuple[int, int]) -> Image.Image:
    """As CSS draws it: the line runs through the middle and is as long as lets the corners have
    the first and last colour (CSS Images Level 3, section 3.1.1); colours are mixed with their
    alpha multiplied in.
    """
    width, height = size
    angle = math.radians(gradient.angle)
    across, down = math.sin(angle), -math.cos(angle)
    length = abs(width * across) + abs(height * down)
    opaque = all(stop.colour.alpha == 255 for stop in gradient.stops)
    table = _mix_stops(gradient)[:, : 3 if opaque else 4]
    last = len(table) - 1
    columns = ((np.arange(width) + 0.5 - width / 2) * across / length + 0.5) * last

    def ramp(top: int, bottom: int) -> Floats:
        rows = (np.arange(top, bottom) + 0.5 - height / 2) * down / length * last
        at = columns.astype(np.float32)[None, :] + rows.astype(np.float32)[:, None]
        mixed: Floats = table[np.clip(at + np.float32(0.5), 0, last).astype(np.uint16)]
        return mixed

    return paint(size, table.shape[1], ramp)


def _mix_stops(gradient: Gradient) -> Floats:
    """Red, green, blue and alpha at 65,536 places of the line."""
    along = np.linspace(0, 100, 1 << 16)
    colours = np.array([(*stop.colour.rgb, stop.colour.alpha) for stop in gradient.stops], float)
    colours[:, :3] *= colours[:, 3:] / 255
    places = [stop.at for stop in gradient.stops]
    mixed = np.stack([np.interp(along, places, channel) for channel in colours.T], axis=1)
    mixed[:, :3] *= 255 / np.maximum(mixed[:, 3:], 1e-6)
    return mixed.astype(np.float32)


def _blur_photo(wanted: Blur, layout: Layout, photo: Image.Image, mask: Image.Image) -> Image.Image:
    """The subject is taken out first, so that it leaves no shine around itself, nor its ghost where
    it is moved away.

    Where the photo does not cover the result it is fitted over it like any picture.
    """
    size = (layout.width, layout.height)
    place = layout.source if layout.fills else _find_middle(photo.size, size)
    sigma = wanted.strength / 100 * _WIDEST * max(size)
    factor = min(1.0, _WORKING_SIGMA / sigma, math.sqrt(_WORKING_PIXELS / (size[0] * size[1])))
    small = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    colours = np.asarray(photo.resize(small, Image.Resampling.BOX, place, reducing_gap=2.0))
    solid = np.asarray(mask.resize(small, Image.Resampling.BOX, place, reducing_gap=2.0))
    share = 1 - solid.astype(np.float32)[:, :, None] / np.float32(255)
    share[share < _GROUND] = 0
    ground = colours.astype(np.float32)
    if share.any():
        ground = fill_gaps(ground * share, share)
    sigma *= small[0] / size[0]
    blurred = blur(ground, sigma, sigma)
    return grow(blurred, size)
