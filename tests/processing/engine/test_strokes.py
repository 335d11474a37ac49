"""Strokes as data: what is read, what is refused, what is written back."""

import json
from typing import Any

import pytest

from processing.engine.errors import BadStroke, TooManyStrokes
from processing.engine.strokes import (
    MOST_BYTES,
    MOST_POINTS,
    MOST_STROKES,
    WORK_SIDE,
    Stroke,
    check_effort,
    find_dabs,
    find_working_size,
    read_strokes,
    write_strokes,
)

GOOD: dict[str, Any] = {
    "tool": "erase",
    "size": 0.05,
    "hardness": 0.8,
    "smart": False,
    "points": [[0.25, 0.4], [1, 0]],
}


def sent(**changed: Any) -> str:
    return json.dumps([GOOD | changed])


def test_a_stroke_is_read_and_written_back_the_same() -> None:
    (stroke,) = strokes = read_strokes(sent())
    assert stroke == Stroke("erase", 0.05, 0.8, False, ((0.25, 0.4), (1.0, 0.0)))
    assert read_strokes(write_strokes(strokes)) == strokes


def test_numbers_are_kept_to_five_decimals() -> None:
    (stroke,) = read_strokes(sent(points=[[0.123456789, 1e-9]]))
    assert stroke.points == ((0.12346, 0.0),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"tool": "smudge"},
        {"tool": ["erase"]},
        {"size": 0},
        {"size": 0.51},
        {"size": True},
        {"size": "0.1"},
        {"hardness": -0.1},
        {"hardness": None},
        {"smart": 1},
        {"points": []},
        {"points": {}},
        {"points": [[0.5]]},
        {"points": [[0.5, 1.01]]},
        {"points": [["0", "0"]]},
        {"points": [[0.5, float("nan")]]},
        {"points": [[0.5, float("inf")]]},
        {"points": [[10**400, 0]]},
        {"name": "holiday.jpg"},
    ],
    ids=str,
)
def test_a_stroke_that_cannot_be_one_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadStroke):
        read_strokes(sent(**wrong))


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[[]]", "nonsense", "[" * 10_000, "null"])
def test_what_is_no_list_of_strokes_is_refused(text: str) -> None:
    with pytest.raises(BadStroke):
        read_strokes(text)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([GOOD] * (MOST_STROKES + 1)),
        json.dumps([GOOD | {"points": [[0, 0]] * (MOST_POINTS // 2 + 1)}] * 2),
        " " * (MOST_BYTES + 1),
        "[" * 1_000_000,
    ],
    ids=["strokes", "points", "bytes", "a megabyte"],
)
def test_more_than_a_version_holds_is_refused(text: str) -> None:
    with pytest.raises(TooManyStrokes):
        read_strokes(text)


def test_what_would_take_long_is_refused_before_it_is_begun() -> None:
    corners = [[0, 0], [1, 1]] * 500
    thin = read_strokes(sent(size=0.001, points=corners))
    with pytest.raises(TooManyStrokes):
        check_effort(thin, 4000, 3000)
    wide = read_strokes(sent(size=0.5, points=[[0, 0], [1, 1]] * 5000))
    with pytest.raises(TooManyStrokes):
        check_effort(wide, 4000, 3000)
    check_effort(read_strokes(sent()) * 50, 4000, 3000)


def test_strokes_across_the_whole_photo_are_counted_by_their_boxes() -> None:
    """From corner to corner is little paint, but all that lies between is gone through."""
    corners = [[0, 0], [1, 1]]
    plain = read_strokes(sent(size=0.1, points=corners))
    smart = read_strokes(sent(size=0.1, points=corners, smart=True))
    check_effort(plain * 200, 4000, 4000)
    check_effort(smart * 50, 4000, 4000)
    with pytest.raises(TooManyStrokes):
        check_effort(smart * 51, 4000, 4000)
    here = read_strokes(sent(size=0.1, points=[[0.5, 0.5], [0.6, 0.6]], smart=True))
    check_effort(here * 200, 4000, 4000)


def test_stamps_stay_on_the_photo() -> None:
    (stroke,) = read_strokes(sent(points=[[0, 0], [1, 1]]))
    dabs = find_dabs(stroke, 30, 20)
    assert dabs[0] == (0, 0)
    assert dabs[-1] == (29, 19)


@pytest.mark.parametrize("size", [(1, 1), (2048, 3), (2049, 2048), (9000, 6001), (1, 50_000)])
def test_the_working_size_keeps_proportions(size: tuple[int, int]) -> None:
    width, height = find_working_size(*size)
    assert 1 <= max(width, height) <= WORK_SIDE
    assert min(width, height) >= 1
    if max(size) <= WORK_SIDE:
        assert (width, height) == size
