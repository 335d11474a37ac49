"""Local disk: nothing is written over, modes are strict, and empty folders go."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processing.models.image import random_prefix
from processing.storage import BlobWriter, read_blob, shred_many, shred_prefix, stored_names
from processing.storage.disk import DiskStorage

KEY = os.urandom(32)


def write(prefix: str, kind: str = "original") -> None:
    with BlobWriter(KEY, prefix, 0, kind) as writer:
        writer.write(b"content")


def test_nothing_is_ever_written_over(disk: Path) -> None:
    prefix = random_prefix()
    write(prefix)
    before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
    with pytest.raises(FileExistsError):
        BlobWriter(KEY, prefix, 0, "original")
    assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before


def test_files_and_folders_are_their_owners_only(disk: Path) -> None:
    write(random_prefix())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (disk, *disk.rglob("*"))}
    assert modes == {0o700, 0o600}


def test_shredding_takes_the_empty_folders_along(disk: Path) -> None:
    prefix = random_prefix()
    neighbour = prefix[:2] + random_prefix()[2:]
    write(prefix)
    write(neighbour)
    shred_prefix(prefix)
    assert [path.name for path in (disk / prefix[:2]).iterdir()] == [neighbour]
    shred_prefix(neighbour)
    assert not list(disk.iterdir())


def test_a_file_that_cannot_be_deleted_keeps_nothing_else(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the other files of its image nor the other images; and it goes the next time."""
    prefix, neighbour = random_prefix(), random_prefix()
    for one in (prefix, neighbour):
        for kind in ("a", "b", "c"):
            write(one, kind)
    unlink = os.unlink

    def refuse_one(path: Any) -> None:
        if str(path).endswith(f"{prefix}/0/b"):
            raise PermissionError("read-only")
        unlink(path)

    with monkeypatch.context() as broken:
        broken.setattr(os, "unlink", refuse_one)
        outcome = shred_many([prefix, neighbour])
        assert outcome[neighbour] == 3
        assert isinstance(outcome[prefix], PermissionError)
        assert [name.rpartition("/")[2] for name in stored_names(prefix)] == ["b"]
        with pytest.raises(PermissionError):
            shred_prefix(prefix)
    assert shred_prefix(prefix) == 1
    assert not list(disk.iterdir())


def test_a_disk_that_only_says_that_it_has_deleted_is_found_out(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = random_prefix()
    write(prefix)
    monkeypatch.setattr(os, "unlink", lambda path: None)
    with pytest.raises(OSError, match="still not empty"):
        shred_prefix(prefix)


def test_what_a_writer_adds_meanwhile_goes_too(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = random_prefix()
    write(prefix)
    unlink, late = os.unlink, ["b", "c"]

    def unlink_and_add(path: Any) -> None:
        unlink(path)
        if late:
            write(prefix, late.pop())

    monkeypatch.setattr(os, "unlink", unlink_and_add)
    assert shred_prefix(prefix) == 3
    assert not list(disk.iterdir())


def test_what_is_gone_outlasts_a_loss_of_power(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that held it is synchronised, or the one above where that is gone too."""
    prefix = random_prefix()
    neighbour = prefix[:2] + random_prefix()[2:]
    write(prefix)
    write(neighbour)
    synced: list[str] = []
    real = os.fsync

    def look(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        real(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    shred_prefix(prefix)
    shred_prefix(neighbour)
    assert synced == [str(disk / prefix[:2]), str(disk)]


def test_a_disk_that_cannot_be_synchronised_has_deleted_nothing(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = random_prefix()
    write(prefix)

    def refuse(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output"):
        shred_prefix(prefix)


def test_a_writer_whose_folder_goes_away_under_it_makes_it_again(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shredding neighbour removes the shared folder, empty for a moment, at the worst times."""
    real_open, real_mkdir = os.open, Path.mkdir
    removals = {"before open": 3, "before mkdir": 3}

    def open_later(path: Any, *args: Any) -> int:
        if removals["before open"] and disk in Path(path).parents:
            removals["before open"] -= 1
            for folder in list(Path(path).parents)[:3]:
                folder.rmdir()
        return real_open(path, *args)

    def mkdir_later(path: Path, *args: Any, **kwargs: Any) -> None:
        if removals["before mkdir"] and len(path.relative_to(disk).parts) == 2:
            removals["before mkdir"] -= 1
            path.parent.rmdir()
        real_mkdir(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_later)
    monkeypatch.setattr(Path, "mkdir", mkdir_later)
    prefix = random_prefix()
    write(prefix)
    assert removals == {"before open": 0, "before mkdir": 0}
    assert b"".join(read_blob(KEY, prefix, 0, "original")) == b"content"


def test_writers_and_shredding_neighbours_do_not_hurt_each_other(disk: Path) -> None:
    """All in one two-letter folder, which is empty again and again."""
    failures: list[BaseException] = []

    def turn(step: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                for _ in range(60):
                    step()
            except BaseException as error:  # noqa: BLE001  Told by the assert below.
                failures.append(error)

        return run

    def write_read_shred() -> None:
        prefix = "aa" + random_prefix()[2:]
        write(prefix)
        assert b"".join(read_blob(KEY, prefix, 0, "original")) == b"content"
        shred_prefix(prefix)

    threads = [threading.Thread(target=turn(write_read_shred)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert not [path for path in disk.rglob("*") if path.is_file()]


@pytest.mark.parametrize("step", ["start", "close"])
def test_a_full_disk_leaves_no_open_file(
    disk: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*args: object) -> None:
        raise full

    prefix = random_prefix()
    held: list[
        object
    ] = []  # Whatever an exception's traceback keeps alive must not keep a file open.
    if step == "start":
        monkeypatch.setattr("processing.storage.vault.Sealer.start", refuse)
        with pytest.raises(OSError, match="No space") as caught:
            BlobWriter(KEY, prefix, 0, "original")
    else:
        writer = BlobWriter(KEY, prefix, 0, "original")
        held.append(writer)
        with monkeypatch.context() as closing:
            closing.setattr(os, "fsync", refuse)
            with pytest.raises(OSError, match="No space") as caught:
                writer.finish()
            writer.abandon()
    held.append(caught)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    shred_prefix(prefix)
    assert not list(disk.iterdir())


def test_names_cannot_lead_out_of_the_vault(disk: Path) -> None:
    from django.core.exceptions import SuspiciousFileOperation

    with pytest.raises(SuspiciousFileOperation):
        DiskStorage(str(disk)).open("../outside", "wb")
    assert not (disk.parent / "outside").exists()
