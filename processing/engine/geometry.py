"""Where the subject comes to lie: region, crop, scale, position, canvas and size in one step.

Everything is worked out in numbers first, so that a pixel is resampled once at most, and only the
part of the photo that will be seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

from processing.engine.choices import Region
from processing.engine.errors import BadOption, UnknownForeground
from processing.engine.options import Options
from processing.engine.sizes import SIZES, Box
from processing.phrases import phrase

Edges = tuple[int, int, int, int]
"""Left, upper, right, lower; the last two just outside."""
Places = tuple[float, float, float, float]

# What is fainter than this (of 255, 3 %) is not seen, and does not count as subject.
SEEN = 8
_SEEN_OR_NOT = [0] * SEEN + [255] * (256 - SEEN)


@dataclass(frozen=True)
class Layout:
    """`source` of the photo is shown on `target` of a result of `width` times `height` pixels.

    `subject`: where the subject lies on the result, cut to it.
    """

    width: int
    height: int
    source: Places
    target: Edges
    subject: Edges

    @property
    def fills(self) -> bool:
        """Whether the photo covers the whole result."""
        return self.target == (0, 0, self.width, self.height)


def keep_region(mask: Image.Image, region: Region | None) -> Image.Image:
    """The mask with nothing outside the region. Raises BadOption where it lies beyond the photo."""
    if region is None:
        return mask
    width, height = mask.size
    left, right = (round(end.of(width)) for end in (region.left, region.right))
    top, bottom = (round(end.of(height)) for end in (region.top, region.bottom))
    if right > width or bottom > height:
        inside = phrase(
            "corners inside the photo, %(width)s × %(height)s pixels", width=width, height=height
        )
        raise BadOption.named("roi", inside)
    if left >= right or top >= bottom:
        raise BadOption.named("roi", phrase("two corners with at least a pixel between them"))
    kept = Image.new("L", mask.size, 0)
    kept.paste(mask.crop((left, top, right, bottom)), (left, top))
    return kept


def find_subject(mask: Image.Image) -> Edges:
    """Raises UnknownForeground where the mask shows nothing."""
    edges = mask.point(_SEEN_OR_NOT).getbbox()
    if edges is None:
        raise UnknownForeground
    return edges


def lay_out(mask: Image.Image, options: Options) -> Layout:
    """`mask` is that of the photo, after `keep_region`. Raises UnknownForeground."""
    subject = find_subject(mask)
    frame = _find_frame(mask.size, subject, options)
    full_width, full_height, zoom, left, top = _place(frame, subject, options)
    width, height = fit_size(full_width, full_height, options.size)
    across, down = width / full_width, height / full_height
    photo = (
        left * across,
        top * down,
        (left + mask.width * zoom) * across,
        (top + mask.height * zoom) * down,
    )
    target = _cut(photo, width, height)
    source = _find_source(photo, target, mask.size)
    seen = (
        (left + subject[0] * zoom) * across,
        (top + subject[1] * zoom) * down,
        (left + subject[2] * zoom) * across,
        (top + subject[3] * zoom) * down,
    )
    return Layout(width, height, source, target, _cut(seen, width, height))


def _find_frame(photo: tuple[int, int], subject: Edges, options: Options) -> Edges:
    """What is shown of the photo: all of it, or the subject with its margins, even beyond it."""
    if options.crop is None:
        return (0, 0, *photo)
    left, top, right, bottom = subject
    width, height = right - left, bottom - top
    return (
        left - round(options.crop.left.of(width)),
        top - round(options.crop.top.of(height)),
        right + round(options.crop.right.of(width)),
        bottom + round(options.crop.bottom.of(height)),
    )


def _place(frame: Edges, subject: Edges, options: Options) -> tuple[int, int, float, float, float]:
    """The canvas's size, how much the photo grows on it, and where its upper left corner comes."""
    frame_width, frame_height = frame[2] - frame[0], frame[3] - frame[1]
    canvas = options.canvas or Box(frame_width, frame_height)
    subject_width, subject_height = subject[2] - subject[0], subject[3] - subject[1]
    if options.scale is None:
        zoom = min(canvas.width / frame_width, canvas.height / frame_height)
    else:
        share = options.scale / 100
        zoom = min(canvas.width * share / subject_width, canvas.height * share / subject_height)
    if options.position is None:
        left = (canvas.width - frame_width * zoom) / 2 - frame[0] * zoom
        top = (canvas.height - frame_height * zoom) / 2 - frame[1] * zoom
    else:
        room = canvas.width - subject_width * zoom, canvas.height - subject_height * zoom
        left = room[0] * options.position.across / 100 - subject[0] * zoom
        top = room[1] * options.position.down / 100 - subject[1] * zoom
    if zoom == 1:
        left, top = round(left), round(top)
    return canvas.width, canvas.height, zoom, left, top


def fit_size(width: int, height: int, size: str | Box) -> tuple[int, int]:
    """The largest size of the same proportions that `size` allows, but never a larger one."""
    if isinstance(size, Box):
        factor = min(1.0, size.width / width, size.height / height)
        return max(1, round(width * factor)), max(1, round(height * factor))
    most = SIZES[size]
    if most is None or width * height <= most:
        return width, height
    factor = math.sqrt(most / (width * height))
    # A side of one pixel cannot shrink: then the other side alone has to.
    fitted = max(1, int(width * factor)), max(1, int(height * factor))
    return min(fitted[0], most // fitted[1]), min(fitted[1], most // fitted[0])


def _cut(places: Places, width: int, height: int) -> Edges:
    """Whole pixels of the result, at least one of them."""
    left = min(max(round(places[0]), 0), width - 1)
    top = min(max(round(places[1]), 0), height - 1)
    right = min(max(round(places[2]), left + 1), width)
    return left, top, right, min(max(round(places[3]), top + 1), height)


def _find_source(photo: Places, target: Edges, size: tuple[int, int]) -> Places:
    """The part of the photo, in its own pixels, that lies beneath `target`."""
    found = []
    for near, far, side, low, high in (
        (photo[0], photo[2], size[0], target[0], target[2]),
        (photo[1], photo[3], size[1], target[1], target[3]),
    ):
        step = side / (far - near)
        start = min(max((low - near) * step, 0.0), side - step if side > step else 0.0)
        found.append((start, max(min((high - near) * step, float(side)), start + min(step, side))))
    return found[0][0], found[1][0], found[0][1], found[1][1]


def take(image: Image.Image, layout: Layout) -> Image.Image:
    """The part of a photo or of its mask that is shown, at the size it is shown at.

    Pixels that keep their size are the photo's own, bit for bit; all of them are `image` itself.
    """
    left, top, right, bottom = layout.target
    size = (right - left, bottom - top)
    whole = tuple(round(place) for place in layout.source)
    if whole == (0, 0, *image.size) and size == image.size:
        return image
    if (whole[2] - whole[0], whole[3] - whole[1]) == size and _near(whole, layout.source):
        return image.crop((whole[0], whole[1], whole[2], whole[3]))
    return image.resize(size, Image.Resampling.LANCZOS, layout.source, reducing_gap=1.5)


def _near(whole: tuple[int, ...], places: Places) -> bool:
    """Whether the places are whole but for rounding."""
    return all(abs(one - other) < 1e-6 for one, other in zip(whole, places, strict=True))
