"""What an option can hold: small frozen values, each with the text it is read from and written to.

Every value checks itself when it is made, so none that is out of range can exist. Numbers are kept
to three decimals; finer ones would make other digests of the same picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from processing.engine.colours import Colour, read_colour
from processing.engine.errors import BadOption
from processing.phrases import phrase

_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(px|%)")

MARGINS = phrase("1, 2 or 4 margins such as 10% or 30px, up to 50% or 500px each")
REGION = phrase(
    "two corners such as 0% 10% 100% 90% or 20px 0px 640px 480px, the upper left one first"
)
_MOST = {"%": 50, "px": 500}
POSITION = phrase("original, center, or one or two shares such as 50% 100%")
GRADIENT = phrase("2 to 8 colours such as 135deg, #fff 0%, #ddd 100%, with shares that do not fall")


def check_number(option: str, value: object, low: float, high: float, allowed: str = "") -> float:
    """`value` to three decimals. Raises BadOption unless it is a number from `low` to `high`."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not low <= value <= high:  # type: ignore[operator]
        raise BadOption.named(
            option,
            allowed
            or phrase("a number from %(low)s to %(high)s", low=f"{low:g}", high=f"{high:g}"),
        )
    return round(float(value), 3) + 0.0  # type: ignore[arg-type]  # Adding 0.0 makes -0.0 plain.


def write_number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _are(kind: type, *values: object) -> bool:
    return all(isinstance(value, kind) for value in values)


def _settle(holder: object, **values: float) -> None:
    for name, value in values.items():
        object.__setattr__(holder, name, value)


@dataclass(frozen=True)
class Length:
    """`unit`: "px" are pixels of the photo, "%" a share of what the option names."""

    value: float
    unit: str = "px"

    def __post_init__(self) -> None:
        if self.unit not in ("px", "%"):
            raise BadOption.named("length", phrase("a length such as 10% or 30px"))
        _settle(self, value=check_number("length", self.value, 0, 999_999))

    def __str__(self) -> str:
        return f"{write_number(self.value)}{self.unit}"

    def of(self, whole: float) -> float:
        """In pixels."""
        return self.value if self.unit == "px" else whole * self.value / 100


def read_length(option: str, text: str, allowed: str) -> Length:
    """As CSS writes it: only a 0 may stand without its unit."""
    if text == "0":
        return Length(0)
    if not (found := _LENGTH.fullmatch(text)):
        raise BadOption.named(option, allowed)
    return Length(float(found[1]), found[2])


@dataclass(frozen=True)
class Margins:
    """Around the subject; a share is one of the subject's width or height."""

    top: Length = Length(0)
    right: Length = Length(0)
    bottom: Length = Length(0)
    left: Length = Length(0)

    def __post_init__(self) -> None:
        sides = (self.top, self.right, self.bottom, self.left)
        if not _are(Length, *sides) or any(side.value > _MOST[side.unit] for side in sides):
            raise BadOption.named("crop_margin", MARGINS)

    def __str__(self) -> str:
        return f"{self.top} {self.right} {self.bottom} {self.left}"


def read_margins(option: str, text: str) -> Margins:
    """One, two (upper and lower, left and right) or four (clockwise from above), as in CSS."""
    sides = [read_length(option, part, MARGINS) for part in text.split()]
    if len(sides) not in (1, 2, 4):
        raise BadOption.named(option, MARGINS)
    return Margins(*(sides * 4)[:4])


@dataclass(frozen=True)
class Region:
    """A rectangle of the photo, by its corners; what is outside counts as background."""

    left: Length
    top: Length
    right: Length
    bottom: Length

    def __post_init__(self) -> None:
        for near, far in ((self.left, self.right), (self.top, self.bottom)):
            if not _are(Length, near, far):
                raise BadOption.named("roi", REGION)
            turned = (near.unit == far.unit or not near.value) and near.value >= far.value
            if turned or any(end.unit == "%" and end.value > 100 for end in (near, far)):
                raise BadOption.named("roi", REGION)

    def __str__(self) -> str:
        return f"{self.left} {self.top} {self.right} {self.bottom}"


def read_region(option: str, text: str) -> Region | None:
    """None for the whole photo, which is what no region means."""
    corners = [read_length(option, part, REGION) for part in text.split()]
    if len(corners) != 4:
        raise BadOption.named(option, REGION)
    region = Region(*corners)
    whole = not corners[0].value and not corners[1].value
    return None if whole and corners[2:] == [Length(100, "%")] * 2 else region


