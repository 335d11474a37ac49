"""What a sweep takes on: in batches, and one by one where a batch fails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as site
from django.db import IntegrityError, OperationalError, connection

from accounts.models import Action, AuditEntry, User, Via
from processing.flows.submit import go_live
from processing.models import Arrival, Image, ImageQuerySet, Life, Reason, database_now
from processing.retention import backoff, claims, condemned, erase
from processing.retention.claims import condemn_all
from processing.retention.sweeper import sweep
from processing.storage import stored_names
from tests import cast
from tests.processing.refusals import refusing


def counts(now: datetime, most: int | None = None) -> tuple[int, int]:
    found = list(condemn_all(now, most))
    return sum(done for done, _ in found), sum(failed for _, failed in found)


def fail_with(
    monkeypatch: pytest.MonkeyPatch, error: Exception, only: UUID | None = None
) -> pytest.MonkeyPatch:
    """Condemning fails for any set of images that has this one in it, or for all."""
    real = condemned.condemn_locked

    def condemn(ids: Sequence[UUID], *args: Any, **kwargs: Any) -> None:
        if only is None or only in ids:
            raise error
        real(ids, *args, **kwargs)

    monkeypatch.setattr(claims, "condemn_locked", condemn)
    return monkeypatch


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
def test_an_image_that_fails_its_batch_keeps_no_other(
    owner: User, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(claims, "BATCH", batch)
    ids = cast.fill(owner, 7)
    now = Image.objects.latest("purge_at").purge_at
    with monkeypatch.context() as broken:
        fail_with(broken, IntegrityError("private words"), only=ids[3])
        assert counts(now) == (6, 1)
    assert Image.objects.exclude(life=Life.ERASING).get().pk == ids[3]
    assert AuditEntry.objects.filter(action=Action.IMAGE_EXPIRED).count() == 6
    assert counts(now) == (1, 0)


def test_one_that_is_erased_by_its_owner_before_its_turn_stays_that(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the batch that failed and the one by one."""
    images = [cast.submit(owner) for _ in range(2)]
    due = max(image.purge_at for image in images)
    one_by_one = claims._condemn_one_by_one

    def erase_and_go_on(*batch: Any) -> tuple[int, int]:
        monkeypatch.undo()
        erase.condemn(images[0], due, Reason.ASKED_FOR)
        return one_by_one(*batch)

    fail_with(monkeypatch, IntegrityError("private words"))
    monkeypatch.setattr(claims, "_condemn_one_by_one", erase_and_go_on)
    counts(due)
    assert dict(Image.objects.values_list("pk", "reason")) == {
        images[0].pk: Reason.ASKED_FOR,
        images[1].pk: Reason.DEADLINE,
    }
    assert AuditEntry.objects.get(action=Action.IMAGE_EXPIRED).image_id == images[1].pk


