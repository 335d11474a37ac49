"""A cutout's layers as the options want them: laid out, freed of the old ground, on a new one."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from processing.engine.backgrounds import paint_background
from processing.engine.cutting import Cutout
from processing.engine.geometry import Edges, Layout, keep_region, lay_out, take
from processing.engine.options import Options
from processing.engine.shadows import cast_shadow

# See-through layers are put together in bands of about this many pixels, to bound the memory.
_BAND_PIXELS = 4_000_000


@dataclass
class Composite:
    """`rgb` with its `mask` (L, 255 is solid; None where all of it is); without `rgb` the mask is
    all that is wanted. `subject`: where the subject lies. `borrowed`: `rgb` is the cutout's own.
    """

    rgb: Image.Image | None
    mask: Image.Image | None
    subject: Edges
    borrowed: bool = False

    @property
    def size(self) -> tuple[int, int]:
        layer = self.rgb or self.mask
        assert layer is not None
        return layer.size

    def own(self) -> Image.Image:
        """The colours, to be painted over."""
        assert self.rgb is not None
        return self.rgb.copy() if self.borrowed else self.rgb


def compose(cutout: Cutout, options: Options, picture: Image.Image | None = None) -> Composite:
    """Leaves the cutout as it is. Colours beneath holes are whatever they are.

    `picture` (RGB) is the background that the options name. Raises BadOption where a region or a
    picture does not go with this photo, UnknownForeground where the region holds no subject.
    """
    whole = keep_region(cutout.mask, options.roi)
    layout = lay_out(whole, options)
    part = take(whole, layout)
    mask = _spread(part, layout)
    if options.channels == "alpha":
        return Composite(None, mask, layout.subject)
    rgb = take(cutout.rgb, layout)
    if options.channels == "rgb":
        return Composite(_spread(rgb, layout), None, layout.subject, borrowed=rgb is cutout.rgb)
    if options.despill and any(part.histogram()[1:255]):
        from processing.engine.foreground import estimate_foreground

        rgb = estimate_foreground(rgb, part)
    rgb = _spread(rgb, layout)
    ground = None
    if options.background is not None:
        ground = paint_background(options.background, layout, cutout.rgb, whole, picture)
    composite = Composite(rgb, mask, layout.subject, borrowed=rgb is cutout.rgb)
    if options.shadow is None and ground is None:
        return composite
    dark = _darken(mask, layout, options)
    if ground is None or ground.mode == "RGBA":
        solid = mask.copy() if mask is cutout.mask else mask
        return Composite(*_stack(ground, dark, composite.own(), solid), layout.subject)
    if dark is not None:
        ground.paste(dark[0], mask=dark[1])
    ground.paste(rgb, mask=mask)
    return Composite(ground, None, layout.subject)


def _spread(part: Image.Image, layout: Layout) -> Image.Image:
    """The part on the whole result, nothing around it."""
    if layout.fills:
        return part
    whole = Image.new(part.mode, (layout.width, layout.height))
    whole.paste(part, layout.target[:2])
    return whole


_Dark = tuple[tuple[int, int, int], Image.Image]


def _darken(mask: Image.Image, layout: Layout, options: Options) -> _Dark | None:
    """The shadow's colour, and how much of it there is."""
    if options.shadow is None:
        return None
    colour = options.shadow.colour
    shadow = cast_shadow(mask, layout.subject, options.shadow)
    if colour.alpha < 255:
        shadow = shadow.point([round(value * colour.alpha / 255) for value in range(256)])
    return colour.rgb, shadow


def _stack(
    ground: Image.Image | None, dark: _Dark | None, rgb: Image.Image, mask: Image.Image
) -> tuple[Image.Image, Image.Image]:
    """Layers that can all be seen through, put together in `rgb` and `mask`."""
    step = max(1, _BAND_PIXELS // rgb.width)
    for top in range(0, rgb.height, step):
        band = (0, top, rgb.width, min(top + step, rgb.height))
        size = (rgb.width, band[3] - top)
        stack = Image.new("RGBA", size) if ground is None else ground.crop(band)
        if dark is not None:
            shadow = Image.new("RGBA", size, dark[0])
            shadow.putalpha(dark[1].crop(band))
            stack = Image.alpha_composite(stack, shadow)
        subject = rgb.crop(band)
        subject.putalpha(mask.crop(band))
        stack = Image.alpha_composite(stack, subject)
        rgb.paste(stack.convert("RGB"), (0, top))
        mask.paste(stack.getchannel("A"), (0, top))
    return rgb, mask
