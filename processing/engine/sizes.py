"""How large a result is: names for a number of pixels, or a box to fit into."""

from __future__ import annotations

import re
from dataclasses import dataclass

from processing.engine.errors import BadOption
from processing.phrases import phrase

FULL = 50_000_000
SIZES = {"preview": 250_000, "medium": 1_500_000, "hd": 4_000_000, "full": FULL, "original": None}
"""Most pixels, width times height; `original` is never shrunk."""
_OTHER_NAMES = {
    "small": "preview",
    "regular": "preview",
    "4k": "full",
    "50mp": "full",
    "auto": "full",
}
_BOX = re.compile(r"([0-9]{1,5})[x×]([0-9]{1,5})")
_LONGEST_SIDE = 20_000

SIZE = phrase("preview, medium, hd, full, original or a box such as 1200x800")
CANVAS = phrase("a box such as 2000x2000, of 50 megapixels and 20000 pixels a side at most")


@dataclass(frozen=True)
class Box:
    """Whole pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        sides = (self.width, self.height)
        if any(type(side) is not int or not 1 <= side <= 99_999 for side in sides):
            raise BadOption.named("box", phrase("a box such as 1200x800"))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


def read_size(option: str, size: object) -> str | Box:
    """The name of one of SIZES, or a box. Raises BadOption."""
    if isinstance(size, Box):
        return size
    if not isinstance(size, str):
        raise BadOption.named(option, SIZE)
    name = _OTHER_NAMES.get(size.lower(), size.lower())
    return name if name in SIZES else _read_box(option, name, SIZE)


def read_canvas(option: str, canvas: object) -> Box:
    """Raises BadOption for what is no box, or one that no result could fill."""
    if not isinstance(canvas, (str, Box)):
        raise BadOption.named(option, CANVAS)
    box = _read_box(option, canvas, CANVAS) if isinstance(canvas, str) else canvas
    if box.width * box.height > FULL or max(box.width, box.height) > _LONGEST_SIDE:
        raise BadOption.named(option, CANVAS)
    return box


def _read_box(option: str, text: str, allowed: str) -> Box:
    found = _BOX.fullmatch(text.lower())
    if not found or 0 in (sides := (int(found[1]), int(found[2]))):
        raise BadOption.named(option, allowed)
    return Box(*sides)
