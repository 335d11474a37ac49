"""The table of pages names what there is, and nothing that is not."""

import uuid
from collections.abc import Iterable, Iterator
from string import Formatter

from django.urls import Resolver404, URLPattern, get_resolver, resolve

from tests.conftest import ROOT
from tests.look.pages import ERRORS, NOT_PAGES, STATES, State

LINKS = {
    "reset_link": "/accounts/password/reset/key/1-a-b/",
    "confirm_link": "/accounts/confirm-email/a:b/",
    "closed_link": "/account/closed/?for=a",
    "passkey": "1",
}


def named(patterns: Iterable[object]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, pattern
            yield pattern.name
        else:
            yield from named(pattern.url_patterns)  # type: ignore[attr-defined]


def name_of(state: State) -> str | None:
    """The name of the address that shows it; None for what only this table's site has."""
    facts = {name: LINKS.get(name, str(uuid.uuid4())) for name in fields(state.path)}
    path = state.path.format(**facts).partition("?")[0]
    try:
        return resolve(path).url_name
    except Resolver404:
        return None


def fields(path: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(path) if name}


SHOWN = {name_of(state) for state in STATES}
NAMES = set(named(get_resolver().url_patterns))


def test_every_address_of_a_page_is_in_the_table() -> None:
    assert NAMES - SHOWN - set(NOT_PAGES) == set(), "add a State, or a reason to NOT_PAGES"


def test_what_is_no_page_is_not_in_the_table_and_is_an_address() -> None:
    assert set(NOT_PAGES) & SHOWN == set()
    assert set(NOT_PAGES) - NAMES == set()


def test_every_page_that_says_no_is_in_the_table() -> None:
    templates = {path.stem for path in (ROOT / "templates").glob("[0-9]*.html")}
    assert templates == set(ERRORS)


def test_only_refusals_have_no_address_of_the_site() -> None:
    elsewhere = {state.name for state in STATES if name_of(state) is None}
    assert elsewhere == {"nowhere", *(f"refusal-{name}" for name in ERRORS)}


def test_no_two_states_share_a_picture() -> None:
    names = [state.name for state in STATES]
    assert len(names) == len(set(names))
