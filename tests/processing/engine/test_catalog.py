"""The cards against rembg's own sources: the same addresses, hashes and numbers, and no model that
nobody has decided about."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from processing.engine import MODELS, REFUSED, RESTRICTED, UnknownModel, find_card, purpose_of
from processing.engine.cards import PERMISSIVE, ModelCard
from processing.engine.catalog import SYNTHETICS, Release, needs_weights
from processing.engine.weights import has_right_hash, weights_path

CARDS = {**MODELS, **RESTRICTED}
_PACKAGE = importlib.util.find_spec("rembg")
assert _PACKAGE is not None
assert _PACKAGE.submodule_search_locations
SESSIONS = Path(_PACKAGE.submodule_search_locations[0]) / "sessions"


def read_sources() -> dict[str, tuple[str, str]]:
    """Name of a model, as its class gives it, to the name and the text of its module."""
    found = {}
    for path in SESSIONS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        name = re.search(r'def name\(cls.*?return "([\w-]+)"', text, re.DOTALL)
        if name:
            found[name[1]] = (path.stem, text)
    return found


SOURCES = read_sources()


def test_every_model_of_rembg_has_a_card_or_a_reason() -> None:
    assert len(SOURCES) > 20
    assert set(SOURCES) == set(CARDS) | set(REFUSED)
    assert set(CARDS) & set(REFUSED) == set()


@pytest.mark.parametrize("card", CARDS.values(), ids=list(CARDS))
def test_a_card_says_what_rembg_says(card: ModelCard) -> None:
    text = SOURCES[card.name][1]
    if isinstance(card.source, Release):
        assert f'"{card.source.url}"' in text
        assert f'"{card.digest}"' in text
    module, session = card.session
    numbers = (SESSIONS / f"{module}.py").read_text(encoding="utf-8")
    assert f"class {session}(" in numbers
    assert given_to_normalize(numbers) == (card.mean, card.std, (card.side, card.side))
    assert ("self.sigmoid(ort_outs" in numbers) is card.logits


@pytest.mark.parametrize("name", [name for name in CARDS if name.startswith("birefnet-")])
def test_a_model_that_shares_a_session_has_it_from_there(name: str) -> None:
    module, text = SOURCES[name]
    assert CARDS[name].session[0] == module or "(BiRefNetSessionGeneral)" in text


def given_to_normalize(source: str) -> tuple[object, ...]:
    """Mean, deviation and size, from the call in the session's own source."""
    call = re.search(r"self\.normalize\(\s*img,(.*?)\s*\)\s*[,)]?\s*,?\s*\)", source, re.DOTALL)
    assert call is not None
    words = call[1].strip().rstrip(",")
    values = ast.literal_eval(f"({words})" if words.endswith(")") else f"({words}))")
    return tuple(values)


def test_what_runs_unasked_is_permissive_and_what_is_not_needs_its_licence_named() -> None:
    assert {card.licence for card in MODELS.values()} == PERMISSIVE
    assert {name: card.licence for name, card in RESTRICTED.items()} == {
        "bria-rmbg": "CC-BY-NC-4.0"
    }
    with pytest.raises(UnknownModel, match=r"commercial.*BGERASE_ALLOWED_LICENCES=CC-BY-NC-4.0"):
        find_card("bria-rmbg")
    with pytest.raises(UnknownModel, match="refused"):
        find_card("bria-rmbg", {"CC-BY-SA-4.0"})
    assert find_card("bria-rmbg", {"CC-BY-NC-4.0"}) is RESTRICTED["bria-rmbg"]


@pytest.mark.parametrize("name", ["withoutbg", "atlascloud"])
def test_nothing_makes_a_model_run_that_sends_photos_away(name: str) -> None:
    with pytest.raises(UnknownModel, match="sends the photos"):
        find_card(name, {"CC-BY-NC-4.0", "MIT", "Apache-2.0", "", "proprietary"})


def test_a_slow_model_is_never_the_fast_choice() -> None:
    fast = [name for name in MODELS if purpose_of(name) == "fast"]
    assert fast == ["u2netp"]
    assert {MODELS[name].speed for name in fast} == {"fast"}
    assert all(card.opt_in for card in CARDS.values() if card.speed == "slow")


def test_only_matters_without_weights_need_none() -> None:
    assert [name for name in (*CARDS, *SYNTHETICS) if not needs_weights(name)] == list(SYNTHETICS)
    assert purpose_of("synthetic-detailed") == "detailed"
    assert purpose_of("of another version") == "fast"


@pytest.mark.model
def test_what_is_here_has_the_size_that_the_card_says(weights: Path) -> None:
    card = MODELS["u2netp"]
    path = weights_path(card, weights)
    assert path.stat().st_size == card.bytes
    assert has_right_hash(card, path)
