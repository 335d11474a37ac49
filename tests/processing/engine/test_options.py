"""The one mapping of choices: what it reads, what it refuses, and that it comes back the same."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processing.engine import BadOption, Options
from processing.engine.choices import Blur, Gradient, Length, Margins, Picture, Shadow, Stop
from processing.engine.colours import Colour, read_colour
from processing.engine.mappings import NAMES
from processing.engine.presets import PRESETS
from processing.engine.sizes import Box

HASH = "0123456789abcdef" * 4
lengths = st.one_of(
    st.decimals(0, 50, places=2).map(lambda value: f"{value}%"),
    st.integers(0, 500).map(lambda value: f"{value}px"),
    st.just("0"),
)
colours = st.one_of(
    st.from_regex(r"#?[0-9a-fA-F]{6}([0-9a-fA-F]{2})?", fullmatch=True),
    st.from_regex(r"#[0-9a-f]{3,4}", fullmatch=True),
    st.sampled_from(["white", "RebeccaPurple", "transparent"]),
)
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "size": st.one_of(
        st.sampled_from(["preview", "medium", "hd", "full", "original", "4k", "50MP", "auto"]),
        st.builds("{}x{}".format, st.integers(1, 99999), st.integers(1, 99999)),
    ),
    "canvas": st.builds("{}x{}".format, st.integers(1, 7000), st.integers(1, 7000)),
    "format": st.sampled_from(["png", "webp", "jpg", "avif", "zip", "PNG"]),
    "quality": st.one_of(st.integers(1, 100), st.integers(1, 100).map(str)),
    "channels": st.sampled_from(["rgba", "alpha", "rgb"]),
    "roi": st.builds(
        "{}% {}px {}% {}px".format,
        st.integers(0, 49),
        st.integers(0, 99),
        st.integers(50, 100),
        st.integers(100, 9999),
    ),
    "crop": st.sampled_from(["true", "No", 1, 0, True, "on"]),
    "crop_margin": st.one_of(
        st.lists(lengths, min_size=2, max_size=2).map(" ".join),
        st.lists(lengths, min_size=4, max_size=4).map(" ".join),
        lengths,
    ),
    "scale": st.one_of(
        st.just("original"), st.decimals(10, 100, places=3).map(lambda value: f"{value}%")
    ),
    "position": st.sampled_from(["original", "center", "0%", "12.5% 100%", "33.333%"]),
    "bg": st.one_of(
        st.tuples(st.just("bg_color"), colours),
        st.tuples(st.just("bg_image"), st.just(HASH)),
        st.tuples(st.just("bg_blur"), st.one_of(st.floats(1, 100), st.just("12.5"))),
        st.tuples(
            st.just("bg_gradient"),
            st.lists(colours, min_size=2, max_size=8).map(", ".join),
        ),
    ),
    "shadow": st.sampled_from(["none", "contact", "drop"]),
    "shadow_opacity": st.floats(0, 100),
    "shadow_blur": st.floats(0, 20),
    "shadow_distance": st.integers(0, 50),
    "shadow_angle": st.one_of(st.integers(0, 360), st.just("12.25")),
    "shadow_color": colours,
    "despill": st.booleans(),
    "refine": st.sampled_from(["fast", "fine", "off"]),
    "keep_transparency": st.booleans(),
    "preset": st.sampled_from(sorted(PRESETS)),
}


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.fixed_dictionaries({}, optional=GOOD))
    name, value = chosen.pop("bg", ("bg_color", None))
    return {**chosen, name: value}


@given(mappings())
def test_what_is_written_is_read_as_the_same(wanted: dict[str, Any]) -> None:
    options = Options.parse(wanted)
    written = options.to_dict()
    assert Options.parse(written) == options
    assert Options.parse({name: str(value) for name, value in written.items()}) == options
    assert Options.parse(dict(reversed(written.items()))).digest() == options.digest()
    assert hash(Options.parse(written)) == hash(options)
    assert all(type(value) in (str, int, float, bool) for value in written.values())


@given(mappings(), mappings())
def test_a_digest_is_as_different_as_the_options(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    first, second = Options.parse(one), Options.parse(other)
    assert (first.digest() == second.digest()) == (first == second)
    assert re.fullmatch(r"[0-9a-f]{16}", first.digest())


values = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="0123456789.%px -+eEnaif#,x", max_size=30),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.binary(max_size=4),
    st.lists(st.integers(), max_size=2),
    st.just("9" * 10_000),
)
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=8), st.integers())


@given(st.one_of(st.dictionaries(names, values, max_size=4), values))
@example({"size": float("nan")})
@example({"quality": float("inf")})
@example({"shadow_opacity": -0.0})
@example({"shadow_blur": 10**400})
@example({"size": "١٢x٣"})
def test_junk_is_read_or_refused_and_nothing_else(wanted: Any) -> None:
    result = attempt(wanted)
    if isinstance(result, BadOption):
        assert result.status == 422
        assert re.search(r"Send .+\.$", result.sentence), result.sentence
    else:
        assert Options.parse(result.to_dict()) == result


def attempt(wanted: Any) -> Options | BadOption:
    try:
        return Options.parse(wanted)
    except BadOption as error:
        return error


BAD: dict[str, list[Any]] = {
    "size": ["huge", "0x5", "100000x1", "10 x 10", "-1x5", "1e3x5", 7],
    "canvas": ["8000x8000", "30000x10", "0x0", "full", 5],
    "format": ["gif", "jpeg2000", "png ;", 3, None.__class__],
    "quality": [0, 101, 50.5, "high", True, float("nan")],
    "channels": ["rgbx", "a"],
    "roi": ["0 0 0 0", "50% 0 40% 100%", "0 0 101% 100%", "1 2 3 4", "0% 0% 100%", 1],
    "crop": ["maybe", 2, 1.0],
    "crop_margin": ["51%", "501px", "10", "1% 2% 3%", "-1px", "1em"],
    "scale": ["9%", "101%", "50", "50px", 0.5],
    "position": ["left", "50px", "1% 2% 3%", "101%"],
    "bg_color": ["#12345", "notacolour", "#gggggg", "rgb(1,2,3)", 123456],
    "bg_image": ["short", "z" * 64, 1],
    "bg_blur": [0, 101, "x", float("nan"), True],
    "bg_gradient": ["#fff", "#fff 50%, #000", "#fff 60%, #000 40%", "1rad, #fff, #000", "a, b"],
    "shadow": ["hard", True],
    "shadow_opacity": [-1, 101, "1e1"],
    "shadow_blur": [20.1, "NaN"],
    "shadow_distance": [51],
    "shadow_angle": [361, "-1"],
    "shadow_color": ["blackish"],
    "despill": ["perhaps", 2],
    "refine": ["best"],
    "keep_transparency": [[]],
    "preset": ["nowhere", 1],
}


def test_every_option_has_a_value_that_is_refused() -> None:
    assert set(BAD) == set(NAMES)


@pytest.mark.parametrize(("name", "value"), [(name, bad) for name in BAD for bad in BAD[name]])
def test_a_refusal_names_the_option_and_what_is_allowed(name: str, value: Any) -> None:
    with pytest.raises(BadOption) as caught:
        Options.parse({name: value})
    assert caught.value.option == name
    assert f"The option {name} cannot be used as it was sent. Send " in caught.value.sentence


def test_a_refusal_repeats_nothing_of_what_was_sent() -> None:
    with pytest.raises(BadOption) as caught:
        Options.parse({"bg_color": "<script>alert(1)"})
    assert "script" not in caught.value.sentence


def test_a_value_that_is_too_long_is_not_looked_at() -> None:
    with pytest.raises(BadOption, match="at most 250 characters"):
        Options.parse({"bg_gradient": "#fff, " * 100 + "#000"})


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(BadOption, match=r"not known\. Send only preset, size"):
        Options.parse({"colour": "red"})


def test_two_backgrounds_contradict_each_other() -> None:
    with pytest.raises(BadOption, match="more than one background") as caught:
        Options.parse({"bg_color": "red", "bg_blur": 5})
    assert caught.value.option == "background"


def test_nothing_and_empty_text_are_not_set() -> None:
    assert Options.parse(dict.fromkeys(NAMES, "")) == Options()
    assert Options.parse(dict.fromkeys(NAMES)) == Options() == Options.parse({})
    assert Options().to_dict() == {}


@pytest.mark.parametrize(
    ("wanted", "same"),
    [
        ({"channels": "alpha", "format": "jpg", "bg_color": "red"}, {"channels": "alpha"}),
        ({"channels": "alpha", "shadow": "drop", "despill": "no"}, {"channels": "alpha"}),
        ({"channels": "rgb", "bg_color": "red", "shadow": "drop"}, {"channels": "rgb"}),
        ({"channels": "rgb", "format": "zip"}, {"format": "zip"}),
        ({"format": "zip", "bg_color": "red", "shadow": "drop"}, {"format": "zip"}),
        ({"quality": 20}, {}),
        ({"crop_margin": "10%"}, {}),
        ({"shadow_opacity": 5, "shadow_color": "red"}, {}),
        ({"shadow": "drop", "shadow_opacity": 0}, {}),
        ({"bg_color": "transparent"}, {}),
        ({"bg_color": "#fff0"}, {}),
        ({"roi": "0% 0% 100% 100%"}, {}),
        ({"roi": "0 0 100% 100%"}, {}),
        ({"scale": "80%"}, {"scale": "80%", "position": "center"}),
        ({"size": "regular"}, {"size": "preview"}),
    ],
)
def test_what_has_no_effect_makes_no_other_digest(
    wanted: dict[str, Any], same: dict[str, Any]
) -> None:
    assert Options.parse(wanted) == Options.parse(same)
    assert Options.parse(wanted).digest() == Options.parse(same).digest()


def test_one_two_and_four_margins_go_round_as_in_css() -> None:
    def read(text: str) -> list[str]:
        margins = Options.parse({"crop": True, "crop_margin": text}).crop
        assert margins is not None
        return str(margins).split()

    assert read("10%") == ["10%"] * 4
    assert read("10% 30px") == ["10%", "30px", "10%", "30px"]
    assert read("1% 2% 3% 4%") == ["1%", "2%", "3%", "4%"]


def test_colours_are_read_in_every_way_of_writing() -> None:
    for text in ("#f80", "F80", "ff8800", "#FF8800ff"):
        assert read_colour("bg_color", text) == Colour(255, 136, 0)
    assert read_colour("bg_color", "f808") == Colour(255, 136, 0, 136)
    assert read_colour("bg_color", "rebeccapurple") == Colour(0x66, 0x33, 0x99)


def test_stops_without_places_are_spread_evenly() -> None:
    options = Options.parse({"bg_gradient": "90deg, #fff, red, #000"})
    assert isinstance(options.background, Gradient)
    assert options.background.angle == 90
    assert [stop.at for stop in options.background.stops] == [0, 50, 100]
    unturned = Options.parse({"bg_gradient": "#fff 10%, #000 20%"}).background
    assert isinstance(unturned, Gradient)
    assert (unturned.angle, unturned.stops[0].at) == (180, 10)


def test_what_is_sent_goes_before_the_preset() -> None:
    options = Options.parse({"preset": "Amazon", "format": "png", "bg_blur": 10})
    assert (options.canvas, options.scale, options.format) == (Box(2000, 2000), 85, "png")
    assert options.background == Blur(10)
    assert "preset" not in options.to_dict()


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 5},
        {"canvas": "10x10"},
        {"format": ["png"]},
        {"quality": 0},
        {"crop": True},
        {"scale": float("nan")},
        {"position": "center"},
        {"background": "white"},
        {"shadow": True},
        {"despill": 1},
        {"refine": "best"},
    ],
    ids=str,
)
def test_a_value_made_by_hand_is_checked_too(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadOption):
        Options(**wrong)
    with pytest.raises(BadOption):
        dataclasses.replace(Options(), **wrong)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Colour, (256, 0, 0)),
        (Colour, (1.0, 0, 0)),
        (Box, (0, 5)),
        (Length, (float("inf"),)),
        (Length, (1, "em")),
        (Margins, ("1px",)),
        (Margins, (Length(51, "%"),)),
        (Picture, (None,)),
        (Gradient, ((),)),
        (Gradient, ([],)),
        (Gradient, ((Stop(Colour(0, 0, 0), 9), Stop(Colour(0, 0, 0), 8)),)),
        (Stop, ("red", 1)),
        (Shadow, ("soft",)),
        (Shadow, ("drop", 50, 3, 4, 5, "red")),
    ],
)
def test_no_part_can_be_made_out_of_range(kind: Any, values: tuple[Any, ...]) -> None:
    with pytest.raises(BadOption):
        kind(*values)


def rows() -> dict[str, list[str]]:
    text = (Path(__file__).parents[3] / "docs" / "engine.md").read_text(encoding="utf-8")
    section = text.split("\n## Options\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
    assert len(found) == len({name for name, *_ in found})
    return {name: cells for name, *cells in found}


def test_the_documentation_has_every_option_in_its_order_and_no_other() -> None:
    documented = list(rows())
    assert sorted(documented) == sorted(NAMES)


def test_every_documented_default_is_in_force() -> None:
    for name, (_, default, _) in rows().items():
        assert default == "none" or re.fullmatch(r"`[^`]+`", default), name
        if default != "none":
            alone: dict[str, Any] = {"crop": True} if name == "crop_margin" else {}
            alone |= {"shadow": "drop"} if name.startswith("shadow_") else {}
            assert Options.parse({**alone, name: default.strip("`")}) == Options.parse(alone), name
    assert {name for name, (_, default, _) in rows().items() if default == "none"} == {
        *("preset", "canvas", "quality", "roi", "bg_color", "bg_image", "bg_blur", "bg_gradient"),
    }


def test_every_documented_value_is_taken() -> None:
    tried = 0
    for name, (allowed, _, _) in rows().items():
        for value in re.findall(r"`([^`]+)`", allowed):
            if value not in NAMES:
                Options.parse({name: value})
                tried += 1
    assert tried > 50
