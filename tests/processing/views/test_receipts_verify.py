"""/receipts/verify/ and the public keys: for everybody, and nothing of it is kept."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.chain import canonical, hash_of
from accounts.models import User
from processing.models import Receipt, ReceiptKey
from processing.retention.certificates import certificate
from processing.retention.proof import check_certificate, check_head
from processing.retention.signing import signer
from processing.views.certificate import as_text
from tests.cast import JSON, browser, count_queries
from tests.processing.retention.paper import erased, ticket_of

pytestmark = pytest.mark.django_db
VERIFY = "/receipts/verify/"
HASH = "ab" * 32  # As in paper.ticket_of.
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def receipt(owner: User) -> Receipt:
    return erased(owner, 3)[1]


def ask(**sent: Any) -> Any:
    return answered(200, **sent)


def answered(status: int, /, **sent: Any) -> Any:
    texts = {
        key: value if isinstance(value, str) else as_text(value) for key, value in sent.items()
    }
    response = browser().post(VERIFY, texts, headers=JSON)
    assert response.status_code == status
    return response.json()


def failed(answer: Any) -> list[tuple[str, str]]:
    return [(one["document"], one["code"]) for one in answer["checks"] if not one["holds"]]


def page(**sent: Any) -> str:
    texts = {
        key: value if isinstance(value, str) else as_text(value) for key, value in sent.items()
    }
    text: str = browser().post(VERIFY, texts).content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_everybody_can_open_it(db: None) -> None:
    response = browser().get(VERIFY)
    assert response.status_code == 200
    assert "<h1>Verify a receipt</h1>" in response.content.decode()


def test_a_genuine_receipt_holds(receipt: Receipt) -> None:
    answer = ask(receipt=certificate(receipt))
    assert answer["holds"] is True
    assert [one["code"] for one in answer["checks"]] == [
        "form",
        "key",
        "hash",
        "signature",
        "chain",
    ]


def test_the_page_says_it_in_words_with_every_check(receipt: Receipt) -> None:
    shown = page(receipt=certificate(receipt))
    assert "This receipt is genuine." in shown
    assert "It is number 2 in this site&#x27;s chain." in shown
    assert shown.count("checks-good") == 5
    assert "could be read for 19 h 30 min" in shown


@pytest.mark.parametrize("field", ["size", "erased_at", "reason", "hash", "signature", "number"])
def test_a_changed_one_does_not_and_nothing_that_it_says_is_repeated(
    receipt: Receipt, field: str
) -> None:
    other = certificate(erased(receipt.workspace.owner, size=5, reason="asked_for")[0])
    content = certificate(receipt) | {field: other[field]}
    if field == "erased_at":
        content["erased_at"] = "2026-03-04T05:06:08.000Z"
    assert ask(receipt=content)["holds"] is False
    shown = page(receipt=content)
    assert "This does not hold." in shown
    assert "All that the receipt says" not in shown
    assert shown.count("checks-bad") == 1


def test_a_genuine_one_that_is_not_in_the_chain_does_not_hold(
    receipt: Receipt, owner: User
) -> None:
    content = certificate(erased(owner)[0])
    content |= {"number": 9}
    part = {key: value for key, value in content.items() if key not in {"hash", "signature"}}
    forged = part | {"hash": hash_of(part), "signature": signer().sign(canonical(part))}
    assert failed(ask(receipt=forged)) == [("receipt", "chain")]


def test_a_ticket_and_the_file_belong_to_it(receipt: Receipt) -> None:
    both = {"receipt": certificate(receipt), "ticket": ticket_of(receipt)}
    assert ask(**both)["holds"] is True
    assert ask(**both, sha256=HASH)["holds"] is True
    assert failed(ask(**both, sha256="cd" * 32)) == [("match", "file")]
    shown = page(**both, sha256=HASH)
    assert "The receipt is genuine, and it is for this file." in shown
    assert "sent as “cup.png”" in shown


def test_a_ticket_of_another_image_does_not(receipt: Receipt, owner: User) -> None:
    other = ticket_of(erased(owner, size=9)[0])
    answer = ask(receipt=certificate(receipt), ticket=other)
    assert failed(answer) == [("match", "image"), ("match", "size")]


def test_a_forged_ticket_does_not(receipt: Receipt) -> None:
    forged = ticket_of(receipt) | {"name": "another.png"}
    answer = ask(receipt=certificate(receipt), ticket=forged)
    assert failed(answer) == [("ticket", "signature")]
    assert "another.png”" not in page(receipt=certificate(receipt), ticket=forged).replace(
        "&quot;another.png&quot;", ""
    )


def test_a_ticket_alone_says_which_file_it_is_for(receipt: Receipt) -> None:
    ticket = ticket_of(receipt)
    assert ask(ticket=ticket)["holds"] is True
    assert ask(ticket=ticket, sha256=HASH)["holds"] is True
    assert failed(ask(ticket=ticket, sha256="cd" * 32)) == [("ticket", "file")]
    assert "it is for this file" in page(ticket=ticket, sha256=HASH)
    assert "Whether it was erased is what its receipt says." in page(ticket=ticket)


def test_a_program_can_send_it_as_json(receipt: Receipt) -> None:
    body = {"receipt": certificate(receipt), "ticket": ticket_of(receipt), "sha256": HASH}
    response = browser(enforce_csrf_checks=True).post(
        VERIFY, json.dumps(body), content_type="application/json", headers=JSON
    )
    assert response.json()["holds"] is True


REFUSED: list[tuple[dict[str, str], str]] = [
    ({}, "bad_request"),
    ({"receipt": "  "}, "bad_request"),
    ({"receipt": "{"}, "unreadable_receipt"),
    ({"receipt": "[]"}, "unreadable_receipt"),
    ({"receipt": '{"a": 1, "a": 2}'}, "unreadable_receipt"),
    ({"receipt": "[" * 9000}, "unreadable_receipt"),
    ({"receipt": '{"a": "' + "x" * 20_000 + '"}'}, "unreadable_receipt"),
    ({"ticket": "no"}, "unreadable_ticket"),
    ({"receipt": "{}", "ticket": "7"}, "unreadable_ticket"),
    ({"receipt": "{}", "sha256": HASH}, "bad_request"),
    ({"ticket": "{}", "sha256": "ab"}, "bad_request"),
    ({"ticket": "{}", "sha256": "x" * 64}, "bad_request"),
]


@pytest.mark.parametrize(("sent", "code"), REFUSED)
def test_what_cannot_be_checked_is_refused_in_a_sentence(sent: dict[str, str], code: str) -> None:
    answer = answered(400, **sent)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"].endswith(".")
    response = browser().post(VERIFY, sent)
    assert response.status_code == 400
    shown = response.content.decode()
    assert 'role="alert"' in shown
    assert "This does not hold" not in shown


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"receipt": 7}', b'{"receipt": []}', b'{"receipt": "{"}']
)
def test_json_that_cannot_be_checked_is_refused(body: bytes) -> None:
    response = browser().post(VERIFY, body, content_type="application/json", headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] in {"bad_request", "unreadable_receipt"}


def test_what_is_empty_is_no_receipt_but_can_be_checked(db: None) -> None:
    assert failed(ask(receipt="{}"))[0] == ("receipt", "form")


def test_a_long_body_is_not_read(db: None) -> None:
    response = browser().post(VERIFY, {"receipt": "x" * 1_100_000}, headers=JSON)
    assert response.status_code == 413


def test_a_file_is_never_taken(receipt: Receipt) -> None:
    """The form sends none: its file inputs have no name, and it is no multipart form."""
    shown = browser().get(VERIFY).content.decode()
    inputs = re.findall(r"<input[^>]*type=\"file\"[^>]*>", shown)
    assert len(inputs) == 2
    assert not any("name=" in one for one in inputs)
    assert "multipart" not in shown
    sent = {"receipt": SimpleUploadedFile("a.json", as_text(certificate(receipt)).encode())}
    answer = browser().post(VERIFY, sent, headers=JSON)
    assert answer.json()["error"]["code"] == "bad_request"  # As if nothing had been sent.


def test_what_was_pasted_is_shown_as_text(db: None) -> None:
    shown = page(receipt='{"<script>alert(1)</script>": 1}')
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown


def test_it_costs_the_same_in_a_long_chain(receipt: Receipt, owner: User) -> None:
    content = certificate(receipt)
    few = count_queries(lambda: ask(receipt=content))
    erased(owner, 20)
    assert count_queries(lambda: ask(receipt=content)) == few <= 4


def test_the_script_sends_no_file() -> None:
    script = (ROOT / "static/js/receipt_verify.js").read_text(encoding="utf-8")
    assert not re.search(r"fetch|XMLHttpRequest|sendBeacon|FormData|WebSocket", script)


def test_the_keys_are_public(receipt: Receipt, settings: Any) -> None:
    (key,) = browser().get("/receipts/keys.json").json()["keys"]
    assert key == {
        "id": signer().id,
        "algorithm": "Ed25519",
        "public_key": signer().public_key,
        "first_used_at": "2026-03-04T05:06:07.891Z",
        "in_force": True,
    }
    settings.RECEIPT_KEY = "another"
    keys = {one["id"]: one for one in browser().get("/receipts/keys.json").json()["keys"]}
    assert keys[receipt.key_id]["in_force"] is False
    assert keys[signer().id]["in_force"] is True
    assert keys[signer().id]["first_used_at"] is None
    known = {name: one["public_key"] for name, one in keys.items()}
    assert check_certificate(certificate(receipt), known).holds
    assert ReceiptKey.objects.count() == 1  # Looking writes nothing.


def test_the_head_is_signed(receipt: Receipt) -> None:
    head = browser().get("/receipts/head.json").json()
    assert check_head(head, {signer().id: signer().public_key}).holds
    last = Receipt.objects.latest("number")
    assert (head["number"], head["hash"]) == (last.number, last.hash)


def test_before_the_first_receipt_the_head_is_the_origin(db: None) -> None:
    head = browser().get("/receipts/head.json").json()
    assert (head["number"], head["hash"]) == (0, "0" * 64)
    assert check_head(head, {signer().id: signer().public_key}).holds
