"""Erasing: unreadable in one transaction, bytes gone, rows kept until nobody can write any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from processing.models import (
    Blob,
    Image,
    Job,
    JobState,
    Life,
    Pulse,
    Reason,
    Receipt,
    VaultMark,
    database_now,
)
from processing.retention import backoff, deadlines, erase, marks, pulse, receipts
from processing.storage import (
    BlobWriter,
    KeyGone,
    destroy_expired_epochs,
    shredding,
    stored_names,
)
from tests import cast
from tests.processing.refusals import refusing

ASKED = Reason.ASKED_FOR


def write_late(image: Image) -> None:
    with BlobWriter(bytes(32), image.prefix, 1, "cutout.png") as writer:
        writer.write(b"late")


def test_beginning_destroys_the_key_and_the_bytes_and_keeps_the_row(owner: User) -> None:
    image, now = cast.finish_with_renderings(cast.submit(owner)), database_now()
    assert len(stored_names(image.prefix)) == 7
    erase.begin(image, now, Reason.DOWNLOADED)
    assert stored_names(image.prefix) == []
    row = Image.objects.get(pk=image.pk)
    assert (row.life, row.reason) == (Life.ERASING, Reason.DOWNLOADED)
    assert (row.wrapped_key, row.sealed_name, row.request_key) == (None, None, None)
    assert (row.erasing_since, row.shredded_at, row.objects_deleted) == (now, now, 7)
    with pytest.raises(KeyGone):
        row.open_key()


@pytest.mark.parametrize("state", JobState)
def test_no_job_that_could_still_run_is_left(owner: User, state: JobState) -> None:
    image = cast.submit(owner)
    Job.objects.update(state=state)
    erase.condemn(image, database_now(), ASKED)
    ended = state in {JobState.DONE, JobState.FAILED}
    assert Job.objects.exists() is ended, "what has ended goes with the rows"
    assert erase.step(image, database_now() + erase.longest_job())
    assert not Job.objects.exists()


def test_what_was_kept_for_training_loses_that_key_too(owner: User) -> None:
    cast.opt_in(owner)
    image = cast.submit(owner)
    assert image.kept_key
    erase.condemn(image, database_now(), ASKED)
    row = Image.objects.get()
    assert (row.kept, row.kept_key, row.wrapped_key) == (False, None, None)


def test_no_backup_of_the_row_opens_what_was_kept(
    owner: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """The secret of its own goes at once, while the opt-in and those of other images hold."""
    cast.opt_in(owner)
    image, other = cast.submit(owner), cast.submit(owner)
    backup = Image.objects.get(pk=image.pk)
    destroy_expired_epochs(image.purge_at + timedelta(days=1))
    assert backup.open_key()
    with django_capture_on_commit_callbacks(execute=True):
        erase.condemn(image, database_now(), ASKED)
    with pytest.raises(KeyGone):
        backup.open_key()
    assert other.open_key()


def test_the_key_is_gone_before_a_byte_is_deleted(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    keys_at_deletion = []
    real = shredding._shred

    def look(*args: object) -> object:
        keys_at_deletion.append(Image.objects.get(pk=image.pk).wrapped_key)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(shredding, "_shred", look)
    erase.begin(image, database_now(), ASKED)
    assert keys_at_deletion == [None]


def test_finishing_removes_every_row_and_leaves_a_receipt(owner: User) -> None:
    image, now = cast.finish_with_renderings(cast.submit(owner)), database_now()
    erase.begin(image, now, ASKED)
    assert erase.finish(image, now)
    assert cast.nothing_is_left()
    assert not Job.objects.exists()
    receipt = Receipt.objects.get()
    assert (receipt.image_id, receipt.objects_deleted) == (image.pk, 7)
    assert receipt.reason == ASKED


def test_every_step_may_run_twice_in_any_order(owner: User) -> None:
    image = cast.submit(owner)
    now = database_now()
    for later in (0, 1):
        erase.begin(image, now + timedelta(seconds=later), ASKED)
    row = Image.objects.get()
    assert row.erasing_since == now  # The first time counts.
    assert (row.objects_deleted, row.reason) == (1, ASKED)
    assert erase.step(image, now)
    assert not erase.step(image, now)
    assert not erase.finish(image, now)
    erase.begin(image, now, ASKED)
    assert erase.condemn(image, now, ASKED)
    assert cast.nothing_is_left()
    assert Receipt.objects.count() == 1


def test_a_step_does_all_that_is_left_to_do(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    assert not erase.step(image, now), "it lives"
    erase.condemn(image, now, ASKED)
    assert erase.step(image, now)
    assert cast.nothing_is_left()
    assert Receipt.objects.get().objects_deleted == 1


def test_a_step_that_is_refused_is_counted_and_put_off(owner: User) -> None:
    pulse.beat(database_now(), {})
    image, now = cast.submit(owner), database_now()
    erase.condemn(image, now, ASKED)
    with refusing():
        for tries in (1, 2):
            assert not erase.step(image, now)
            row = Image.objects.get()
            assert row.erase_tries == tries
            assert row.look_again_at == now + backoff.delay(tries)
    assert Pulse.objects.get(pk="sweeper").facts["erase_errors"] == {"vault": 2}
    assert erase.step(image, now)


def test_beginning_raises_what_the_storage_raises(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    with refusing(), pytest.raises(PermissionError):
        erase.begin(image, now, ASKED)
    row = Image.objects.get()
    assert (row.wrapped_key, row.erase_tries, row.shredded_at) == (None, 1, None)


def test_finishing_looks_for_bytes_once_more(owner: User) -> None:
    """What a late worker wrote after `begin` had looked."""
    image, now = cast.submit(owner), database_now()
    erase.begin(image, now, ASKED)
    write_late(image)
    assert erase.finish(image, now)
    assert cast.nothing_is_left()
    assert Receipt.objects.get().objects_deleted == 2


@pytest.mark.parametrize("step", [erase.step, erase.finish])
def test_the_rows_stay_until_nobody_can_be_writing(owner: User, step: object) -> None:
    image, now = cast.submit(owner), database_now()
    cast.start(image)
    erase.begin(image, now, ASKED)
    end = now + erase.longest_job()
    assert Image.objects.get().quiet_at == Image.objects.get().look_again_at == end
    write_late(image)
    assert not step(image, end - timedelta(microseconds=1))  # type: ignore[operator]
    assert not Receipt.objects.exists()
    assert stored_names(image.prefix) == []
    assert step(image, end)  # type: ignore[operator]
    assert cast.nothing_is_left()
    assert Receipt.objects.get().objects_deleted == 3


def test_finishing_never_removes_the_row_of_an_image_that_lives(owner: User) -> None:
    image = cast.submit(owner)
    Blob.objects.all().delete()
    Job.objects.all().delete()
    assert not erase.finish(image, database_now() + timedelta(days=1))
    assert Image.objects.filter(pk=image.pk).exists()
    assert not Receipt.objects.exists()


def test_an_erased_neighbour_touches_nothing_of_others(owner: User, outsider: User) -> None:
    mine = cast.finish_with_renderings(cast.submit(owner))
    theirs = cast.finish_with_renderings(cast.submit(outsider))
    now = database_now()
    with CaptureQueriesContext(connection) as queries:
        erase.begin(mine, now, ASKED)
        erase.finish(mine, now)
    assert len(queries) < 50
    assert len(stored_names(theirs.prefix)) == 7
    assert theirs.blobs.filter(stored=True).count() == 7
    assert Job.objects.filter(image=theirs).exists()


def test_an_image_that_is_being_erased_goes_on_beside_another_as_it_was(owner: User) -> None:
    """Whatever comes of one: deleted, refused, put off, finished."""
    now = database_now()
    image, other, live = cast.submit(owner), cast.submit(owner), cast.submit(owner)
    for one in (image, other):
        cast.start(one)
        erase.condemn(one, now, ASKED)
    before = Image.objects.filter(pk=other.pk).values().get()
    assert not erase.step(live, now)
    with refusing(image):
        erase.step(image, now)
    erase.step(image, now)
    write_late(image)
    assert erase.finish(image, now + erase.longest_job())
    assert Image.objects.filter(pk=other.pk).values().get() == before
    assert not erase.step(live, now + erase.longest_job())
    assert Image.objects.filter(pk=other.pk).values().get() == before


def test_who_writes_the_original_is_waited_for_unless_it_is_who_asks(owner: User) -> None:
    upload, abandoned = cast.arriving(owner), cast.arriving(owner)
    now = database_now()
    erase.condemn(abandoned, now, ASKED)
    erase.begin(upload, now, ASKED)
    waits = now + erase.longest_job()
    assert set(Image.objects.values_list("quiet_at", flat=True)) == {waits}
    then = now + timedelta(seconds=30)
    erase.condemn(upload, then, ASKED)
    assert set(Image.objects.values_list("quiet_at", flat=True)) == {waits}, "it knows no more"
    erase.condemn(upload, then, ASKED, by_uploader=True)
    row = Image.objects.get(pk=upload.pk)
    assert row.quiet_at == row.look_again_at == then
    assert Image.objects.get(pk=abandoned.pk).quiet_at == waits
    erase.condemn(upload, then + timedelta(seconds=1), ASKED, by_uploader=True)
    assert Image.objects.get(pk=upload.pk).quiet_at == then, "it had stopped already"
    assert erase.finish(upload, then)
    assert erase.condemn(upload, then, ASKED, by_uploader=True)


@pytest.mark.parametrize("kept", [False, True])
def test_where_no_row_can_be_written_bytes_go_at_the_deadline_unless_they_are_kept(
    owner: User, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    if kept:
        cast.opt_in(owner)
    image = cast.submit(owner)

    def refuse(*args: object, **kwargs: object) -> None:
        raise DatabaseError("private words")

    monkeypatch.setattr(erase, "condemn", refuse)
    with pytest.raises(DatabaseError):
        erase.begin(image, image.purge_at, ASKED)
    assert bool(stored_names(image.prefix)) is kept


@pytest.mark.django_db(transaction=True)
def test_without_a_receipt_no_row_goes(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one image whose receipt cannot be written keeps no other."""
    images, now = [cast.submit(owner) for _ in range(4)], database_now()
    for image in images:
        erase.condemn(image, now, ASKED)
    real = receipts.write

    def refuse_one(rows: list[Image], at: object) -> object:
        if images[1] in rows:
            raise DatabaseError("private words")
        return real(rows, at)  # type: ignore[arg-type]

    rows = list(Image.objects.all())
    with monkeypatch.context() as broken:
        broken.setattr(receipts, "write", refuse_one)
        worked = erase.work(rows, now)
    assert worked.failed == [images[1].pk]
    assert set(worked.finished) == {image.pk for image in images if image != images[1]}
    row = Image.objects.get()
    assert (row, row.blobs.count(), row.erase_tries) == (images[1], 1, 1)
    assert Receipt.objects.count() == 3
    assert erase.step(row, now)


