"""Lengths of time as pages name them; their scripts do it by the same vectors (tests/js)."""

import json
from datetime import timedelta

import pytest
from django.utils import translation

from processing.flows.facts import in_words, spell
from processing.templatetags.sizes import in_megabytes
from processing.views.certificate import in_length
from tests.conftest import ROOT

VECTORS = json.loads((ROOT / "tests" / "vectors" / "lengths.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_length_is_called_what_scripts_call_it(language: str) -> None:
    with translation.override(language):
        for seconds, words in VECTORS[language].items():
            length = timedelta(seconds=int(seconds))
            assert spell(length) == in_length(length) == words


def test_whole_words_have_both_numbers_in_german() -> None:
    lengths = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=90), timedelta(seconds=1))
    with translation.override("de"):
        said = [in_words(length) for length in lengths]
        assert said == ["24 Stunden", "1 Stunde", "90 Minuten", "1 Sekunde"]
        assert in_length(timedelta(days=1, hours=2)) == "1 Tag 2 Std."
        assert in_length(timedelta(days=12, hours=3)) == "12 Tage 3 Std."


def test_sizes_have_a_comma_in_german() -> None:
    assert [in_megabytes(size) for size in (1, 12, 340_000, 1_250_000)] == [
        "1 byte",
        "12 bytes",
        "340 kB",
        "1.2 MB",
    ]
    with translation.override("de"):
        said = [in_megabytes(size) for size in (1, 12, 340_000, 1_250_000)]
        assert said == ["1 Byte", "12 Byte", "340 kB", "1,2 MB"]
