"""Options as one flat mapping of names to text, there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from processing.engine.choices import (
    SHADOWS,
    Background,
    Blur,
    Gradient,
    Picture,
    Shadow,
    read_gradient,
    read_length,
    read_margins,
    read_position,
    read_region,
    write_number,
)
from processing.engine.colours import Colour, read_colour
from processing.engine.errors import BadOption
from processing.engine.presets import PRESETS
from processing.engine.sizes import read_canvas, read_size
from processing.engine.words import (
    CHANNELS,
    FORMATS,
    REFINEMENTS,
    check_word,
    read_flag,
    read_number,
    read_quality,
    read_text,
)
from processing.phrases import phrase

if TYPE_CHECKING:
    from processing.engine.options import Options

SCALE = phrase("original, or a share from 10% to 100%")
_LONGEST = 250  # Characters of a value: eight stops of a gradient take 170.


def read_mapping(
    wanted: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The fields of Options that are set, or that `base` sets. Raises BadOption."""
    given = _take_known(wanted)
    if "preset" in given:
        given = _put_over(_find_preset(given.pop("preset")), given)
    if base:
        given = _put_over(base, given)
    plain = {name: _PLAIN[name](name, given[name]) for name in given if name in _PLAIN}
    margins = read_margins("crop_margin", read_text("crop_margin", given.get("crop_margin", "0")))
    plain["crop"] = margins if read_flag("crop", given.get("crop", False)) else None
    plain["background"] = _read_background(given)
    plain["shadow"] = _read_shadow(given)
    return plain


def write_mapping(options: Options) -> dict[str, str | int | float | bool]:
    """What differs from the defaults, by name in the alphabet's order."""
    plain: dict[str, Any] = {}
    for field in fields(options):
        value = getattr(options, field.name)
        if value != field.default and field.name in _PLAIN:
            plain[field.name] = value if isinstance(value, (bool, int)) else str(value)
    if options.scale is not None:
        plain["scale"] = f"{write_number(options.scale)}%"
    if options.crop:
        plain |= {"crop": True, "crop_margin": str(options.crop)}
    plain |= _write_background(options.background) | _write_shadow(options.shadow)
    return dict(sorted(plain.items()))


def _take_known(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is set, without spaces around it."""
    if not isinstance(wanted, Mapping):
        raise BadOption
    given = {}
    for name, value in wanted.items():
        if name not in NAMES:
            raise BadOption(
                phrase(
                    "There is an option that is not known. Send only %(names)s.",
                    names=", ".join(NAMES),
                )
            )
        text = value.strip() if isinstance(value, str) else value
        if isinstance(text, str) and len(text) > _LONGEST:
            raise BadOption.named(name, phrase("at most %(most)s characters", most=_LONGEST))
        if text is not None and text != "":
            given[name] = text
    return given


def _find_preset(name: object) -> Mapping[str, Any]:
    if not isinstance(name, str) or name.lower() not in PRESETS:
        raise BadOption.named("preset", phrase("one of %(names)s", names=", ".join(PRESETS)))
    return PRESETS[name.lower()].options


def _put_over(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Somebody's own background takes the place of the one beneath."""
    if any(name in given for name in _BACKGROUNDS):
        base = {name: value for name, value in base.items() if name not in _BACKGROUNDS}
    return {**base, **given}


def _read_scale(option: str, value: object) -> float | None:
    if value == "original":
        return None
    share = read_length(option, read_text(option, value), SCALE)
    if share.unit != "%":
        raise BadOption.named(option, SCALE)
    return share.value


def _read_background_colour(option: str, value: object) -> Colour | None:
    return None if value == "none" else read_colour(option, value)


def _read_background(given: Mapping[str, Any]) -> Background | None:
    found = [read(name, given[name]) for name, read in _BACKGROUNDS.items() if name in given]
    if len(found) > 1:
        error = BadOption(
            phrase("There is more than one background. Send one of %(names)s.", names=_ONE_OF)
        )
        error.option = "background"
        raise error
    return found[0] if found else None


def _write_background(background: Background | None) -> dict[str, Any]:
    if isinstance(background, Colour):
        return {"bg_color": str(background)}
    if isinstance(background, Picture):
        return {"bg_image": background.sha256}
    if isinstance(background, Blur):
        return {"bg_blur": background.strength}
    return {"bg_gradient": str(background)} if isinstance(background, Gradient) else {}


def _read_shadow(given: Mapping[str, Any]) -> Shadow | None:
    """Its figures are checked without it too."""
    kind = check_word("shadow", given.get("shadow", "none"), ("none", *SHADOWS))
    chosen = {
        name: read_number(f"shadow_{name}", given[f"shadow_{name}"])
        for name in _SHADOW_NUMBERS
        if f"shadow_{name}" in given
    }
    colour = read_colour("shadow_color", given.get("shadow_color", "black"))
    shadow = Shadow(SHADOWS[0] if kind == "none" else kind, colour=colour, **chosen)
    return None if kind == "none" else shadow


def _write_shadow(shadow: Shadow | None) -> dict[str, Any]:
    if not shadow:
        return {}
    usual = Shadow(shadow.kind)
    plain: dict[str, Any] = {"shadow": shadow.kind}
    for name in _SHADOW_NUMBERS:
        if getattr(shadow, name) != getattr(usual, name):
            plain[f"shadow_{name}"] = getattr(shadow, name)
    if shadow.colour != usual.colour:
        plain["shadow_color"] = str(shadow.colour)
    return plain


def _read_word(*words: str) -> Callable[[str, object], str]:
    return lambda option, value: check_word(
        option, value.lower() if isinstance(value, str) else value, words
    )


_PLAIN: dict[str, Callable[[str, Any], Any]] = {
    "size": read_size,
    "canvas": read_canvas,
    "format": _read_word(*FORMATS),
    "quality": read_quality,
    "channels": _read_word(*CHANNELS),
    "roi": lambda option, value: read_region(option, read_text(option, value)),
    "scale": _read_scale,
    "position": lambda option, value: read_position(option, read_text(option, value)),
    "despill": read_flag,
    "refine": _read_word(*REFINEMENTS),
    "keep_transparency": read_flag,
}
_BACKGROUNDS: dict[str, Callable[[str, Any], Background | None]] = {
    "bg_color": _read_background_colour,
    "bg_image": lambda _, value: Picture(value.lower() if isinstance(value, str) else value),
    "bg_blur": lambda option, value: Blur(read_number(option, value)),
    "bg_gradient": lambda option, value: read_gradient(option, read_text(option, value)),
}
_ONE_OF = ", ".join(_BACKGROUNDS)
_SHADOW_NUMBERS = ("opacity", "blur", "distance", "angle")

NAMES = (
    "preset",
    *_PLAIN,
    "crop",
    "crop_margin",
    *_BACKGROUNDS,
    "shadow",
    *(f"shadow_{name}" for name in _SHADOW_NUMBERS),
    "shadow_color",
)
"""Every name that a mapping can have."""
