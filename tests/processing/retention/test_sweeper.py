"""The sweeper: everything that is due, by time alone, whatever else goes wrong."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection

from accounts.models import User
from bgerase_site.group.patience import Patience
from processing.flows.submit import Upload
from processing.jobs import claim
from processing.models import Image, Job, Life, Reason, Receipt, database_now
from processing.retention import backoff, claims, condemned, erase, sweeper
from processing.retention.deadlines import budget
from processing.retention.sweeper import Swept, sweep
from processing.storage import make_image_key, stored_names
from tests import cast, photos
from tests.processing.refusals import refusing
from tests.processing.threads import at_once


def receiving(owner: User) -> Image:
    upload = Upload(cast.sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    assert upload._writer
    upload._writer.abandon()  # The kernel closes the files of a process that was killed.
    return Image.objects.get(life=Life.RECEIVING)


def failed(owner: User) -> Image:
    image = cast.submit(owner)
    cast.fail(image, "engine_failed")
    return image


def running(owner: User) -> Image:
    image = cast.submit(owner)
    cast.start(image)
    return image


def without_a_job(owner: User) -> Image:
    image = cast.submit(owner)
    Job.objects.all().delete()
    return image


STATES: dict[str, Callable[[User], Image]] = {
    "receiving": receiving,
    "queued": cast.submit,
    "running": running,
    "failed": failed,
    "done": lambda owner: cast.finish(cast.submit(owner)),
    "without a job": without_a_job,
}


BUSY = {"receiving", "running"}  # Somebody can still be writing.


def images_of(swept: Swept) -> tuple[int, int, int]:
    """Begun, finished, failed. Whether an epoch has just ended as well is chance of the clock."""
    return swept.begun, swept.finished, swept.failed


@pytest.mark.parametrize("state", STATES)
def test_what_is_due_is_erased_whatever_its_state(owner: User, state: str) -> None:
    image = STATES[state](owner)
    kept = image.purge_at - timedelta(microseconds=1)
    if state != "receiving":  # What arrives that long has broken off, and is erased before.
        sweep(kept)
        assert stored_names(image.prefix)
    swept = sweep(image.purge_at)
    assert (swept.begun, swept.finished) == (1, 0 if state in BUSY else 1)
    assert stored_names(image.prefix) == []
    assert not Image.objects.exclude(life=Life.ERASING).exists()
    sweep(image.purge_at + erase.longest_job())
    assert cast.nothing_is_left()
    assert not Job.objects.exists()
    receipt = Receipt.objects.get()
    assert receipt.image_id == image.pk
    assert receipt.reason == (Reason.BROKEN_OFF if state == "receiving" else Reason.DEADLINE)


def test_the_row_stays_while_a_worker_can_be_writing(owner: User) -> None:
    image = running(owner)
    sweep(image.purge_at)
    end = image.purge_at + erase.longest_job()
    sweep(end - timedelta(microseconds=1))
    assert Image.objects.get().shredded_at is not None
    assert not Receipt.objects.exists()
    assert sweep(end).finished == 1
    assert cast.nothing_is_left()
    assert Receipt.objects.get().objects_deleted == 2


def test_a_quiet_sweep_does_nothing(owner: User) -> None:
    image = cast.submit(owner)
    assert sweep(database_now()) == Swept(0, 0, 0, 0)
    assert stored_names(image.prefix)


def test_an_upload_that_broke_off_is_erased_after_half_an_hour(owner: User) -> None:
    image = receiving(owner)
    young = image.received_at + site.BUDGET.stale_upload
    assert site.BUDGET.stale_upload == timedelta(minutes=30)
    sweep(young - timedelta(microseconds=1))
    assert Image.objects.get().life == Life.RECEIVING
    assert sweep(young).begun == 1
    assert Image.objects.get().reason == Reason.BROKEN_OFF
    sweep(young + erase.longest_job())
    assert cast.nothing_is_left()


@pytest.mark.parametrize("minutes", [1, 60, 1440])
def test_no_upload_is_given_up_before_the_web_server_gives_up_its_sender(minutes: int) -> None:
    """With a life of an hour, slow senders would never get a photo through."""
    waits = timedelta(seconds=Patience().photos.most)
    assert budget(timedelta(minutes=minutes)).stale_upload > waits


def test_one_image_that_fails_does_not_keep_the_others(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    images = [cast.submit(owner) for _ in range(5)]
    stubborn = sorted(images, key=lambda image: image.pk)[2]
    due = max(image.purge_at for image in images)
    with refusing(stubborn):
        swept = sweep(due)
        assert (swept.begun, swept.finished, swept.failed) == (5, 4, 1)
        row = Image.objects.get()
        assert row == stubborn
        assert (row.wrapped_key, row.erase_tries, row.shredded_at) == (None, 1, None)
        assert stored_names(stubborn.prefix)
        assert sweep(due + timedelta(minutes=1)).failed == 1
        assert sweep(due + erase.longest_job()).failed == 1  # Nor does its row go.
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 3
    assert "read-only" not in caplog.text, "an error's text can be a name"
    sweep(due + timedelta(minutes=10))
    assert cast.nothing_is_left()
    assert Receipt.objects.count() == 5


def test_what_was_refused_is_left_alone_for_longer_each_time(owner: User) -> None:
    image = cast.submit(owner)
    moment, waits = image.purge_at, []
    with refusing() as asked:
        for tries in range(1, 10):
            assert sweep(moment).failed == 1
            row = Image.objects.get()
            assert row.look_again_at
            assert row.erase_tries == tries
            waits.append((row.look_again_at - moment).total_seconds())
            assert sweep(row.look_again_at - timedelta(seconds=1)).failed == 0
            moment = row.look_again_at
        assert len(asked) == 9
    assert [round(wait) for wait in waits] == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert sweep(moment).finished == 1
    assert cast.nothing_is_left()


def test_batches_reach_everything(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "BATCH", 3)
    cast.fill(owner, 10)
    latest = Image.objects.latest("purge_at").purge_at
    assert images_of(sweep(latest)) == (10, 10, 0)
    assert not Image.objects.exists()
    assert Receipt.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_erase_each_image_once(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "BATCH", 2)
    images = [cast.submit(owner) for _ in range(6)]
    latest = max(image.purge_at for image in images)
    swept = at_once(*[lambda: sweep(latest)] * 3)
    assert [one.failed for one in swept] == [0, 0, 0]
    assert sum(one.begun for one in swept) == sum(one.finished for one in swept) == 6
    assert cast.nothing_is_left()
    receipts = Receipt.objects.order_by("number")
    assert [receipt.number for receipt in receipts] == [1, 2, 3, 4, 5, 6]
    assert {receipt.image_id for receipt in receipts} == {image.pk for image in images}
    assert {receipt.objects_deleted for receipt in receipts} == {1}


def test_what_another_sweeper_is_at_is_left_to_it_until_it_has_to_be_taken_for_dead(
    owner: User,
) -> None:
    image = cast.submit(owner)
    now = image.purge_at
    assert list(claims.condemn_all(now)) == [(1, 0)]
    assert claims.take(now, now, 500) == [image]
    with refusing() as asked:
        assert sweep(now + backoff.lease() - timedelta(microseconds=1)).finished == 0
        assert asked == []
    assert sweep(now + backoff.lease()).finished == 1


@pytest.mark.django_db(transaction=True)
def test_sweeping_claiming_and_erasing_at_once_ends_clean(owner: User) -> None:
    """Locks are taken in one order: no deadlock, and every image is erased once."""
    images = [cast.submit(owner) for _ in range(6)]
    due = max(image.purge_at for image in images)

    def claim_all() -> None:
        while claim.claim_next(database_now()) is not None:
            continue

    def erase_all() -> None:
        for image in images:
            erase.begin(image, due, Reason.ASKED_FOR)

    at_once(claim_all, erase_all, lambda: sweep(due), claim_all)
    sweep(due + backoff.lease())
    assert not [name for image in images for name in stored_names(image.prefix)]
    assert not Job.objects.exists()
    sweep(due + erase.longest_job())
    assert cast.nothing_is_left()
    assert Receipt.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_in_the_write_ahead_log(owner: User) -> None:
    """SQLite only: PostgreSQL's log is encrypted keys' business (promise 9)."""
    image = cast.submit(owner)
    sealed = bytes(Image.objects.get().sealed_name or b"")
    if connection.vendor != "sqlite":
        sweep(image.purge_at)
        assert not Image.objects.exclude(sealed_name=None).exists()
        return
    database = Path(connection.settings_dict["NAME"])
    log = Path(f"{database}-wal")
    assert sealed in log.read_bytes() + database.read_bytes()
    sweep(image.purge_at)
    assert cast.nothing_is_left()
    assert log.stat().st_size == 0
    assert sealed not in database.read_bytes()


@pytest.mark.django_db(transaction=True)
def test_the_log_is_emptied_at_the_next_sweep_if_a_reader_was_in_the_way(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        return
    image = cast.submit(owner)
    with monkeypatch.context() as busy:
        busy.setattr(sweeper, "_forget_deleted_values", lambda: None)
        sweep(image.purge_at)
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    assert log.stat().st_size
    sweep(image.purge_at)
    assert log.stat().st_size == 0


def test_keys_die_even_when_the_tables_cannot_be_read(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image_key(bytes(16), 1_000_000_000)

    def away(*args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(claims, "condemn_all", away)
    with pytest.raises(ConnectionError):
        sweep(database_now())
    from processing.storage import destroy_expired_epochs

    assert destroy_expired_epochs(database_now()) == 0


def test_bytes_go_even_where_it_cannot_be_written_down_whose_turn_it_is(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.submit(owner) for _ in range(2)]
    due = max(image.purge_at for image in images)

    def full(*args: object) -> None:
        raise OperationalError("private words")

    with monkeypatch.context() as broken:
        broken.setattr(claims, "take", full)
        assert images_of(sweep(due)) == (2, 0, 2)
    assert cast.stored_objects() == []
    assert "nothing can be written down: OperationalError" in caplog.text
    assert "2 made unreadable, 0 gone, 2 failed, " in caplog.text
    assert sweep(due).finished == 2


def test_a_batch_that_cannot_be_worked_off_is_told_and_taken_again(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    images = [cast.submit(owner) for _ in range(2)]
    due = max(image.purge_at for image in images)

    def broken(*args: object) -> None:
        raise RuntimeError("private words")

    with monkeypatch.context() as failing:
        failing.setattr(erase, "work", broken)
        assert images_of(sweep(due)) == (2, 0, 2)
    assert "a batch could not be erased: RuntimeError" in caplog.text
    assert sweep(due).finished == 0, "left to whoever took them"
    assert sweep(due + 2 * backoff.lease()).finished == 2


def test_a_short_hand_leaves_the_rest_to_the_next(owner: User) -> None:
    images = [cast.submit(owner) for _ in range(5)]
    for image in images:
        cast.age(image, timedelta(hours=23))
    assert images_of(sweep(database_now(), most=2)) == (2, 2, 0)
    assert images_of(sweep(database_now(), most=2)) == (2, 2, 0)
    assert sweep(database_now()).begun == 1


def test_a_short_hand_works_off_no_more_than_it_was_asked_to(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much has been condemned before."""
    monkeypatch.setattr(claims, "BATCH", 2)
    cast.fill(owner, 7)
    now = Image.objects.latest("purge_at").purge_at
    assert sum(done for done, _ in claims.condemn_all(now)) == 7
    assert images_of(sweep(now, most=3)) == (0, 3, 0)
    assert images_of(sweep(now, most=4)) == (0, 4, 0)


