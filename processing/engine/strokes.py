"""Strokes of a brush: what somebody erases from a mask, or restores in it, as data.

Plain Python, because the web process reads and checks them. What they do to a mask is in `brush`;
`static/js/pure/strokes.js` does the same in the browser, from the same integers, so that what is
seen while one paints is what is saved (`tests/vectors/strokes.json` holds both to it).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from processing.engine.errors import BadStroke, TooManyStrokes

WORK_SIDE = 2048
"""Strokes are worked out on the photo at most so large, in pixels of its longer side."""
MOST_STROKES, MOST_POINTS, MOST_BYTES = 200, 20_000, 400_000
SMALLEST, LARGEST = 0.001, 0.5
"""A brush's size: its diameter, as a share of the photo's longer side."""
# What strokes may cost: so many stamps of the brush, and pixels under them, a second in all.
MOST_DABS, MOST_STAMPED = 100_000, 3_000_000_000
# And so many pixels of the boxes around them: a few seconds. In that of a smart one is searched,
# which takes four times as long.
MOST_LAID, SMART = 200 * WORK_SIDE**2, 4
_TOOLS = ("erase", "restore")
_NAMES = {"tool", "size", "hardness", "smart", "points"}

Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """`points` are shares of the photo's width and height; `hardness` is the share of the brush's
    radius that is solid. A smart stroke keeps to what looks like what is under its middle.
    """

    tool: str
    size: float
    hardness: float
    smart: bool
    points: tuple[Point, ...]


def read_strokes(text: str | bytes) -> tuple[Stroke, ...]:
    """From JSON: a list of objects. Raises TooManyStrokes, BadStroke."""
    if len(text) > MOST_BYTES:
        raise TooManyStrokes
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadStroke from None
    if not isinstance(found, list):
        raise BadStroke
    if len(found) > MOST_STROKES:
        raise TooManyStrokes
    strokes = tuple(_read_stroke(one) for one in found)
    if sum(len(stroke.points) for stroke in strokes) > MOST_POINTS:
        raise TooManyStrokes
    return strokes


def write_strokes(strokes: tuple[Stroke, ...]) -> bytes:
    """JSON that `read_strokes` reads as these; equal strokes are equal bytes."""
    plain = [
        {
            "tool": stroke.tool,
            "size": stroke.size,
            "hardness": stroke.hardness,
            "smart": stroke.smart,
            "points": stroke.points,
        }
        for stroke in strokes
    ]
    return json.dumps(plain, separators=(",", ":")).encode()


def check_effort(strokes: tuple[Stroke, ...], width: int, height: int) -> None:
    """Raises TooManyStrokes where they would take long on a photo of this size."""
    width, height = find_working_size(width, height)
    dabs = stamped = laid = 0
    for stroke in strokes:
        radius = find_radius(stroke.size, width, height)
        number = _count_dabs(stroke, width, height, find_step(radius))
        dabs += number
        stamped += number * min((2 * radius + 1) ** 2, width * height)
        laid += _count_box(stroke, width, height, radius) * (SMART if stroke.smart else 1)
    if dabs > MOST_DABS or stamped > MOST_STAMPED or laid > MOST_LAID:
        raise TooManyStrokes


def find_working_size(width: int, height: int) -> tuple[int, int]:
    """As large as the photo, or as WORK_SIDE lets it be."""
    longer = max(width, height)
    if longer <= WORK_SIDE:
        return width, height
    return (
        max(1, (2 * width * WORK_SIDE + longer) // (2 * longer)),
        max(1, (2 * height * WORK_SIDE + longer) // (2 * longer)),
    )


def find_radius(size: float, width: int, height: int) -> int:
    """In whole pixels: what a stamp reaches beyond its middle."""
    return max(1, math.ceil(size * max(width, height) / 2))


def find_step(radius: int) -> int:
    """How far two stamps are apart. A sixth of the radius shows no dents: they are a three
    hundredth of it deep."""
    return max(1, radius // 6)


def make_stamp(size: float, hardness: float, width: int, height: int) -> list[int]:
    """How much the brush covers, 0 to 255, at each squared distance from its middle.

    Solid up to `hardness` of its radius, from there falling to nothing; never sharper than a pixel.
    """
    radius = max(0.5, size * max(width, height) / 2)
    soft = max(1.0, radius * (1 - hardness))
    reach = find_radius(size, width, height)
    table = []
    for square in range(2 * reach * reach + 1):
        share = (radius + 0.5 - math.sqrt(square)) / soft
        table.append(math.floor(min(1.0, max(0.0, share)) * 255 + 0.5))
    return table


def find_dabs(stroke: Stroke, width: int, height: int) -> list[tuple[int, int]]:
    """The pixels on which the brush is stamped, along the stroke, each once in a row."""
    step = find_step(find_radius(stroke.size, width, height))
    dabs: list[tuple[int, int]] = []
    last: Point | None = None
    for point in stroke.points:
        x, y = point[0] * width, point[1] * height
        from_x, from_y = last or (x, y)
        across, down = x - from_x, y - from_y
        number = max(1, math.ceil(math.sqrt(across * across + down * down) / step))
        for at in range(1, number + 1):
            dab = _find_pixel(from_x + across * at / number, from_y + down * at / number)
            dab = min(max(dab[0], 0), width - 1), min(max(dab[1], 0), height - 1)
            if not dabs or dabs[-1] != dab:
                dabs.append(dab)
        last = (x, y)
    return dabs


def _find_pixel(x: float, y: float) -> tuple[int, int]:
    return math.floor(x), math.floor(y)


def _count_box(stroke: Stroke, width: int, height: int, radius: int) -> int:
    """Pixels of the box that a stroke lies in."""
    across = _find_length([x for x, _ in stroke.points], width, radius)
    return across * _find_length([y for _, y in stroke.points], height, radius)


def _find_length(shares: list[float], side: int, radius: int) -> int:
    """How far it reaches along a side."""
    first, last = min(shares) * side - radius, max(shares) * side + radius
    return min(side, math.ceil(last)) - max(0, math.floor(first))


def _count_dabs(stroke: Stroke, width: int, height: int, step: int) -> int:
    """At most so many; without making them."""
    number = 1
    for (x, y), (next_x, next_y) in zip(stroke.points, stroke.points[1:], strict=False):
        across, down = (next_x - x) * width, (next_y - y) * height
        number += max(1, math.ceil(math.sqrt(across * across + down * down) / step))
    return number


def _read_stroke(found: Any) -> Stroke:
    if not isinstance(found, dict) or set(found) != _NAMES:
        raise BadStroke
    if found["tool"] not in _TOOLS or not isinstance(found["smart"], bool):
        raise BadStroke
    points = found["points"]
    if not isinstance(points, list) or not points:
        raise BadStroke
    return Stroke(
        found["tool"],
        _read_number(found["size"], SMALLEST, LARGEST),
        _read_number(found["hardness"], 0, 1),
        found["smart"],
        tuple(_read_point(point) for point in points),
    )


def _read_point(found: Any) -> Point:
    if not isinstance(found, list) or len(found) != 2:
        raise BadStroke
    return _read_number(found[0], 0, 1), _read_number(found[1], 0, 1)


def _read_number(found: Any, low: float, high: float) -> float:
    """To five decimals: a tenth of a pixel of a photo that is 10,000 wide."""
    if not isinstance(found, (int, float)) or isinstance(found, bool) or not low <= found <= high:
        raise BadStroke
    return round(float(found), 5)


def _refuse(_: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError
