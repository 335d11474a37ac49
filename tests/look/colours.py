"""Reads the colours of static/css/tokens.css and measures contrast between them.

OKLCH to linear sRGB after Björn Ottosson, "A perceptual color space for image processing" (2020);
contrast after WCAG 2.2, "relative luminance" and "contrast ratio".
"""

import re
from math import cos, radians, sin
from pathlib import Path

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
PAIR = re.compile(r"--([a-z-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\);")
HEX = re.compile(r"--([a-z-]+): #([0-9a-f]{6});")

Rgb = tuple[float, float, float]  # linear, 0 to 1
Palette = dict[str, Rgb]


def read_palettes() -> dict[str, Palette]:
    """The palettes by name: "fallback", "light", "dark", "light, more contrast", "dark, more …"."""
    css = TOKENS.read_text()
    usual, more = css.split("@media (prefers-contrast: more)")
    found: dict[str, Palette] = {
        "fallback": {name: _from_hex(digits) for name, digits in HEX.findall(usual)}
    }
    for index, scheme in ((1, "light"), (2, "dark")):
        palette = {match[1]: _from_oklch(match[1 + index]) for match in PAIR.finditer(usual)}
        sharper = {match[1]: _from_oklch(match[1 + index]) for match in PAIR.finditer(more)}
        found[scheme] = palette
        found[f"{scheme}, more contrast"] = palette | sharper
    return found


def contrast(one: Rgb, other: Rgb) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _from_hex(digits: str) -> Rgb:
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return _linear(red), _linear(green), _linear(blue)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _from_oklch(numbers: str) -> Rgb:
    lightness, chroma, hue = (float(number) for number in numbers.split())
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _clip(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _clip(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _clip(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _clip(channel: float) -> float:
    return min(1.0, max(0.0, channel))
