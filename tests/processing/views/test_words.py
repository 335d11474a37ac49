"""What the engine and the checks of receipts say, told in the reader's language."""

import pytest
from django.utils import translation

from processing.engine.errors import (
    PHOTO_ERRORS,
    BadOption,
    TooLarge,
    TooManyPixels,
    UnsupportedType,
)
from processing.errors import ERRORS, sentence_of
from processing.phrases import phrase, phrases
from processing.retention.documents import RECEIPT
from processing.retention.proof import check_certificate
from processing.views.words import said


def in_german(words: str) -> str:
    with translation.override("de"):
        return said(words)


def test_a_phrase_is_its_english_text() -> None:
    words = phrase("This file is %(kind)s.", kind=phrase("a PDF"))
    assert words == "This file is a PDF."
    assert said(words) == words
    assert phrase("50 % of it") == "50 % of it"


def test_values_that_are_phrases_are_translated_and_others_are_not() -> None:
    refused = UnsupportedType.named(phrase("a PDF"))
    assert refused.sentence.startswith("This file is a PDF.")
    assert in_german(refused.sentence).startswith("Diese Datei ist ein PDF.")
    option = BadOption.named("text", phrase("a number from %(low)s to %(high)s", low=1, high=9))
    assert in_german(option.sentence) == (
        "Die Option text lässt sich so nicht verwenden. Möglich ist: eine Zahl von 1 bis 9."
    )


def test_a_number_of_two_forms() -> None:
    one, many = (
        phrases(
            "%(number)s image should be erased by now and is not. Nobody can read them.",
            "%(number)s images should be erased by now and are not. Nobody can read them.",
            number,
        )
        for number in (1, 3)
    )
    assert one.startswith("1 image should")
    assert many.startswith("3 images should")
    assert in_german(one).startswith("1 Bild sollte")
    assert in_german(many).startswith("3 Bilder sollten")


def test_a_fraction_has_a_comma_in_german() -> None:
    words = TooLarge.over(31_457_280).sentence
    assert "31.5 MB" in words
    assert "31,5 MB" in in_german(words)
    assert "100 Megapixel" in in_german(TooManyPixels.over(1, 2, 100_000_000).sentence)


def test_what_is_no_phrase_stays() -> None:
    assert in_german("") == ""
    assert in_german("IMG_2041.jpg") == "IMG_2041.jpg"


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_refusal_has_a_german_sentence(code: str) -> None:
    assert in_german(sentence_of(code)) != sentence_of(code)
    assert "%(" not in in_german(sentence_of(code))


def test_a_stored_code_is_told_in_the_language_of_whoever_looks() -> None:
    """Rows hold the code alone."""
    for code, kind in PHOTO_ERRORS.items():
        assert in_german(sentence_of(code)) == in_german(kind().sentence)


def test_a_fault_of_a_receipt_is_told_whole() -> None:
    fault = RECEIPT.fault({"strange": 1})
    assert fault == "A receipt has no field “strange”."
    assert in_german(fault) == "Ein Löschbeleg hat kein Feld „strange“."
    checks = check_certificate({}, {}).checks
    assert in_german(checks[-1].says) == "Nicht geprüft: ob die Signatur passt."
