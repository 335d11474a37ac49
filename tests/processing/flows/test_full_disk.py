"""A disk that fills up, at any point of an upload: a clear refusal, and nothing left behind."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from accounts.models import User
from processing.errors import StorageFull
from processing.flows import submit
from processing.flows.submit import Upload
from processing.models import Image, Job, database_now
from processing.retention import backoff
from processing.retention.sweeper import sweep
from processing.storage import free_bytes, keys, secret_files, vault
from processing.storage.disk import DiskStorage, SyncedFile
from tests import cast, photos

LARGE = photos.pad(photos.draw(), 700_000)
Patch = pytest.MonkeyPatch


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    return fail


def full(code: int = errno.ENOSPC) -> OSError:
    return OSError(code, os.strerror(code))


def at_opening(patch: Patch) -> None:
    patch.setattr(DiskStorage, "_open", raising(full()))


def at_opening_by_quota(patch: Patch) -> None:
    patch.setattr(DiskStorage, "_open", raising(full(errno.EDQUOT)))


def at_the_first_write(patch: Patch) -> None:
    patch.setattr(SyncedFile, "write", raising(full()), raising=False)


def in_mid_stream(patch: Patch) -> None:
    write, calls = vault.BlobWriter.write, []

    def fail_later(self: Any, content: bytes) -> None:
        calls.append(content)
        if len(calls) > 3:
            raise full()
        write(self, content)

    patch.setattr(vault.BlobWriter, "write", fail_later)


def at_closing(patch: Patch) -> None:
    patch.setattr(os, "fsync", raising(full()))


def at_making_the_key(patch: Patch) -> None:
    patch.setattr(secret_files, "read_or_make", raising(full()))


def at_writing_the_row(patch: Patch) -> None:
    patch.setattr(Image, "save", raising(OperationalError("database or disk is full")))


def at_writing_the_job(patch: Patch) -> None:
    patch.setattr(Job.objects, "create", raising(OperationalError("database or disk is full")))


MOMENTS = (
    at_opening,
    at_opening_by_quota,
    at_the_first_write,
    in_mid_stream,
    at_closing,
    at_making_the_key,
    at_writing_the_row,
    at_writing_the_job,
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_full_disk_is_said_and_leaves_nothing(
    owner: User, moment: Callable[[Patch], None]
) -> None:
    upload = Upload(cast.sender_of(owner), "photo.png")
    keys.make_image_key(bytes(16), 4_000_000_000)  # Not this upload's epoch.
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    with pytest.MonkeyPatch.context() as patch:
        moment(patch)
        with pytest.raises(StorageFull) as caught:
            for start in range(0, len(LARGE), 65_536):
                upload.add(LARGE[start : start + 65_536])
            upload.finish()
    assert caught.value.status == 507
    upload.abandon()
    assert cast.nothing_is_left()
    assert len(os.listdir("/proc/self/fd")) <= before  # noqa: PTH208
    cast.submit(owner)  # With room again all is as before.


def test_too_little_room_is_said_before_anything_is_read(
    owner: User, settings: Settings, monkeypatch: Patch
) -> None:
    settings.MIN_FREE_BYTES = 500
    usage = shutil._ntuple_diskusage
    for free, taken in ((499, False), (500, True)):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, f=free: usage(10_000, 0, f))
        if taken:
            cast.submit(owner)
        else:
            with pytest.raises(StorageFull):
                Upload(cast.sender_of(owner), "photo.png")
            assert cast.nothing_is_left()


def test_another_fault_of_the_storage_is_not_called_a_full_disk(
    owner: User, monkeypatch: Patch
) -> None:
    upload = Upload(cast.sender_of(owner), "photo.png")
    with monkeypatch.context() as broken:
        broken.setattr(DiskStorage, "_open", raising(full(errno.EIO)))
        with pytest.raises(OSError, match="Input/output"):
            upload.add(LARGE)
        upload.abandon()
    # Nobody could say that the storage is the right one: the row stays until somebody can.
    assert Image.objects.get().wrapped_key is None
    assert not cast.stored_objects()
    assert sweep(database_now() + backoff.lease()).finished == 1
    assert cast.nothing_is_left()


def test_the_disk_of_the_images_counts_too(
    owner: User, settings: Settings, monkeypatch: Patch
) -> None:
    settings.MIN_FREE_BYTES = 500
    monkeypatch.setattr(submit, "free_bytes", lambda: 499)
    with pytest.raises(StorageFull):
        Upload(cast.sender_of(owner), "photo.png")
    monkeypatch.setattr(submit, "free_bytes", lambda: None)  # A bucket does not tell.
    cast.submit(owner)


def test_the_room_for_images_is_that_of_their_disk(monkeypatch: Patch) -> None:
    asked: list[Path] = []
    usage = shutil.disk_usage

    def ask(path: Path) -> Any:
        asked.append(path)
        return usage(path)

    monkeypatch.setattr(shutil, "disk_usage", ask)
    assert free_bytes()
    assert Path(vault._vault().path("")).is_relative_to(asked[0])
