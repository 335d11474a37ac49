"""Every pair of colours that stands on a page can be read, in each scheme."""

import pytest

from tests.look.colours import contrast, read_palettes

GROUNDS = ("paper", "raised", "sunken")
TINTED = ("accent-ground", "erased-ground", "kept-ground", "danger-ground")
WORDS = ("ink", "ink-soft", "accent", "erased", "kept", "danger")
SOLID = ("ink", "ink-hover", "accent", "erased", "kept", "danger", "danger-hover")
PALETTES = read_palettes()
SUBJECTS = {"black": (0.005,) * 3, "white": (0.9,) * 3}  # Shoes under a lamp, not ink and paper.


def _on(solid: str) -> str:
    return f"on-{solid.removesuffix('-hover')}"


PAIRS = [
    *((word, ground, 4.5) for word in WORDS for ground in GROUNDS + TINTED),
    *((_on(solid), solid, 4.5) for solid in SOLID),
    *(("line-strong", ground, 3.0) for ground in GROUNDS),
]


def test_there_are_palettes_to_measure() -> None:
    assert len(PALETTES) == 5
    assert all(len(palette) >= 20 for palette in PALETTES.values())


@pytest.mark.parametrize("scheme", PALETTES)
def test_every_pair_can_be_read(scheme: str) -> None:
    palette = PALETTES[scheme]
    weak = {
        (front, ground): round(contrast(palette[front], palette[ground]), 2)
        for front, ground, least in PAIRS
        if contrast(palette[front], palette[ground]) < least
    }
    assert not weak


@pytest.mark.parametrize("name", PALETTES["light"])
def test_browsers_without_light_dark_get_the_same_light_colours(name: str) -> None:
    assert PALETTES["fallback"][name] == pytest.approx(PALETTES["light"][name], abs=0.01)


@pytest.mark.parametrize("scheme", [name for name in PALETTES if name.startswith("dark")])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_in_the_dark_a_subject_stands_out_whatever_its_colour(scheme: str, subject: str) -> None:
    squares = [PALETTES[scheme][f"checker-{name}"] for name in ("light", "dark")]
    assert min(contrast(SUBJECTS[subject], square) for square in squares) >= 3