def test_a_batch_that_fails_is_counted_and_the_next_is_gone_on_with(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.submit(owner) for _ in range(3)]
    for day, image in enumerate(images):
        cast.age(image, timedelta(days=3 - day))
    real = condemned.condemn_locked

    def refuse_the_first(ids: Sequence[UUID], *args: Any, **kwargs: Any) -> None:
        if images[0].pk in ids:
            raise OperationalError("private words")
        real(ids, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(claims, "condemn_locked", refuse_the_first)
        assert images_of(sweep(database_now())) == (2, 2, 1)


def test_images_that_the_storage_refuses_are_counted_and_the_next_are_gone_on_with(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.submit(owner) for _ in range(3)]
    due = max(image.purge_at for image in images)
    list(claims.condemn_all(due))
    for later, image in enumerate(images):
        Image.objects.filter(pk=image.pk).update(look_again_at=due - timedelta(hours=3 - later))
    with refusing(images[0]):
        assert images_of(sweep(due)) == (0, 2, 1)
    assert f"image {images[0].pk} could not be erased: PermissionError" in caplog.messages


def test_a_long_round_goes_on_while_it_gets_anywhere(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.submit(owner) for _ in range(3)]
    monkeypatch.setattr(sweeper._Round, "_lasts", lambda self: timedelta(minutes=2))
    assert images_of(sweep(max(image.purge_at for image in images))) == (3, 3, 0)


def test_a_storage_that_is_away_does_not_keep_the_sweep_for_ever(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the round has lasted as long as its period, and nothing but errors came."""
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.submit(owner) for _ in range(4)]
    due = max(image.purge_at for image in images)
    with refusing(), monkeypatch.context() as slow:
        slow.setattr(sweeper._Round, "_lasts", lambda self: timedelta(minutes=2))
        assert images_of(sweep(due)) == (4, 0, 1)
    assert not Image.objects.exclude(wrapped_key=None).exists(), "the keys went all the same"
    assert sweep(due + timedelta(minutes=10)).finished == 4
