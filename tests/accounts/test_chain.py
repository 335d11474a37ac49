"""The form of what is hashed, and where a chain does not hold."""

from typing import Any

import pytest

from accounts.chain import ORIGIN, broken_at, canonical, hash_of, link, lock_head
from accounts.models import ChainHead


def test_what_is_hashed_is_sorted_without_blanks_and_in_utf_8() -> None:
    said = canonical({"b": [1, {"d": "ö", "c": None}], "a": "\u2028"})
    assert said == '{"a":"\u2028","b":[1,{"c":null,"d":"ö"}]}'.encode()
    assert hash_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_of_json_is_not_hashed(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"number": number})


@pytest.mark.django_db
def test_a_chain_begins_with_nothing_and_is_begun_once() -> None:
    head = lock_head("one")
    assert (head.number, head.hash) == (0, ORIGIN) == (0, "0" * 64)
    first = link(head, {"says": "a"})
    assert first == {"says": "a", "number": 1, "previous_hash": ORIGIN}
    head.save()
    assert (lock_head("one").number, lock_head("one").hash) == (1, hash_of(first))
    assert lock_head("another").number == 0


def chain() -> tuple[list[tuple[dict[str, Any], str]], ChainHead]:
    head = ChainHead(name="one", number=0, hash=ORIGIN)
    entries = [(link(head, {"says": said}), head.hash) for said in "abc"]
    return entries, head


def test_a_chain_holds_from_its_first_entry_to_its_head() -> None:
    entries, head = chain()
    assert broken_at(entries, head) == 0
    assert broken_at([], None) == 0
    assert broken_at([], ChainHead(number=0, hash=ORIGIN)) == 0


def test_where_it_does_not_hold_is_told_by_the_number() -> None:
    entries, head = chain()
    assert broken_at(entries[1:], head) == 1
    assert broken_at([entries[0], entries[2]], head) == 2
    assert broken_at(entries[:2], head) == 3
    assert broken_at(entries, None) == 4
    assert broken_at(entries, ChainHead(number=3, hash=ORIGIN)) == 4
    changed = [*entries[:2], ({**entries[2][0], "says": "x"}, entries[2][1])]
    assert broken_at(changed, head) == 3
    unlinked = {**entries[1][0], "previous_hash": ORIGIN}
    assert broken_at([entries[0], (unlinked, hash_of(unlinked)), entries[2]], head) == 2
