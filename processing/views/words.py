"""What was said below the pages (processing.phrases), in the language of whoever reads the page."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from processing.phrases import Phrase, written


def said(words: str) -> str:
    """The translation; of what is no phrase, if there is one, else the text as it is."""
    if not isinstance(words, Phrase):
        return gettext(words) if words else words
    text = ngettext(words.one, words.many, words.number) if words.many else gettext(words.one)
    values = {name: _value(value) for name, value in words.values.items()}
    return text % values if values else text


def _value(value: Any) -> str:
    if isinstance(value, float):
        return number_format(written(value))
    return said(value) if isinstance(value, Phrase) else written(value)
