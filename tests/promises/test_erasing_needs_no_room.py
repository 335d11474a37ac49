"""Disk full: what is due is erased where not one byte can be written any more."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection
from pytest_django import Settings

from accounts.models import User
from bgerase_site import backends
from processing.errors import StorageFull
from processing.flows import submit
from processing.flows.erase import erase_images
from processing.models import Image, Receipt
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage.disk import DiskStorage, SyncedFile
from tests import cast
from tests.promises import outage

pytestmark = pytest.mark.django_db(transaction=True)
IMAGES = 20


def no_room(*args: Any, **kwargs: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(autouse=True)
def full_vault(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """A folder for the vault; call it, and the vault takes nothing any more."""
    vault = backends.storage_from(f"file://{tmp_path}/vault")
    settings.STORAGES = settings.STORAGES | {"vault": vault}

    def fill() -> None:
        monkeypatch.setattr("processing.storage.disk._create", no_room)
        monkeypatch.setattr("processing.storage.disk._make_folders", no_room)
        monkeypatch.setattr(SyncedFile, "write", no_room, raising=False)

    return fill


@contextmanager
def refusing(*words: str) -> Iterator[None]:
    """A database whose disk has no room left for statements that begin like this."""

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(words):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        yield


@contextmanager
def nearly_full() -> Iterator[None]:
    """SQLite itself says no: the file has got as large as it can, and its last page is taken.

    PostgreSQL has no such limit; there new rows are refused, and old ones still change.
    """
    if connection.vendor != "sqlite":
        with refusing("INSERT"):
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (content blob)")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        _fill(cursor)
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")
        cursor.execute("DROP TABLE filler")


def _fill(cursor: Any) -> None:
    for size in (20_000, 2_000, 200, 20):
        try:
            while True:
                cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])
        except DatabaseError:
            continue


def stored() -> int:
    return len([name for name in cast.stored_objects() if "/" in name.strip("/")])


def test_what_is_due_goes_with_the_vault_and_the_database_full(
    owner: User, full_vault: Callable[[], None]
) -> None:
    outage.send(owner, IMAGES)
    due = max(image.purge_at for image in Image.objects.all())
    full_vault()
    with nearly_full():
        refused_in(owner)
        known = Image.objects.count() + Receipt.objects.count()
        sweep(due)
        assert not stored()
        assert not Image.objects.readable(due).exists()
        left, receipts = Image.objects.count(), Receipt.objects.count()
        print(f"full: {IMAGES} images, nothing stored; {left} rows left, {receipts} receipts")
        assert left + receipts == known
    ends_well(due, known)


@pytest.mark.parametrize("begun", [False, True])
def test_not_one_row_needs_to_be_written(
    owner: User, full_vault: Callable[[], None], begun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of those whose erasing had begun: it was broken off, or the storage had refused."""
    outage.send(owner, IMAGES)
    images = list(Image.objects.all())
    due = max(image.purge_at for image in images)
    if begun:
        with monkeypatch.context() as away:
            away.setattr(DiskStorage, "shred", no_room)
            erase_images(images, cast.at_page(owner))
        assert stored() == 2 * IMAGES
    full_vault()
    with refusing("INSERT", "UPDATE", "DELETE"):
        sweep(due)
        assert not stored()
    assert not Receipt.objects.exists()
    assert Image.objects.count() == IMAGES
    ends_well(due, IMAGES)


def test_what_somebody_erases_now_goes_in_a_full_house(
    owner: User, full_vault: Callable[[], None]
) -> None:
    outage.send(owner, 1)
    image = Image.objects.get()
    full_vault()
    with refusing('INSERT INTO "processing_receipt"'):
        erase_images([image], cast.at_page(owner))
    assert not stored()
    ends_well(image.purge_at, 1)


def refused_in(owner: User) -> None:
    upload = submit.Upload(cast.sender_of(owner), "photo.png")
    with pytest.raises(StorageFull):
        upload.add(outage.PHOTO)
        upload.finish()
    upload.abandon()


def ends_well(due: datetime, images: int) -> None:
    """With room again there is a receipt for each, and nothing is left."""
    now = due + timedelta(hours=1)
    for _ in range(2):
        sweep(now)
        now += erase.longest_job()
    assert not Image.objects.exists()
    assert not stored()
    assert Receipt.objects.count() == images
