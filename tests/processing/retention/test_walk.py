"""The chain of receipts: whoever changes it in the database itself is noticed, every time."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import ChainHead, User
from processing.guards import GUARDS
from processing.models import Receipt, ReceiptKey
from processing.retention import certificates, receipts, walk
from processing.retention.certificates import certificate, signed_head
from processing.retention.proof import Check
from processing.views.certificate import as_text
from tests.cast import count_queries
from tests.processing.retention.paper import NOW, erased, erasing, ticket_of

pytestmark = pytest.mark.django_db
LENGTH = 12


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def unguard() -> None:
    """What somebody with the database in their hands would do first; undone with the test."""
    for guard in GUARDS:
        on = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
        run(f"DROP TRIGGER {guard.name}{on}")


@pytest.fixture
def chain(owner: User, outsider: User) -> list[Receipt]:
    written = erased(owner, LENGTH)
    ReceiptKey.objects.create(id="f" * 16, public_key="p", first_used_at=NOW)
    unguard()
    return written


def broken() -> int:
    return receipts.verify_all().broken


def test_it_holds_as_it_was_written(chain: list[Receipt]) -> None:
    assert receipts.verify_all() == walk.Walked(LENGTH, chain[-1].hash)


def test_without_receipts_there_is_nothing_that_could_not_hold(db: None) -> None:
    assert receipts.verify_all() == walk.Walked(0, "0" * 64)


def test_it_holds_with_several_keys(owner: User, settings: Any) -> None:
    erased(owner, 2)
    settings.RECEIPT_KEY = "another"
    erased(owner, 2)
    assert receipts.verify_all().count == 4
    assert ReceiptKey.objects.count() == 2


@pytest.mark.parametrize("number", range(1, LENGTH + 1))
def test_one_that_is_dropped(chain: list[Receipt], number: int) -> None:
    run("DELETE FROM processing_receipt WHERE number = %s", number)
    assert broken() == number


@pytest.mark.parametrize("left", range(LENGTH))
def test_a_tail_that_is_cut_off(chain: list[Receipt], left: int) -> None:
    run("DELETE FROM processing_receipt WHERE number > %s", left)
    walked = receipts.verify_all()
    assert (walked.count, walked.broken) == (left, left + 1)
    assert walked.hash == (chain[left - 1].hash if left else "0" * 64)
    assert walked.says == (
        f"The chain ends at receipt {left}, but its head names receipt {LENGTH}."
    )


MILLISECOND = "'2026-03-01 00:00:00.001+00'"
CHANGES = {
    "image_id": "'1b9ba2b13c0e4c7aa8c16a1c8b1f0a11'",
    "workspace_id": "(SELECT id FROM accounts_workspace WHERE id <> workspace_id)",
    "received_at": MILLISECOND,
    "due_at": MILLISECOND,
    "kept_until": MILLISECOND,
    "unreadable_at": MILLISECOND,
    "erased_at": MILLISECOND,
    "size": "size + 1",
    "copies": """'{"original": 2}'""",
    "objects_deleted": "objects_deleted + 1",
    "reason": "'asked_for'",
    "key_id": "'ffffffffffffffff'",
    "previous_hash": "hash",
    "hash": f"'{'ab' * 32}'",
    "signature": "'AAAA'",
}


def test_every_column_is_tried() -> None:
    columns = {field.column for field in Receipt._meta.concrete_fields}
    assert columns == {"number", *CHANGES}


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("number", [2, LENGTH])
def test_any_column_that_is_changed(chain: list[Receipt], column: str, number: int) -> None:
    run(f"UPDATE processing_receipt SET {column} = {CHANGES[column]} WHERE number = %s", number)
    assert broken() == number


@pytest.mark.parametrize("column", ["received_at", "due_at", "unreadable_at", "erased_at"])
def test_a_change_below_what_is_signed(chain: list[Receipt], column: str) -> None:
    """The very millisecond that was signed, and a bit: nothing of a row is free to say more."""
    receipt = chain[2]
    at = getattr(receipt, column).replace(microsecond=891_001)
    run(f"UPDATE processing_receipt SET {column} = %s WHERE number = 3", at)
    assert certificate(Receipt.objects.get(number=3)) == certificate(receipt)
    assert broken() == 3


@pytest.mark.parametrize("copies", ["[]", "7", "null", '{"original": 1.0}', '{"Ä": 1}'])
def test_copies_that_count_nothing(chain: list[Receipt], copies: str) -> None:
    run("UPDATE processing_receipt SET copies = %s WHERE number = 6", copies)
    assert broken() == 6


def test_two_that_changed_places(chain: list[Receipt]) -> None:
    run("UPDATE processing_receipt SET number = -1 WHERE number = 4")
    run("UPDATE processing_receipt SET number = 4 WHERE number = 5")
    run("UPDATE processing_receipt SET number = 5 WHERE number = -1")
    assert broken() == 4


@pytest.mark.parametrize("number", [0, -7])
def test_one_with_a_number_before_the_first(chain: list[Receipt], number: int) -> None:
    run("UPDATE processing_receipt SET number = %s WHERE number = %s", number, LENGTH)
    assert broken() == 1


def test_one_more_behind_the_head(chain: list[Receipt], owner: User) -> None:
    """Even a genuine one, as whoever has the key can write: the head does not know it."""
    head = ChainHead.objects.get(pk="receipts")
    erased(owner)
    head.save()
    assert broken() == LENGTH + 2


def test_a_head_that_is_changed_or_gone(chain: list[Receipt]) -> None:
    ChainHead.objects.filter(pk="receipts").update(hash="ab" * 32)
    assert broken() == LENGTH + 1
    ChainHead.objects.filter(pk="receipts").delete()
    assert broken() == LENGTH + 1


def test_a_key_that_is_exchanged(chain: list[Receipt], settings: Any) -> None:
    settings.RECEIPT_KEY = "so that the old one is known by its row alone"
    assert broken() == 0
    run("UPDATE processing_receiptkey SET public_key = %s", "A" * 43 + "=")
    assert broken() == 1


def test_a_chain_that_was_cut_with_its_head_is_known_by_who_has_seen_it(
    chain: list[Receipt],
) -> None:
    witness = signed_head(NOW)
    run("DELETE FROM processing_receipt WHERE number > 5")
    last = Receipt.objects.get(number=5)
    ChainHead.objects.filter(pk="receipts").update(number=5, hash=last.hash)
    assert broken() == 0
    assert receipts.verify_all(witness).broken == 6


def test_a_chain_that_was_written_anew_is_known_by_who_has_seen_it(
    chain: list[Receipt], owner: User
) -> None:
    witness = signed_head(NOW)
    run("DELETE FROM processing_receipt")
    ChainHead.objects.filter(pk="receipts").delete()
    erased(owner, LENGTH + 3)
    assert broken() == 0
    walked = receipts.verify_all(witness)
    assert (walked.count, walked.broken) == (LENGTH - 1, LENGTH)
    assert walked.hash == Receipt.objects.get(number=LENGTH - 1).hash
    assert walked.says == f"Receipt {LENGTH} is not the one that the witnessed head names."


def test_a_head_that_was_seen_earlier_is_led_through(chain: list[Receipt], owner: User) -> None:
    witness = signed_head(NOW)
    erased(owner, 2)
    assert receipts.verify_all(witness) == walk.Walked(LENGTH + 2, receipts.verify_all().hash)


@pytest.mark.parametrize(
    ("column", "value"),
    [("received_at", "some day"), ("due_at", "7"), ("size", "big"), ("image_id", "none")],
)
def test_what_no_receipt_can_hold(chain: list[Receipt], column: str, value: str) -> None:
    """SQLite takes anything into any column, PostgreSQL refuses it itself."""
    change = f"UPDATE processing_receipt SET {column} = %s WHERE number = 6"
    if connection.vendor == "sqlite":
        run(change, value)
        assert broken() == 6
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        run(change, value)
    assert broken() == 0


def test_it_is_walked_in_batches(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "ROWS_PER_QUERY", 5)
    erased(owner, 23)
    assert receipts.verify_all().count == 23
    few = count_queries(receipts.verify_all)
    erased(owner, 20)
    assert count_queries(receipts.verify_all) == few + 8  # Two for each batch, none for a receipt.


def test_what_is_written_while_it_is_walked_is_no_fault(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased(owner, 3)
    known, more = certificates.head, [1, 2]

    def head() -> tuple[int, str]:
        if more:
            erased(owner, more.pop())
        return known()

    monkeypatch.setattr(walk, "head", head)
    assert receipts.verify_all() == walk.Walked(6, known()[1])


def command(*args: str) -> str:
    out = StringIO()
    call_command("verify_receipts", *args, stdout=out)
    return out.getvalue()


def saved(folder: Path, content: dict[str, Any]) -> str:
    path = folder / "saved.json"
    path.write_text(as_text(content), encoding="utf-8")
    return str(path)


def refused(*args: str) -> str:
    with pytest.raises(CommandError) as caught:
        command(*args)
    assert caught.value.returncode == 1
    return str(caught.value)


def test_the_command_says_how_many_hold(chain: list[Receipt]) -> None:
    assert command().startswith(f"{LENGTH} receipts hold")
    run("DELETE FROM processing_receipt WHERE number = 4")
    assert refused() == "Receipt 4 is not there. The 3 before it hold."


def test_the_command_takes_a_head_that_was_saved(chain: list[Receipt], tmp_path: Path) -> None:
    witness = signed_head(NOW)
    assert f"head at {LENGTH}" in command("--head", saved(tmp_path, witness))
    forged = saved(tmp_path, witness | {"number": 3})
    assert "signature" in refused("--head", forged)


def test_the_command_checks_one_receipt(chain: list[Receipt], tmp_path: Path) -> None:
    content = certificate(chain[4])
    assert "number 5 in this site's chain" in command("--json", saved(tmp_path, content))
    assert "not hold" in refused("--json", saved(tmp_path, content | {"size": 1}))


def test_the_command_knows_a_genuine_receipt_that_is_not_in_the_chain(
    chain: list[Receipt], tmp_path: Path
) -> None:
    content = certificate(chain[-1])
    run("DELETE FROM processing_receipt WHERE number = %s", LENGTH)
    refused("--json", saved(tmp_path, content))


def test_the_command_checks_a_ticket_against_the_receipt_of_its_image(
    chain: list[Receipt], owner: User, tmp_path: Path
) -> None:
    assert "the same image" in command("--ticket", saved(tmp_path, ticket_of(chain[0])))
    other = ticket_of(chain[0], size=chain[0].size + 1)
    refused("--ticket", saved(tmp_path, other))
    with transaction.atomic():
        alive = ticket_of(chain[0], image=str(erasing(owner).pk))
    assert "the same image" not in command("--ticket", saved(tmp_path, alive))


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_the_command_refuses_another_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(CommandError, match="cannot be read"):
        command("--json", str(path))
    with pytest.raises(CommandError, match="cannot be read"):
        command("--ticket", str(tmp_path / "none.json"))


PLACES: dict[str, Callable[[list[Receipt]], None]] = {
    "the one before": lambda chain: run("DELETE FROM processing_receipt WHERE number = 4"),
    "the one after": lambda chain: run("DELETE FROM processing_receipt WHERE number = 6"),
    "a link": lambda chain: run(
        "UPDATE processing_receipt SET previous_hash = '' WHERE number = 6"
    ),
}


@pytest.mark.parametrize("what", PLACES)
def test_a_place_in_the_chain_needs_its_neighbours(chain: list[Receipt], what: str) -> None:
    content = certificate(chain[4])
    there = Check("chain", "It is number 5 in this site's chain.", holds=True)
    assert walk.check_place(content) == there
    PLACES[what](chain)
    gone = Check("chain", "It is not number 5 in this site's chain.", holds=False)
    assert walk.check_place(content) == gone


def test_the_first_and_the_last_have_their_places(chain: list[Receipt]) -> None:
    assert walk.check_place(certificate(chain[0])).holds
    assert walk.check_place(certificate(chain[-1])).holds
    assert count_queries(lambda: walk.check_place(certificate(chain[0]))) == 2