@dataclass(frozen=True)
class Position:
    """Shares (%) of the room that is left beside the subject: 0 is left or above."""

    across: float = 50
    down: float = 50

    def __post_init__(self) -> None:
        across = check_number("position", self.across, 0, 100, POSITION)
        _settle(self, across=across, down=check_number("position", self.down, 0, 100, POSITION))

    def __str__(self) -> str:
        return f"{write_number(self.across)}% {write_number(self.down)}%"


def read_position(option: str, text: str) -> Position | None:
    """None for "original"; one share stands for both directions."""
    if text in ("original", "center", "centre"):
        return None if text == "original" else Position()
    shares = [read_length(option, part, POSITION) for part in text.split()]
    if len(shares) not in (1, 2) or any(share.value and share.unit == "px" for share in shares):
        raise BadOption.named(option, POSITION)
    return Position(shares[0].value, shares[-1].value)


@dataclass(frozen=True)
class Picture:
    """A picture as background. Only its hash is kept here: its pixels are handed to `render`."""

    sha256: str

    def __post_init__(self) -> None:
        if not _are(str, self.sha256) or not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise BadOption.named("bg_image", phrase("the SHA-256 of a picture, 64 hex digits"))


@dataclass(frozen=True)
class Blur:
    """The photo itself as background, blurred; `strength` is 1 to 100."""

    strength: float = 50

    def __post_init__(self) -> None:
        _settle(self, strength=check_number("bg_blur", self.strength, 1, 100))


@dataclass(frozen=True)
class Stop:
    """A colour of a gradient and its place, a share (%) of the way."""

    colour: Colour
    at: float

    def __post_init__(self) -> None:
        if not _are(Colour, self.colour):
            raise BadOption.named("bg_gradient", GRADIENT)
        _settle(self, at=check_number("bg_gradient", self.at, 0, 100, GRADIENT))


@dataclass(frozen=True)
class Gradient:
    """As `linear-gradient()` of CSS: 0 degrees run upwards, 90 to the right."""

    stops: tuple[Stop, ...]
    angle: float = 180

    def __post_init__(self) -> None:
        if not _are(tuple, self.stops) or not _are(Stop, *self.stops):
            raise BadOption.named("bg_gradient", GRADIENT)
        if not 2 <= len(self.stops) <= 8:
            raise BadOption.named("bg_gradient", GRADIENT)
        places = [stop.at for stop in self.stops]
        if places != sorted(places):
            raise BadOption.named("bg_gradient", GRADIENT)
        _settle(self, angle=check_number("bg_gradient", self.angle, 0, 360, GRADIENT))

    def __str__(self) -> str:
        stops = (f"{stop.colour} {write_number(stop.at)}%" for stop in self.stops)
        return ", ".join([f"{write_number(self.angle)}deg", *stops])


def read_gradient(option: str, text: str) -> Gradient:
    """Stops without a share are spread evenly; either all have one or none has."""
    first, *rest = (part.strip() for part in text.split(","))
    angle = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)deg", first)
    parts = [part.split() for part in (rest if angle else [first, *rest])]
    if not 2 <= len(parts) <= 8 or {len(part) for part in parts} not in ({1}, {2}):
        raise BadOption.named(option, GRADIENT)
    stops = []
    for place, (colour, *share) in enumerate(parts):
        at = read_length(option, share[0], GRADIENT) if share else None
        if at is not None and at.value and at.unit == "px":
            raise BadOption.named(option, GRADIENT)
        spread = 100 * place / (len(parts) - 1)
        stops.append(Stop(read_colour(option, colour), spread if at is None else at.value))
    return Gradient(tuple(stops), float(angle[1]) if angle else 180)


SHADOWS = ("contact", "drop")
_BLACK = Colour(0, 0, 0)


@dataclass(frozen=True)
class Shadow:
    """`kind`: "contact" lies on the ground beneath the subject, "drop" on a wall behind it.

    `opacity` (%); `blur` and `distance` in % of the subject's longer side, so that a preview looks
    like the full size; `angle`: where the light comes from, in degrees clockwise from above.
    """

    kind: str = "contact"
    opacity: float = 50
    blur: float = 3
    distance: float = 4
    angle: float = 330
    colour: Colour = _BLACK

    def __post_init__(self) -> None:
        if self.kind not in SHADOWS:
            raise BadOption.named("shadow", phrase("none, contact or drop"))
        if not _are(Colour, self.colour):
            raise BadOption.named("shadow_color", phrase("a colour such as #000000"))
        for name, most in (("opacity", 100), ("blur", 20), ("distance", 50), ("angle", 360)):
            value = check_number(f"shadow_{name}", getattr(self, name), 0, most)
            _settle(self, **{name: value})


Background = Colour | Picture | Blur | Gradient
