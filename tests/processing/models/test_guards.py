"""What the database refuses whoever asks, in plain SQL too: the last line, below the code."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.guards import LEDGER
from accounts.models import ChainHead, ConsentEntry, How, User
from accounts.models.append_only import Unchangeable
from processing.guards import GUARDS
from processing.models import Image, Life, Reason, Receipt, ReceiptKey, database_now
from tests import cast

TICK = timedelta(microseconds=1)


@pytest.fixture
def entry(owner: User) -> ConsentEntry:
    return ConsentEntry.objects.create(
        number=1,
        user=owner,
        on=True,
        wording_version="1",
        wording_hash="w",
        at=database_now(),
        how=How.PAGE,
        previous_hash="0" * 64,
        hash="h",
    )


@pytest.fixture
def receipt(owner: User) -> Receipt:
    now = database_now()
    return Receipt.objects.create(
        number=1,
        image_id=cast.submit(owner).pk,
        workspace=owner.owned_workspaces.get(),
        received_at=now,
        due_at=now,
        unreadable_at=now,
        erased_at=now,
        size=1,
        copies={},
        objects_deleted=1,
        reason=Reason.ASKED_FOR,
        key=ReceiptKey.objects.create(pk="k", public_key="p", first_used_at=now),
        previous_hash="0" * 64,
        hash="h",
        signature="s",
    )


def run(statement: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_every_guard_is_there() -> None:
    names = {guard.name for guard in (*LEDGER, *GUARDS)}
    assert len(names) == 7


@pytest.mark.django_db
def test_they_are_in_the_database_and_come_back_with_every_migrate() -> None:
    listing = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )

    def present() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(listing)
            return {name for (name,) in cursor.fetchall()}

    wanted = {guard.name for guard in (*LEDGER, *GUARDS)}
    assert wanted <= present()
    one = GUARDS[0]
    run(f"DROP TRIGGER {one.name}" + (f" ON {one.table}" if connection.vendor != "sqlite" else ""))
    assert one.name not in present()
    call_command("migrate", verbosity=0, interactive=False)
    assert wanted <= present()


def test_a_ledger_is_only_ever_added_to(entry: ConsentEntry, receipt: Receipt) -> None:
    for row in (entry, receipt, receipt.key):
        table, key = row._meta.db_table, row._meta.pk.column
        column = "hash" if row is not receipt.key else "public_key"
        for statement in (
            f"UPDATE {table} SET {column} = 'x' WHERE {key} = %s",
            f"DELETE FROM {table} WHERE {key} = %s",
        ):
            with pytest.raises(IntegrityError, match="only ever added to"):
                run(statement, row.pk)


def test_the_models_say_so_before_the_database_does(entry: ConsentEntry) -> None:
    entry.on = False
    with pytest.raises(Unchangeable):
        entry.save()
    with pytest.raises(Unchangeable):
        entry.delete()
    with pytest.raises(Unchangeable):
        ConsentEntry.objects.filter(pk=1).update(on=False)
    with pytest.raises(Unchangeable):
        ConsentEntry.objects.all().delete()
    with pytest.raises(Unchangeable), transaction.atomic():
        ConsentEntry.objects.bulk_update([entry], ["on"])
    assert ConsentEntry.objects.values_list("on", flat=True).get()


@pytest.mark.parametrize("field", ["purge_at", "received_at"])
def test_no_image_lives_longer_by_any_way(owner: User, field: str) -> None:
    image = cast.submit(owner)
    with pytest.raises(IntegrityError, match="nothing lengthens"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**{field: getattr(image, field) + TICK})
    Image.objects.filter(pk=image.pk).update(purge_at=image.purge_at - TICK)


def test_what_is_being_erased_never_lives_again(owner: User) -> None:
    image = cast.submit(owner)
    Image.objects.filter(pk=image.pk).update(
        life=Life.ERASING,
        reason=Reason.ASKED_FOR,
        erasing_since=image.received_at,
        look_again_at=image.received_at,
        wrapped_key=None,
        sealed_name=None,
    )
    for life in (Life.LIVE, Life.RECEIVING):
        with pytest.raises(IntegrityError, match="nothing lengthens"), transaction.atomic():
            Image.objects.filter(pk=image.pk).update(life=life)


def test_keeping_cannot_begin_later(owner: User, request: pytest.FixtureRequest) -> None:
    image = cast.submit(owner)
    entry = request.getfixturevalue("entry")  # Opted in once it was there.
    with pytest.raises(IntegrityError, match="nothing lengthens"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(
            kept=True, consent=entry, owner_consent=entry, kept_key=b"key"
        )


def test_a_chain_has_one_end(db: None) -> None:
    ChainHead.objects.create(pk="consent")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChainHead.objects.create(pk="consent")
