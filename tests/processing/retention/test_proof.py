"""Whatever is changed in a receipt or a claim ticket is noticed, and said in a sentence."""

import ast
import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import chain
from processing.retention import documents, proof
from processing.retention.documents import Unreadable, canonical, read
from processing.retention.proof import Proof, check_certificate, check_head, check_ticket, match
from processing.retention.signing import signer

KEYS = {signer().id: signer().public_key}
TIMES = {
    "received_at": "2026-03-03T09:06:07.891Z",
    "due_at": "2026-03-04T04:06:07.891Z",
}


def signed(content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return content | more | {"signature": signer().sign(canonical(content))}


def receipt(**fields: Any) -> dict[str, Any]:
    content = {
        "v": 1,
        "type": "receipt",
        "number": 7,
        "previous_hash": "0" * 64,
        "image": "0b9ba2b1-3c0e-4c7a-a8c1-6a1c8b1f0a11",
        "workspace": "5e0cf1cb-9c0c-4d0a-b9f5-0f3f6f1b7a22",
        **TIMES,
        "kept_until": None,
        "unreadable_at": "2026-03-04T04:06:10.000Z",
        "erased_at": "2026-03-04T04:09:20.500Z",
        "size": 123_456,
        "copies": {"cutout.png": 2, "original": 1},
        "objects_deleted": 7,
        "reason": "deadline",
        "key": signer().id,
    } | fields
    return signed(content, hash=chain.hash_of(content))


def ticket(**fields: Any) -> dict[str, Any]:
    content = {
        "v": 1,
        "type": "ticket",
        "image": "0b9ba2b1-3c0e-4c7a-a8c1-6a1c8b1f0a11",
        "name": "Tasse – größer.png",
        "sha256": "ab" * 32,
        "size": 123_456,
        **TIMES,
        "issued_at": "2026-03-03T10:00:00.000Z",
        "key": signer().id,
    } | fields
    return signed(content)


def head(**fields: Any) -> dict[str, Any]:
    content = {
        "v": 1,
        "type": "head",
        "number": 7,
        "hash": "ab" * 32,
        "at": "2026-03-04T04:09:20.500Z",
        "key": signer().id,
    } | fields
    return signed(content)


CASES = {
    "receipt": (receipt(), check_certificate),
    "ticket": (ticket(), check_ticket),
    "head": (head(), check_head),
}
case = pytest.mark.parametrize("name", CASES)

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@case
def test_what_was_signed_holds(name: str) -> None:
    content, check = CASES[name]
    found = check(content, KEYS)
    assert found.holds
    assert found.failure is None
    assert check(read(json.dumps(content, indent=3)), KEYS).holds


@case
@given(data=st.data())
def test_any_other_value_of_any_field_is_noticed(name: str, data: Any) -> None:
    content, check = CASES[name]
    field = data.draw(st.sampled_from(sorted(content)))
    value = data.draw(values)
    same = type(value) is type(content[field]) and value == content[field]
    assert check(content | {field: value}, KEYS).holds == same


@case
@given(data=st.data())
def test_any_other_text_in_place_of_a_field_is_noticed(name: str, data: Any) -> None:
    """What still looks like the field: one character of it is another."""
    content, check = CASES[name]
    texts = sorted(key for key, value in content.items() if isinstance(value, str))
    field = data.draw(st.sampled_from(texts))
    place = data.draw(st.integers(0, len(content[field]) - 1))
    mark = data.draw(st.sampled_from("0123456789abcdefABCDEFghZT+/=.:-_ "))
    changed = content[field][:place] + mark + content[field][place + 1 :]
    assert check(content | {field: changed}, KEYS).holds == (changed == content[field])


@case
def test_every_field_is_needed_and_no_other_is_taken(name: str) -> None:
    content, check = CASES[name]
    for field in content:
        less = {key: value for key, value in content.items() if key != field}
        failure = check(less, KEYS).failure
        assert failure is not None
        assert failure.code == "form"
        assert f"“{field}”" in failure.says
    failure = check(content | {"more": 1}, KEYS).failure
    assert failure is not None
    assert "“more”" in failure.says


@given(data=st.data())
def test_a_changed_byte_of_the_text_is_noticed_or_says_the_same(data: Any) -> None:
    content = receipt()
    text = json.dumps(content)
    place = data.draw(st.integers(0, len(text) - 1))
    mark = data.draw(st.characters(max_codepoint=0x17F))
    try:
        changed = read(text[:place] + mark + text[place + 1 :])
    except Unreadable:
        return
    if check_certificate(changed, KEYS).holds:
        assert canonical(changed) == canonical(content)


def test_a_signature_has_one_spelling() -> None:
    """The last digit of base64 holds four bits that say nothing."""
    content = receipt()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = content["signature"][-3]
    other = alphabet[alphabet.index(last) ^ 1]
    respelt = content["signature"][:-3] + other + "=="
    assert base64.b64decode(respelt) == base64.b64decode(content["signature"])
    assert not check_certificate(content | {"signature": respelt}, KEYS).holds


def test_numbers_are_numbers() -> None:
    for field, value in (("v", True), ("v", 1.0), ("size", 123_456.0), ("number", "7")):
        failure = check_certificate(receipt() | {field: value}, KEYS).failure
        assert failure is not None
        assert failure.code == "form"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("received_at", "2026-02-30T09:06:07.891Z"),
        ("image", "an image"),
        ("size", 2**53),  # From here on programs read another number than was signed.
        ("number", 0),
        ("copies", {"original": 0}),
        ("copies", {"An Original": 1}),
    ],
)
def test_even_what_was_signed_has_to_look_like_its_field(field: str, value: Any) -> None:
    failure = check_certificate(receipt(**{field: value}), KEYS).failure
    assert failure is not None
    assert failure.code == "form"
    assert f"“{field}”" in failure.says


