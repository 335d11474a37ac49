"""What the tables say, read anew by the patrol."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from accounts.models import User
from processing.access import home_of
from processing.models import Arrival, Blob, Image, Job, Life, Reason, database_now
from processing.retention import erase
from processing.retention.patrol import tables
from tests import cast

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def found() -> dict[str, float]:
    return {name: number for name, number in tables.look(database_now()).items() if number}


def copy_of(image: Image) -> Image:
    """Another image with all that this one had when it came."""
    fresh = Image(**{one.attname: getattr(image, one.attname) for one in Image._meta.fields})
    fresh.id, fresh.prefix = Image().id, Image().prefix
    return fresh


def test_a_site_as_it_should_be_has_none_of_it(owner: User) -> None:
    cast.finish(cast.submit(owner))
    cast.opt_in(owner)
    assert cast.submit(owner).kept
    assert found() == {}


def test_kept_is_believed_only_as_far_as_the_ledger_goes(owner: User) -> None:
    """The image says that it is kept; what its people said last decides."""
    cast.opt_in(owner)
    kept = cast.submit(owner)
    assert found() == {}
    cast.opt_out(owner)
    assert not Image.objects.filter(kept=True).exists()
    cast.opt_in(owner)
    # As if the withdrawal had been lost: the entry it came under is not the latest any more.
    copy_of(kept).save(force_insert=True)
    assert found() == {"kept_without_consent": 1}


def test_an_entry_that_says_off_keeps_nothing(owner: User) -> None:
    cast.opt_in(owner)
    kept = cast.submit(owner)
    cast.opt_out(owner)
    entry = owner.consent_entries.order_by("-number").first()
    fresh = copy_of(kept)
    fresh.consent = fresh.owner_consent = entry
    fresh.save(force_insert=True)
    assert found() == {"kept_without_consent": 1}


def test_the_consent_has_to_be_of_the_uploader_and_of_the_workspace_s_owner(
    owner: User, outsider: User
) -> None:
    cast.opt_in(owner)
    kept = cast.submit(owner)
    entry = cast.opt_in(outsider)
    for field in ("consent", "owner_consent"):
        fresh = copy_of(kept)
        setattr(fresh, field, entry)
        fresh.save(force_insert=True)
    assert found() == {"kept_without_consent": 2}


@pytest.mark.parametrize("off", ["uploader", "workspace's owner"])
def test_it_has_to_be_on_for_both_of_them(owner: User, outsider: User, off: str) -> None:
    """In a shared workspace, each by the latest entry of their own."""
    cast.opt_in(owner)
    fresh = copy_of(cast.submit(owner))
    fresh.workspace = home_of(outsider)
    fresh.owner_consent = cast.opt_in(outsider)
    who = owner if off == "uploader" else outsider
    cast.opt_out(who)
    latest = who.consent_entries.order_by("-number").first()
    if who == owner:
        fresh.consent = latest
    else:
        fresh.owner_consent = latest
    fresh.save(force_insert=True)
    assert found() == {"kept_without_consent": 1}


def test_a_deadline_that_the_constraint_did_not_stop_is_found(owner: User) -> None:
    image = cast.submit(owner)
    with unchecked("purge_at_within_23_hours"):
        earlier = image.received_at - timedelta(hours=1)
        Image.objects.filter(pk=image.pk).update(received_at=earlier)
        assert found()["without_deadline"] == 1


@contextlib.contextmanager
def unchecked(constraint: str) -> Iterator[None]:
    """Without one of the constraints, as after a repair by hand that went wrong."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # What is checked later forbids it.
            cursor.execute(f"ALTER TABLE processing_image DROP CONSTRAINT {constraint}")
        try:
            yield
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_erasing_that_does_not_end_is_found(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    erase.condemn(image, now, Reason.ASKED_FOR)
    quiet = Image.objects.get(pk=image.pk).quiet_at
    assert quiet is not None
    late = quiet + settings.BUDGET.alarm
    assert tables.stuck_erasing(late - SECOND).count() == 0
    assert tables.stuck_erasing(late + SECOND).count() == 1
    assert tables.look(late + SECOND)["stuck_erasing"] == 1
    Image.objects.update(quiet_at=None)
    late = now + settings.BUDGET.alarm + erase.longest_job()
    assert tables.stuck_erasing(late - SECOND).count() == 0
    assert tables.stuck_erasing(late + SECOND).count() == 1


def test_what_a_worker_can_still_be_at_is_not_stuck(owner: User) -> None:
    """However long ago its erasing began."""
    image, now = cast.submit(owner), database_now()
    erase.condemn(image, now, Reason.ASKED_FOR)
    late = now + timedelta(days=1)
    Image.objects.update(quiet_at=late)
    assert tables.stuck_erasing(late).count() == 0


def test_a_job_that_waits_for_an_erased_image_is_found(owner: User) -> None:
    image = cast.submit(owner)
    erase.condemn(image, database_now(), Reason.ASKED_FOR)
    assert found() == {}
    Job.objects.create(image=image, queued_at=database_now())
    assert Image.objects.get().life == Life.ERASING
    assert found() == {"orphan_rows": 1}


def test_a_job_that_has_ended_goes_with_its_image_s_row(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    erase.condemn(image, database_now(), Reason.ASKED_FOR)
    assert Job.objects.filter(image=image).exists()
    assert found() == {}


@pytest.mark.parametrize("left", [Blob, Job, Arrival])
def test_every_row_that_has_lost_its_image_is_found(owner: User, left: type[Model]) -> None:
    """As after a repair by hand: the database itself would not let an image go before them."""
    for _ in range(2):
        image = cast.submit(owner)
        Arrival.objects.create(image=image, size=1, heard_at=database_now())
    with transaction.atomic():
        for model in {Blob, Job, Arrival} - {left}:
            model.objects.all().delete()  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM processing_image")
        assert found() == {"orphan_rows": 2}
        transaction.set_rollback(True)
