"""The sweeper: everything that is due, by time alone, whatever else goes wrong."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from processing.access import home_of
from processing.flows.submit import Sender, Upload
from processing.jobs import claim
from processing.models import Image, ImageQuerySet, Job, Life, database_now
from processing.retention import erase, sweeper
from processing.retention.sweeper import Swept, sweep
from processing.storage import make_image_key, shred_prefix, stored_names
from tests import cast, photos
from tests.processing.threads import at_once

DAY = timedelta(hours=24)


def receiving(owner: User) -> Image:
    upload = Upload(Sender(owner, home_of(owner)), "photo.png")
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


def later(image: Image) -> datetime:
    """When the row of an image that is erased at its deadline may go."""
    return image.purge_at + erase.longest_job()


@pytest.mark.parametrize("state", STATES)
def test_what_is_due_is_erased_whatever_its_state(owner: User, state: str) -> None:
    image = STATES[state](owner)
    kept = image.purge_at - timedelta(microseconds=1)
    if state != "receiving":  # What arrives that long has broken off, and is erased before.
        sweep(kept)
        assert stored_names(image.prefix)
    sweep(image.purge_at)
    assert stored_names(image.prefix) == []
    assert Image.objects.get().life == Life.ERASING
    sweep(later(image))
    assert cast.nothing_is_left()
    assert not Job.objects.exists()


def test_the_row_stays_until_the_longest_job_is_over(owner: User) -> None:
    image = cast.submit(owner)
    sweep(image.purge_at)
    sweep(later(image) - timedelta(microseconds=1))
    assert Image.objects.filter(pk=image.pk).exists()
    assert sweep(later(image)).finished == 1
    assert cast.nothing_is_left()


def test_a_quiet_sweep_does_nothing(owner: User) -> None:
    image = cast.submit(owner)
    assert sweep(database_now()) == Swept(0, 0, 0, 0)
    assert stored_names(image.prefix)


def test_an_upload_that_broke_off_is_erased_after_half_an_hour(owner: User) -> None:
    image = receiving(owner)
    young = image.received_at + sweeper.STALE_UPLOAD
    sweep(young - timedelta(microseconds=1))
    assert Image.objects.get().life == Life.RECEIVING
    assert sweep(young).begun == 1
    sweep(young + erase.longest_job())
    assert cast.nothing_is_left()


def test_one_image_that_fails_does_not_keep_the_others(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    images = [cast.submit(owner) for _ in range(5)]
    stubborn = sorted(images, key=lambda image: image.pk)[2]
    shred = shred_prefix

    def refuse_one(prefix: str) -> int:
        if prefix == stubborn.prefix:
            raise PermissionError("read-only")
        return shred(prefix)

    due = max(image.purge_at for image in images)
    with monkeypatch.context() as broken:
        broken.setattr(erase, "shred_prefix", refuse_one)
        swept = sweep(due)
        assert (swept.begun, swept.failed) == (4, 2)  # Tried once more among the unfinished ones.
        assert [bool(stored_names(image.prefix)) for image in images] == [
            image == stubborn for image in images
        ]
        assert Image.objects.get(pk=stubborn.pk).wrapped_key is None
        assert sweep(due + timedelta(minutes=1)).failed == 1
        assert sweep(due + erase.longest_job()).failed == 1  # Nor does its row go.
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 4
    assert Image.objects.get() == stubborn
    sweep(due + timedelta(minutes=10))
    assert cast.nothing_is_left()


def test_a_refused_image_is_tried_again_at_every_sweep(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    with monkeypatch.context() as broken:
        broken.setattr(erase, "shred_prefix", lambda prefix: 1 / 0)
        assert sweep(image.purge_at).failed == 2
    sweep(image.purge_at + timedelta(seconds=1))
    assert stored_names(image.prefix) == []


def test_batches_reach_everything(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "BATCH", 3)
    cast.fill(owner, 10)
    latest = Image.objects.latest("purge_at").purge_at
    assert sweep(latest).begun == 10
    assert sweep(latest + erase.longest_job()).finished == 10
    assert not Image.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_do_not_hurt_each_other(owner: User) -> None:
    ids = [cast.submit(owner).pk for _ in range(6)]
    latest = Image.objects.latest("purge_at").purge_at
    for moment in (latest, latest + erase.longest_job()):
        swept = at_once(*[lambda at=moment: sweep(at)] * 3)
        assert [one.failed for one in swept] == [0, 0, 0]
    assert len(ids) == 6
    assert cast.nothing_is_left()


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
            erase.begin(image, due)

    at_once(claim_all, erase_all, lambda: sweep(due), claim_all)
    assert not [name for image in images for name in stored_names(image.prefix)]
    assert not Job.objects.exists()
    sweep(due + erase.longest_job())
    assert cast.nothing_is_left()


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
    sweep(later(image))
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

    def away(queryset: ImageQuerySet, step: object, most: int | None) -> tuple[int, int]:
        raise ConnectionError

    monkeypatch.setattr(sweeper, "_each", away)
    with pytest.raises(ConnectionError):
        sweep(database_now())
    from processing.storage import destroy_expired_epochs

    assert destroy_expired_epochs(database_now()) == 0


def test_what_is_due_loses_its_bytes_even_when_no_row_can_be_written(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk refuses the row, and the bytes are what fills it."""

    def full(image: Image, now: datetime) -> bool:
        raise OperationalError("database or disk is full")

    due, live = cast.submit(owner), cast.submit(owner)
    cast.age(due, timedelta(hours=23))
    with monkeypatch.context() as broken:
        broken.setattr(erase, "condemn", full)
        assert sweep(database_now()).failed == 1
        with pytest.raises(OperationalError):
            erase.begin(live, database_now())
    assert stored_names(due.prefix) == []
    assert len(stored_names(live.prefix)) == 1, "still readable, so still whole"
    assert sweep(database_now()).begun == 1


def test_a_short_hand_leaves_the_rest_to_the_next(owner: User) -> None:
    images = [cast.submit(owner) for _ in range(5)]
    for image in images:
        cast.age(image, timedelta(hours=23))
    assert sweep(database_now(), most=2).begun == 2
    assert sweep(database_now(), most=2).begun == 2
    assert sweep(database_now()).begun == 1
