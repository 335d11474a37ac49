"""The catalogs are complete, and are what `make messages` makes of the sources."""

import json
import re
import string

import pytest

from tests import catalogs
from tests.catalogs import DOMAINS, LANGUAGES, catalog, compiled, read

EVERY = [(language, domain) for language in LANGUAGES for domain in DOMAINS]
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]")
LINE = re.compile(r'^(msg\S+) (".*")$', re.MULTILINE)
TAG = re.compile(r"</?([a-z]+)")


def entries(text: str) -> list[dict[str, str]]:
    """What a catalog says, without its head; a long text stands in several lines."""
    parts = (part.replace('"\n"', "") for part in text.split("\n\n")[1:])
    found = [{key: json.loads(value) for key, value in LINE.findall(part)} for part in parts]
    return [entry for entry in found if entry]


def pairs(language: str, domain: str) -> list[tuple[str, str]]:
    """Each sentence and its translation; of a plural each form."""
    found = []
    for said in entries(catalog(language, domain).read_text(encoding="utf-8")):
        if "msgid_plural" in said:
            found.append((said["msgid_plural"], said["msgstr[1]"]))
        found.append((said["msgid"], said.get("msgstr") or said["msgstr[0]"]))
    return found


def keys(text: str) -> set[tuple[str | None, ...]]:
    names = ("msgctxt", "msgid", "msgid_plural")
    return {tuple(entry.get(name) for name in names) for entry in entries(text)}


@pytest.mark.parametrize(("language", "domain"), EVERY)
def test_the_catalog_has_the_sentences_of_the_sources_and_no_others(
    language: str, domain: str
) -> None:
    """Not to the letter: each version of the gettext tools writes a little otherwise."""
    here = keys(catalog(language, domain).read_text(encoding="utf-8"))
    there = keys(catalogs.extract(domain))
    assert here - there == set(), "run `make messages`"
    assert there - here == set(), "run `make messages`"


@pytest.mark.parametrize(("language", "domain"), EVERY)
def test_nothing_waits_for_a_translation(language: str, domain: str) -> None:
    assert catalogs.untranslated(catalog(language, domain)) == []
    assert len(pairs(language, domain)) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_site_reads_is_what_the_catalogs_say(language: str) -> None:
    path = catalog(language, "django")
    assert read(path.with_suffix(".mo").read_bytes()) == read(compiled(path))
    script = catalogs.script_words(language).read_text(encoding="utf-8")
    assert script == catalogs.as_script(catalog(language, "djangojs"), language)


@pytest.mark.parametrize(("language", "domain"), EVERY)
def test_a_translation_has_the_places_and_the_markup_of_its_sentence(
    language: str, domain: str
) -> None:
    for sentence, text in pairs(language, domain):
        assert set(PLACE.findall(text)) == set(PLACE.findall(sentence)), sentence
        assert sorted(TAG.findall(text)) == sorted(TAG.findall(sentence)), sentence
        assert text[:1].isspace() == sentence[:1].isspace(), sentence
        assert sentence[-1:] not in ".?!…:" or text[-1:] in ".?!…:", sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_scripts_and_pages_say_the_same(language: str) -> None:
    said, told = (dict(pairs(language, domain)) for domain in DOMAINS)
    differing = {key for key in said.keys() & told.keys() if said[key] != told[key]}
    assert differing == set()


def test_a_sentence_of_each_kind_is_found() -> None:
    """Of Python, of what the engine says, of a template and of a script."""
    found = catalogs.extract("django")
    assert 'msgid "That device is signed out."' in found
    assert 'msgid "This file is empty. Send the photo again."' in found
    assert 'msgid "Skip to content"' in found
    assert "msgid_plural" in found
    assert 'msgid "Erased in %(span)s"' in catalogs.extract("djangojs")


def test_german_has_its_own_quotation_marks_and_letters() -> None:
    texts = [text for domain in DOMAINS for _, text in pairs("de", domain)]
    assert not [text for text in texts if "“" in text and "„" not in text]
    allowed = set(string.printable) | set("äöüÄÖÜß„“‚‘’–…×·→←↑↓⌘⇧€±°\u00ad\u00a0\u202f")
    assert {letter for text in texts for letter in text} - allowed == set()
