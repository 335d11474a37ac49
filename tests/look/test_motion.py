"""Whoever asks for less motion gets none: every duration is a token, which is then zero."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

SHEETS = sorted((ROOT / "static" / "css").rglob("*.css"))
REDUCED = "@media (prefers-reduced-motion: reduce)"
TRANSITION = re.compile(r"transition(?:-duration|-delay)?:([^;]+);")
TIME = re.compile(r"(?<![\w.-])[\d.]+m?s\b")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.stem)
def test_a_transition_takes_its_time_from_the_tokens(sheet: Path) -> None:
    times = [
        time for words in TRANSITION.findall(sheet.read_text()) for time in TIME.findall(words)
    ]
    assert set(times) <= {"0s"}


def test_with_reduced_motion_tokens_are_zero_and_animations_end_at_once() -> None:
    tokens, base = ((ROOT / "static/css" / name).read_text() for name in ("tokens.css", "base.css"))
    zeroed = re.findall(r"--(\w+): 0ms;", tokens.split(REDUCED)[1])
    assert zeroed == re.findall(r"--(\w+): [1-9]\d*ms;", tokens)
    rules = base.split(REDUCED)[1]
    assert "animation-duration: 1ms !important" in rules
    assert "animation-iteration-count: 1 !important" in rules
