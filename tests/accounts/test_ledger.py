"""The ledger of the training opt-in: chained, only ever added to, and read whole by its owner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts import consent
from accounts.audit import Actor
from accounts.chain import hash_of
from accounts.flows.consent import turn_off, turn_on
from accounts.models import ChainHead, ConsentEntry, User, Via
from accounts.models.append_only import Unchangeable

TABLE = "accounts_consententry"
GUARDS = f"guard_{TABLE}"


def flip(user: User, times: int) -> None:
    by = Actor(user, Via.PAGE, "203.0.113.0/24")
    for number in range(times):
        if number % 2:
            turn_off(user, by)
        else:
            turn_on(user, by, consent.current().version)


def tamper(statement: str, *values: Any) -> None:
    """As somebody would who owns the database, and takes its guards away first."""
    with connection.cursor() as cursor:
        for event in ("update", "delete"):
            on = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {GUARDS}_{event}{on}")
        cursor.execute(statement, values)


def test_an_entry_is_linked_to_the_one_before(owner: User, outsider: User) -> None:
    flip(owner, 2)
    flip(outsider, 1)
    entries = list(ConsentEntry.objects.order_by("number"))
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.previous_hash for entry in entries] == [
        "0" * 64,
        entries[0].hash,
        entries[1].hash,
    ]
    assert [hash_of(consent.as_entry(entry)) for entry in entries] == [e.hash for e in entries]
    head = ChainHead.objects.get(pk="consent")
    assert (head.number, head.hash) == (3, entries[2].hash)
    assert consent.verify_ledger() == 0


def test_the_hash_covers_everything_that_an_entry_says(owner: User) -> None:
    flip(owner, 1)
    entry = ConsentEntry.objects.get()
    said = consent.as_entry(entry)
    fields = {field.attname for field in ConsentEntry._meta.concrete_fields} - {"hash"}
    assert {name.removesuffix("_id") for name in fields} == set(said)
    assert said["user"] == str(owner.pk)
    assert (said["how"], said["address"]) == ("page", "203.0.113.0/24")


@pytest.mark.django_db
def test_an_empty_ledger_holds() -> None:
    assert ConsentEntry._meta.db_table == TABLE
    assert consent.verify_ledger() == 0


@pytest.mark.parametrize(
    ("statement", "values", "broken"),
    [
        (f'UPDATE {TABLE} SET "on" = NOT "on" WHERE number = 2', (), 2),
        (f"UPDATE {TABLE} SET at = %s WHERE number = 3", ("2020-01-01 00:00:00+00:00",), 3),
        (f"UPDATE {TABLE} SET address = '' WHERE number = 1", (), 1),
        (f"UPDATE {TABLE} SET wording_version = '0' WHERE number = 4", (), 4),
        (f"DELETE FROM {TABLE} WHERE number = 2", (), 2),
        (f"DELETE FROM {TABLE} WHERE number = 5", (), 5),
        (f"UPDATE {TABLE} SET number = 9 WHERE number = 5", (), 5),
        ("UPDATE accounts_chainhead SET number = 4 WHERE name = 'consent'", (), 6),
        ("UPDATE accounts_chainhead SET hash = name WHERE name = 'consent'", (), 6),
    ],
)
def test_what_is_changed_or_left_out_is_found(
    owner: User,
    statement: str,
    values: tuple[Any, ...],
    broken: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flip(owner, 5)
    call_command("verify_ledger")
    assert "5 entries" in capsys.readouterr().out
    tamper(statement, *values)
    assert consent.verify_ledger() == broken
    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger")
    assert left.value.code == 1
    assert f"entry {broken} " in capsys.readouterr().err


def test_a_chain_that_was_made_anew_with_another_wording_is_found(owner: User) -> None:
    """Hashes alone can be computed by anybody; what a hash of a wording stands for cannot."""
    flip(owner, 2)
    entry = ConsentEntry.objects.get(number=2)
    entry.wording_hash = "f" * 64
    entry.hash = hash_of(consent.as_entry(entry))
    tamper(
        f"UPDATE {TABLE} SET wording_hash = %s, hash = %s WHERE number = 2",
        entry.wording_hash,
        entry.hash,
    )
    ChainHead.objects.filter(pk="consent").update(hash=entry.hash)
    assert consent.verify_ledger() == 2


def raw(statement: str) -> Callable[[ConsentEntry], None]:
    def run(entry: ConsentEntry) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [entry.pk])

    return run


def change(entry: ConsentEntry) -> None:
    entry.on = False
    entry.save()


@pytest.mark.parametrize(
    "attempt",
    [
        change,
        lambda entry: entry.delete(),
        lambda entry: ConsentEntry.objects.filter(pk=entry.pk).update(on=False),
        lambda entry: ConsentEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: ConsentEntry.objects.all().delete(),
        lambda entry: ConsentEntry.objects.bulk_update([entry], ["on"]),
        lambda entry: ConsentEntry.objects.update_or_create({"on": False}, pk=entry.pk),
        lambda entry: entry.user.delete(),
        raw(f'UPDATE {TABLE} SET "on" = FALSE WHERE number = %s'),
        raw(f"DELETE FROM {TABLE} WHERE number = %s"),
    ],
    ids=[
        "save",
        "delete",
        "update of a query",
        "delete of a query",
        "delete of all",
        "bulk_update",
        "update_or_create",
        "with its user",
        "raw update",
        "raw delete",
    ],
)
def test_nobody_changes_or_deletes_an_entry(
    owner: User, attempt: Callable[[ConsentEntry], Any]
) -> None:
    flip(owner, 1)
    before = ConsentEntry.objects.values().get()
    with pytest.raises((Unchangeable, IntegrityError)), transaction.atomic():
        attempt(ConsentEntry.objects.get())
    assert ConsentEntry.objects.values().get() == before


def test_bulk_create_cannot_write_over_an_entry(owner: User) -> None:
    flip(owner, 1)
    entry = ConsentEntry.objects.get()
    entry.on = False
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEntry.objects.bulk_create(
            [entry], update_conflicts=True, unique_fields=["number"], update_fields=["on"]
        )
    assert ConsentEntry.objects.get().on