def test_an_upload_that_comes_to_its_end_before_its_turn_stays(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same: it is whole by then, and whoever sent it was told so."""
    image = cast.arriving(owner)
    stale = image.received_at + site.BUDGET.stale_upload
    one_by_one = claims._condemn_one_by_one

    def finish_and_go_on(*batch: Any) -> tuple[int, int]:
        monkeypatch.undo()
        go_live(image, 300_000, 0, "", cast.at_page(owner))
        return one_by_one(*batch)

    fail_with(monkeypatch, IntegrityError("private words"))
    monkeypatch.setattr(claims, "_condemn_one_by_one", finish_and_go_on)
    counts(stale)
    assert Image.objects.get().life == Life.LIVE
    assert len(stored_names(image.prefix)) == 1


def test_images_of_the_very_same_moment_are_all_reached(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BATCH", 2)
    ids = cast.fill(owner, 7)
    first = Image.objects.earliest("received_at")
    Image.objects.update(received_at=first.received_at, purge_at=first.purge_at)
    with monkeypatch.context() as broken:
        fail_with(broken, IntegrityError(), only=ids[0])
        assert counts(first.purge_at) == (6, 1)
    assert counts(first.purge_at) == (1, 0)


def test_what_is_due_loses_its_bytes_even_when_no_row_can_be_written(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk refuses the row, and the bytes are what fills it."""
    due, live = cast.submit(owner), cast.submit(owner)
    cast.age(due, timedelta(hours=23))
    with monkeypatch.context() as broken:
        fail_with(broken, OperationalError("database or disk is full"))
        assert sweep(database_now()).failed == 1
        broken.setattr(erase, "condemn", fail)
        with pytest.raises(OperationalError):
            erase.begin(live, database_now(), Reason.ASKED_FOR)
        due.refresh_from_db()
        with pytest.raises(OperationalError):
            erase.begin(due, database_now(), Reason.ASKED_FOR)
    assert stored_names(due.prefix) == []
    assert len(stored_names(live.prefix)) == 1, "still readable, so still whole"
    assert "disk is full" not in caplog.text
    assert sweep(database_now()).begun == 1


def test_where_no_row_can_even_be_locked_the_bytes_go_all_the_same(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that only reads: what is due is found without a lock."""
    images = [cast.submit(owner) for _ in range(2)]

    def refuse(*args: object, **kwargs: object) -> None:
        raise OperationalError("attempt to write a readonly database")

    with monkeypatch.context() as broken:
        broken.setattr(ImageQuerySet, "select_for_update", refuse)
        assert counts(max(image.purge_at for image in images)) == (0, 2)
    assert cast.stored_objects() == []


def test_where_the_storage_refuses_too_the_image_is_left_for_the_next_sweep(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.submit(owner)
    with monkeypatch.context() as broken, refusing():
        fail_with(broken, OperationalError("private words"))
        assert counts(image.purge_at) == (0, 1)
    assert caplog.messages == [
        "a batch is taken one by one: OperationalError",
        f"image {image.pk} could not be condemned: OperationalError",
        "nor could its bytes be deleted: PermissionError",
    ]
    assert counts(image.purge_at) == (1, 0)


def test_where_bytes_wait_to_be_deleted_is_told_in_batches_without_taking_them(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BATCH", 2)
    waiting, now = [cast.submit(owner) for _ in range(3)], database_now()
    later, _ = cast.submit(owner), cast.submit(owner)
    for image in waiting:
        erase.condemn(image, now, Reason.ASKED_FOR)
    erase.condemn(later, now + timedelta(minutes=5), Reason.ASKED_FOR)
    prefixes = sorted(image.prefix for image in waiting)
    at = now + backoff.lease()
    assert list(claims.prefixes_waiting(at)) == [prefixes[:2], prefixes[2:]]
    assert set(claims.take(at, at, 500)) == set(waiting), "nobody has taken them"


def fail(*args: object, **kwargs: object) -> bool:
    raise OperationalError("database or disk is full")


def test_the_owner_reads_that_it_went_at_its_deadline(owner: User, outsider: User) -> None:
    mine, theirs = cast.submit(owner), cast.submit(outsider)
    Image.objects.filter(pk=theirs.pk).update(withdrawn_at=theirs.purge_at + timedelta(hours=1))
    now = theirs.purge_at + timedelta(hours=2)
    assert counts(now) == (2, 0)
    entries = AuditEntry.objects.filter(action=Action.IMAGE_EXPIRED)
    assert {
        (entry.owner_id, entry.image_id, entry.actor_id, entry.via, entry.detail)
        for entry in entries
    } == {
        (owner.pk, mine.pk, None, Via.SYSTEM, ""),
        (outsider.pk, theirs.pk, None, Via.SYSTEM, "consent_withdrawn"),
    }
    assert dict(Image.objects.values_list("pk", "reason")) == {
        mine.pk: Reason.DEADLINE,
        theirs.pk: Reason.CONSENT_WITHDRAWN,
    }


def test_a_withdrawal_before_the_deadline_is_not_why_it_went(owner: User) -> None:
    image = cast.submit(owner)
    Image.objects.update(withdrawn_at=image.received_at)
    counts(image.purge_at)
    assert Image.objects.get().reason == Reason.DEADLINE


def test_what_is_kept_is_not_due(owner: User) -> None:
    cast.opt_in(owner)
    image = cast.submit(owner)
    assert image.kept
    assert counts(image.purge_at + timedelta(days=30)) == (0, 0)
    assert Image.objects.get().life == Life.LIVE


def test_an_upload_in_parts_has_broken_off_once_nothing_more_of_it_came(owner: User) -> None:
    """Another that fell silent meanwhile is not held up by it."""
    image, silent = cast.arriving(owner), cast.arriving(owner)
    heard = silent.received_at + timedelta(minutes=29)
    Arrival.objects.create(image=image, size=300_000, heard_at=heard)
    stale = silent.received_at + site.BUDGET.stale_upload
    assert list(claims.broken_off(stale)) == [silent]
    late = heard + site.BUDGET.stale_upload
    assert set(claims.broken_off(late - timedelta(microseconds=1))) == {silent}
    assert set(claims.broken_off(late)) == {silent, image}


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_taken_on_than_were_asked_for(
    owner: User, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(claims, "BATCH", 2)
    cast.fill(owner, 5)
    now = Image.objects.latest("purge_at").purge_at
    assert counts(now, most) == (most, 0)
    assert Image.objects.filter(life=Life.ERASING).count() == most


def test_an_upload_that_broke_off_goes_even_if_it_was_to_be_kept(owner: User) -> None:
    """What never arrived is nothing that anybody agreed to."""
    cast.opt_in(owner)
    image = cast.arriving(owner)
    assert image.kept
    assert counts(image.received_at + site.BUDGET.stale_upload) == (1, 0)
    row = Image.objects.get()
    assert (row.kept, row.kept_key, row.reason) == (False, None, Reason.BROKEN_OFF)


def test_the_searches_go_by_an_index(owner: User) -> None:
    """Each by the one that holds only what it can find: a site's live images cost it nothing."""
    now = database_now()
    cast.fill(owner, 200)
    waiting = Image.objects.filter(life=Life.ERASING, look_again_at__lte=now)
    searches = {
        "image_by_deadline": claims.due(now).order_by("purge_at", "pk")[:500],
        "image_arriving": claims.broken_off(now).order_by("received_at", "pk")[:500],
        "image_being_erased": waiting.order_by("look_again_at")[:500],
    }
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # It would do for so small a table.
            cursor.execute("ANALYZE processing_image")
    for index, search in searches.items():
        plan = search.explain()
        assert index in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "Sort" not in plan, plan