def test_the_smallest_and_the_largest_numbers_hold() -> None:
    assert check_certificate(receipt(size=2**53 - 1, copies={}, objects_deleted=0), KEYS).holds
    assert check_head(head(number=0), KEYS).holds


def test_what_is_signed_as_one_thing_is_no_other() -> None:
    assert not check_ticket(receipt(), KEYS).holds
    assert not check_certificate(ticket(), KEYS).holds
    assert not check_head(ticket(), KEYS).holds


def test_a_key_of_somebody_else_signs_nothing_here() -> None:
    failure = check_certificate(receipt(), {}).failure
    assert failure is not None
    assert failure.code == "key"
    for public in (base64.b64encode(bytes(range(32))).decode(), "", "AAAA", "p", "ä"):
        assert not check_certificate(receipt(), {signer().id: public}).holds


def test_what_could_not_be_checked_is_listed_as_such() -> None:
    found = check_certificate(receipt() | {"size": -1}, KEYS)
    assert [(check.code, check.holds) for check in found.checks] == [
        ("form", False),
        ("key", None),
        ("hash", None),
        ("signature", None),
    ]
    assert not found.holds


def test_every_check_speaks_in_a_sentence() -> None:
    said = [*check_certificate(receipt(), KEYS).checks, *match(ticket(), receipt()).checks]
    said += [*check_certificate({}, KEYS).checks, *match({}, {}, "00").checks]
    assert all(check.says.endswith(".") and check.says[0].isupper() for check in said)


def test_what_a_check_says_is_what_it_found() -> None:
    assert says(check_certificate(receipt(), KEYS)) == {
        "form": "It has every field of a receipt, and no other.",
        "key": f"The key {signer().id} is one of this site's.",
        "hash": "The hash is that of what it says.",
        "signature": "The signature is that of the key: nothing was changed since.",
    }
    assert says(check_certificate({}, KEYS)) == {
        "form": "The field “v” of a receipt is missing.",
        "key": "Not checked: whether it names a key of this site.",
        "hash": "Not checked: whether its hash fits.",
        "signature": "Not checked: whether the signature fits.",
    }
    unknown = check_ticket(ticket(key="0" * 16), KEYS)
    assert says(unknown)["key"] == "The key 0000000000000000 is none of this site's."
    changed = check_certificate(receipt() | {"size": 1}, KEYS)
    wrong = "The hash is not that of what it says: something was changed."
    assert says(changed)["hash"] == wrong
    forged = check_ticket(ticket() | {"size": 1}, KEYS)
    wrong = "The signature is not that of the key: something was changed, or forged."
    assert says(forged)["signature"] == wrong


