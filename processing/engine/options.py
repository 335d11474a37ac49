"""What may be chosen for one photo, the same for all front doors.

Everything is one flat mapping of names to text, which is what forms, queries, JSON and the command
line can all send. `Options.parse` reads it, `to_dict` writes it back, `digest` names the result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from processing.engine.choices import (
    Background,
    Blur,
    Gradient,
    Margins,
    Picture,
    Position,
    Region,
    Shadow,
    check_number,
)
from processing.engine.colours import Colour
from processing.engine.errors import BadOption
from processing.engine.mappings import SCALE, read_mapping, write_mapping
from processing.engine.sizes import Box, read_canvas, read_size
from processing.engine.words import CHANNELS, FORMATS, REFINEMENTS, check_word, read_quality
from processing.phrases import phrase

RENDER_VERSION = "3"
"""Raised whenever the same options make other pixels, so that no digest means two pictures."""


@dataclass(frozen=True)
class Options:
    """Every value is checked when it is made; raises BadOption.

    What would have no effect is dropped, so that equal results have equal options: `quality` of a
    PNG; a background or a shadow in a ZIP, whose files are the cutout's layers; everything but the
    mask's geometry with `channels="alpha"`, which is always a grey PNG, or with `channels="rgb"`,
    which is the photo as it is.

    `refine` and `keep_transparency` make the mask, all others what is rendered from it.
    """

    size: str | Box = "full"
    canvas: Box | None = None
    format: str = "png"
    quality: int | None = None
    channels: str = "rgba"
    crop: Margins | None = None
    roi: Region | None = None
    scale: float | None = None
    position: Position | None = None
    background: Background | None = None
    shadow: Shadow | None = None
    despill: bool = True
    refine: str = "fast"
    keep_transparency: bool = True

    def __post_init__(self) -> None:
        for name, kinds in _TYPES.items():
            if not isinstance(getattr(self, name), kinds):
                raise BadOption.named(name, phrase("a value of the documented kind"))
        for name, words in _WORDS.items():
            check_word(name, getattr(self, name), words)
        self._set(size=read_size("size", self.size))
        if self.canvas:
            read_canvas("canvas", self.canvas)
        if self.scale is not None:
            scale = check_number("scale", self.scale, 10, 100, SCALE)
            self._set(scale=scale, position=self.position or Position())
        if self.quality is not None:
            read_quality("quality", self.quality)
        self._drop_what_has_no_effect()

    def _drop_what_has_no_effect(self) -> None:
        if self.channels == "alpha":
            self._set(format="png", despill=True)
        if self.format == "zip":
            self._set(channels="rgba")
        if self.channels == "rgb":
            self._set(despill=True)
        if self.channels != "rgba" or self.format == "zip":
            self._set(background=None, shadow=None)
        if isinstance(self.background, Colour) and not self.background.alpha:
            self._set(background=None)
        if self.shadow and not self.shadow.opacity:
            self._set(shadow=None)
        if self.format == "png":
            self._set(quality=None)

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Options:
        """Reads the names and values that docs/engine.md lists. Raises BadOption.

        A value is text, or a number or boolean of JSON. None and "" mean "not set". `preset` stands
        for what its data say, and what is sent beside it goes before that; it is not kept, so that
        stored options mean the same when a marketplace changes its rule.
        """
        return cls(**read_mapping(wanted))

    @classmethod
    def over(cls, base: Mapping[str, Any], wanted: Mapping[str, Any]) -> Options:
        """As `parse`, where what `base` says holds wherever nothing else is wanted.

        `base` is a mapping that `to_dict` wrote. A background takes the place of its background,
        and "none" takes it away. Raises BadOption.
        """
        return cls(**read_mapping(wanted, base))

    def to_dict(self) -> dict[str, str | int | float | bool]:
        """The mapping that `parse` reads as these options; what is as by default is left out."""
        return write_mapping(self)

    def digest(self) -> str:
        """16 hex digits: the same for the same result, in every process and release."""
        text = json.dumps([RENDER_VERSION, self.to_dict()], separators=(",", ":"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


_WORDS = {"format": FORMATS, "channels": CHANNELS, "refine": REFINEMENTS}
_NONE = type(None)
_TYPES: dict[str, tuple[type, ...]] = {
    "size": (str, Box),
    "canvas": (Box, _NONE),
    "crop": (Margins, _NONE),
    "roi": (Region, _NONE),
    "position": (Position, _NONE),
    "background": (Colour, Picture, Blur, Gradient, _NONE),
    "shadow": (Shadow, _NONE),
    "despill": (bool,),
    "keep_transparency": (bool,),
}
