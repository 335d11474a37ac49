"""Options that are one word, one flag or one whole number."""

from __future__ import annotations

import re
from collections.abc import Sequence

from processing.engine.errors import BadOption
from processing.phrases import phrase

REFINEMENTS = ("fast", "fine", "off")
FORMATS = ("png", "webp", "jpg", "avif", "zip")
CHANNELS = ("rgba", "alpha", "rgb")

_FLAGS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


def check_word(option: str, value: object, words: Sequence[str]) -> str:
    """Raises BadOption unless `value` is one of `words`, as it is written there."""
    if not isinstance(value, str) or value not in words:
        raise BadOption.named(
            option, phrase("%(others)s or %(last)s", others=", ".join(words[:-1]), last=words[-1])
        )
    return value


def read_text(option: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadOption.named(option, phrase("text"))
    return value


def read_flag(option: str, value: object) -> bool:
    """Raises BadOption."""
    if isinstance(value, bool):
        return value
    flag = _FLAGS.get(str(value).lower()) if isinstance(value, (str, int)) else None
    if flag is None:
        raise BadOption.named(option, phrase("true or false"))
    return flag


def read_number(option: str, value: object) -> float:
    """A number, or the text of one; its range is checked where it is used. Raises BadOption."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise BadOption.named(option, phrase("a number"))


def read_quality(option: str, value: object) -> int:
    """Raises BadOption."""
    quality = read_number(option, value)
    if not 1 <= quality <= 100 or quality != int(quality):
        raise BadOption.named(option, phrase("a whole number from 1 to 100"))
    return int(quality)