def test_what_a_comparison_says_is_what_it_found() -> None:
    assert says(match(ticket(), receipt(), "ab" * 32)) == {
        "image": "Ticket and receipt name the same image.",
        "size": "Ticket and receipt name a photo of the same size.",
        "received": "Ticket and receipt name the same arrival.",
        "due": "The receipt's deadline is the ticket's, or earlier.",
        "issued": "The ticket was issued while the image could still be read.",
        "file": "The file is the one that the ticket was issued for.",
    }
    assert says(match({}, {}, "ab")) == {
        "image": "Ticket and receipt do not name the same image.",
        "size": "Ticket and receipt do not name a photo of the same size.",
        "received": "Ticket and receipt do not name the same arrival.",
        "due": "The receipt's deadline is later than the ticket's: a life was lengthened.",
        "issued": "The ticket was issued when the image could no longer be read.",
        "file": "The file is not the one that the ticket was issued for.",
    }


def test_what_is_wrong_with_a_form_is_said_by_its_field() -> None:
    def fault(content: dict[str, Any]) -> str:
        return check_ticket(content, KEYS).checks[0].says

    assert fault(ticket() | {"x" * 50: 1}) == f"A claim ticket has no field “{'x' * 40}”."
    assert fault({"v": 1}) == "The field “key” of a claim ticket is missing."
    assert fault(ticket(size=-1)) == "The field “size” is not what a claim ticket has there."


def says(found: Proof) -> dict[str, str]:
    return {check.code: check.says for check in found.checks}


def test_a_ticket_belongs_to_its_receipt() -> None:
    assert match(ticket(), receipt()).holds
    assert match(ticket(), receipt(), "ab" * 32).holds
    assert match(ticket(), receipt(), " " + "AB" * 32 + "\n").holds
    assert match(ticket(), receipt(due_at="2026-03-03T12:00:00.000Z")).holds  # Shortened since.


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"image": "1b9ba2b1-3c0e-4c7a-a8c1-6a1c8b1f0a11"}, "image"),
        ({"size": 123_457}, "size"),
        ({"received_at": "2026-03-03T09:06:07.892Z"}, "received"),
        ({"due_at": "2026-03-04T05:06:07.891Z"}, "due"),
        ({"unreadable_at": "2026-03-03T09:59:59.999Z"}, "issued"),
    ],
)
def test_a_ticket_belongs_to_no_other_receipt(fields: dict[str, Any], code: str) -> None:
    found = match(ticket(), receipt(**fields))
    assert [check.code for check in found.checks if not check.holds] == [code]


def test_a_ticket_belongs_to_no_other_file() -> None:
    found = match(ticket(), receipt(), "ac" * 32)
    assert [check.code for check in found.checks if not check.holds] == ["file"]


@given(values, values)
def test_matching_takes_anything(one: Any, other: Any) -> None:
    assert not match({"image": one}, {"image": other}).holds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is JSON of something else"),
        ("7", "is JSON of something else"),
        ("null", "is JSON of something else"),
        ('"receipt"', "is JSON of something else"),
        ('{"v": 1, "v": 1}', "is not JSON"),
        ('{"size": NaN}', "is not JSON"),
        ('{"size": -Infinity}', "is not JSON"),
        ("[" * 10_000, "is not JSON"),
        ('{"size": ' + "9" * 5000 + "}", "is not JSON"),
        ("{}" + " " * 19_999, "is too long"),
    ],
)
def test_a_text_that_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=f"^{says}$"):
        read(text)


def test_a_text_may_have_twenty_thousand_characters() -> None:
    assert read("{}" + " " * 19_998) == {}


def test_a_photo_without_a_name_has_a_ticket_too() -> None:
    assert check_ticket(ticket(name=""), KEYS).holds


def test_a_pattern_is_that_of_the_whole_text_and_of_texts_alone() -> None:
    fits = documents._one_of("[0-9]{2}")
    assert fits("12")
    assert not fits("123")
    assert not fits(12)


def test_half_a_character_is_no_name() -> None:
    failure = check_ticket(read(json.dumps(ticket() | {"name": "\ud83d"})), KEYS).failure
    assert failure is not None
    assert failure.code == "form"


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), values, max_size=5))
def test_the_canonical_form_is_that_of_the_chains(content: dict[str, Any]) -> None:
    try:
        expected = chain.canonical(content)
    except ValueError:  # Half a character, or a number that JSON cannot say.
        with pytest.raises(ValueError, match=r"JSON compliant|surrogates"):
            canonical(content)
        return
    assert canonical(content) == expected


@pytest.mark.parametrize("module", [documents, proof])
def test_it_runs_without_the_site(module: Any) -> None:
    """Whoever does not trust the site takes these two files with them."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert not imported & {"django", "accounts", "bgerase_site"}