@pytest.mark.django_db(transaction=True)
def test_what_can_be_neither_removed_nor_put_off_is_told(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image, now = cast.submit(owner), database_now()
    erase.condemn(image, now, ASKED)

    def refuse(*args: object) -> None:
        raise DatabaseError("private words")

    monkeypatch.setattr(receipts, "write", refuse)
    monkeypatch.setattr(pulse, "count_errors", refuse)
    worked = erase.work(list(Image.objects.all()), now)
    assert (worked.finished, worked.failed) == ([], [image.pk])
    assert caplog.messages == [
        f"the rows of {image} could not be removed: DatabaseError",
        "nor put off: DatabaseError",
    ]
    assert Image.objects.get().erase_tries == 0


def test_nothing_is_finished_in_a_storage_that_is_another_one(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    erase.begin(image, now, ASKED)
    VaultMark.objects.update(mark="f" * 32)
    marks.forget()
    assert not erase.finish(image, now)
    assert Image.objects.filter(pk=image.pk).exists()
    assert not Receipt.objects.exists()


def test_a_live_image_is_spared_where_that_is_asked_for(owner: User) -> None:
    live = cast.submit(owner)
    assert not erase.condemn(live, live.purge_at - timedelta(seconds=1), ASKED, spare_live=True)
    assert erase.condemn(live, live.purge_at, ASKED, spare_live=True)
    assert Image.objects.get().life == Life.ERASING
    cast.opt_in(owner)
    kept = cast.submit(owner)
    assert not erase.condemn(kept, kept.purge_at, ASKED, spare_live=True)


def test_the_longest_job_includes_its_limit_and_a_margin(settings: Settings) -> None:
    settings.JOB_SECONDS = 100
    assert erase.longest_job().total_seconds() == 160


def test_short_retentions_wait_shorter(settings: Settings) -> None:
    settings.BUDGET = deadlines.budget(timedelta(seconds=60))
    assert [backoff.delay(tries).total_seconds() for tries in range(6)] == [1, 1, 2, 3, 3, 3]
    assert backoff.lease().total_seconds() == 1
    settings.BUDGET = deadlines.budget(timedelta(hours=24))
    assert backoff.lease().total_seconds() == 60
    assert backoff.delay(1_000_000) == timedelta(minutes=5)
