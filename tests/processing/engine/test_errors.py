import copy
import re

import pytest

from processing.engine import PHOTO_ERRORS, PhotoError, errors
from processing.engine.errors import EngineError, TooLarge, TooManyPixels, UnsupportedType

CODES = {
    "empty_file": 400,
    "not_an_image": 415,
    "unsupported_type": 415,
    "too_large": 413,
    "too_many_pixels": 413,
    "truncated": 422,
    "decode_failed": 422,
    "too_many_parts": 422,
    "unknown_foreground": 422,
    "bad_option": 422,
    "bad_stroke": 422,
    "nothing_left": 422,
    "too_many_strokes": 413,
    "engine_failed": 500,
    "out_of_memory": 503,
    "timed_out": 504,
}


LEAVES = set(PHOTO_ERRORS.values())


def drawn(kind: type[EngineError], branch: str = "") -> list[str]:
    """The tree as the docstring draws it: classes in their order, remarks left out."""
    lines = []
    ours = [one for one in kind.__subclasses__() if one.__module__ == errors.__name__]
    for one in ours:
        last = one is ours[-1]
        code = f" {one.code} {one.status}" if issubclass(one, PhotoError) and one in LEAVES else ""
        lines.append(f"{branch}{'└──' if last else '├──'} {one.__name__}{code}")
        lines += drawn(one, branch + ("    " if last else "│   "))
    return lines


def test_the_tree_is_drawn_as_it_is() -> None:
    picture = (errors.__doc__ or "").split("\n\n")[1].splitlines()
    assert picture[0] == "EngineError"
    shapes = [re.match(r"([│├└─ ]*) (\w+)(?: +(\w+) +(\d{3})$)?", line) for line in picture[1:]]
    found = [" ".join(part for part in shape.groups() if part) for shape in shapes if shape]
    assert found == drawn(EngineError)


def test_every_code_has_its_status() -> None:
    assert {code: kind.status for code, kind in PHOTO_ERRORS.items()} == CODES


def test_every_kind_of_photo_error_is_listed() -> None:
    ours = {
        kind for kind in PhotoError.__subclasses__() if kind.__module__ == PhotoError.__module__
    }
    assert ours == set(PHOTO_ERRORS.values())


@pytest.mark.parametrize(
    "error",
    [
        *(kind() for kind in PHOTO_ERRORS.values()),
        TooLarge.over(30_000_000),
        TooManyPixels.over(13000, 13000, 100_000_000),
        UnsupportedType.named("a PDF"),
    ],
    ids=lambda error: error.sentence[:28],
)
def test_every_sentence_says_what_to_do_next(error: PhotoError) -> None:
    sentences = re.findall(r"[A-Z][^.]*\.", error.sentence)
    assert "".join(sentences) == error.sentence.replace(". ", ".")
    assert re.match(r"(Send|Save) ", sentences[-1])
    assert len(sentences) >= 2
    assert not re.search(r"oops|please|went wrong|securely|\bmay\b", error.sentence, re.IGNORECASE)


def test_a_limit_is_told_in_its_unit() -> None:
    assert "larger than 30 MB" in TooLarge.over(30_000_000).sentence
    assert "limit is 100 megapixels" in TooManyPixels.over(20000, 9000, 100_000_000).sentence


def test_an_error_survives_being_copied_between_processes() -> None:
    error = UnsupportedType.named("a PDF")
    assert copy.deepcopy(error).sentence == error.sentence
