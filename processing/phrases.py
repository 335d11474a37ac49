"""Sentences that know what they are made of, for what is said far below the pages.

The engine and the checks of receipts know neither Django nor whoever will read them. What they say
is English text as any other; a page translates it (processing.views.words), the log does not.
"""

from __future__ import annotations

from typing import Any


class Phrase(str):
    """The English text; `one` and `many` are what a catalog knows it by, `values` what fills it."""

    one: str
    many: str
    number: int
    values: dict[str, Any]


def phrase(text: str, **values: Any) -> Phrase:
    """`text` has `%(name)s` where the value `name` goes; a value can be a phrase itself."""
    return _make(text, "", 1, values)


def phrases(one: str, many: str, number: int, **values: Any) -> Phrase:
    """One of two forms, by `number`, which is a value too."""
    return _make(one, many, number, {"number": number, **values})


def _make(one: str, many: str, number: int, values: dict[str, Any]) -> Phrase:
    text = many if many and number != 1 else one
    made = Phrase(
        text % {name: written(value) for name, value in values.items()} if values else text
    )
    made.one, made.many, made.number, made.values = one, many, number, values
    return made


def written(value: Any) -> str:
    """A number that is no whole one with three digits."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
