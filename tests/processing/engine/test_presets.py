import re
from pathlib import Path

import pytest

from processing.engine import PRESETS, Options, Preset
from processing.engine.sizes import Box

ADDRESS = r"https://[\w.]+/[^\s|]+"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_preset_can_be_read_and_has_a_source(preset: Preset) -> None:
    options = Options.parse(preset.options)
    assert isinstance(options.canvas, Box)
    assert options.scale is not None
    assert options.background is not None
    assert Options.parse(options.to_dict()) == options
    assert re.fullmatch(ADDRESS, preset.source)
    assert preset.rule.endswith(".")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_rule_was_read_somewhere(preset: Preset) -> None:
    """At its publisher's, with the month, or where somebody else repeats it."""
    assert preset.read or preset.beside
    assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])|", preset.read)
    assert re.fullmatch(f"({ADDRESS})?", preset.beside)


def test_presets_stand_in_the_order_of_the_alphabet() -> None:
    assert list(PRESETS) == sorted(PRESETS)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in PRESETS)


def test_a_preset_is_what_its_options_say() -> None:
    for name, preset in PRESETS.items():
        assert Options.parse({"preset": name}) == Options.parse(preset.options)


def test_amazon_is_white_square_and_filled() -> None:
    options = Options.parse({"preset": "amazon"})
    assert options.to_dict() == {
        "bg_color": "#ffffff",
        "canvas": "2000x2000",
        "format": "jpg",
        "position": "50% 50%",
        "scale": "85%",
    }


@pytest.mark.parametrize(
    ("name", "width_mm", "height_mm"), [("passport-35x45", 35, 45), ("passport-us", 50.8, 50.8)]
)
def test_passport_sizes_have_their_proportions(
    name: str, width_mm: float, height_mm: float
) -> None:
    canvas = Options.parse({"preset": name}).canvas
    assert canvas is not None
    dots_an_inch = canvas.width / width_mm * 25.4
    assert abs(canvas.height / height_mm * 25.4 - dots_an_inch) < 1
    assert round(dots_an_inch) in (300, 600)


def test_the_documentation_tells_the_same_presets() -> None:
    text = (Path(__file__).parents[3] / "docs" / "engine.md").read_text(encoding="utf-8")
    section = text.split("\n## Presets\n")[1].split("\n## ")[0]
    rows = re.findall(
        r"^\| `([\w-]+)` \| (.*?) \| (.*?) \| (.*?) \| \[(read ([\d-]+)|not checked)\]\((\S+)\)"
        r"(?:, \[beside\]\((\S+)\))? \|$",
        section,
        re.MULTILINE,
    )
    written = {
        name: (title, dict(re.findall(r"`(\w+)=([^`]+)`", options)), rule, *sources)
        for name, title, options, rule, _, *sources in rows
    }
    assert written == {
        name: (
            preset.title,
            {option: str(value) for option, value in preset.options.items()},
            f"{preset.rule} {preset.beyond}".strip(),
            preset.read,
            preset.source,
            preset.beside,
        )
        for name, preset in PRESETS.items()
    }
