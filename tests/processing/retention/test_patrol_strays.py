"""Files that should not be where they are."""

import logging
import os
import subprocess
import sys
import threading
import tracemalloc
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from pytest_django import Settings

from processing import scratch
from processing.retention import erase
from processing.retention.patrol import strays
from processing.storage import steady_now
from tests import cast, photos

SECOND = timedelta(seconds=1)
MEGABYTE = 1 << 20


@pytest.fixture
def data(settings: Settings, tmp_path: Path) -> Path:
    """A data folder as the settings make it."""
    folder = tmp_path / "data"
    for name in ("broker", "keys", "media", "models", "run", "secrets", "static", "tmp"):
        (folder / name).mkdir(parents=True)
    settings.DATA_DIR = folder
    settings.KEYS_DIR, settings.MODELS_DIR = folder / "keys", folder / "models"
    settings.STATIC_ROOT = folder / "static"
    (folder / "db.sqlite3").write_bytes(b"SQLite format 3\0")
    return folder


def found() -> dict[str, float]:
    return {name: number for name, number in strays.look(steady_now()).items() if number}


def write(path: Path, content: bytes = b"x", age: timedelta = timedelta(0)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    at = (steady_now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_a_folder_as_it_should_be_holds_nothing_strange(data: Path) -> None:
    assert found() == {}


def test_what_a_dead_process_left_is_removed_after_the_longest_job(data: Path) -> None:
    longest = erase.longest_job()
    young = write(data / "tmp" / "a.png", age=longest - 5 * SECOND)
    old = write(data / "tmp" / "in" / "here" / "b.tmp", age=longest + SECOND)
    assert found() == {"old_temp_files": 1}
    assert young.exists()
    assert not old.exists()


def test_the_longest_job_itself_is_not_too_old(data: Path) -> None:
    now = steady_now().replace(microsecond=0)
    exact = write(data / "tmp" / "a.png")
    limit = (now - erase.longest_job()).timestamp()
    os.utime(exact, (limit, limit))
    assert strays.remove_old(data / "tmp", now) == 0
    assert strays.remove_old(data / "tmp", now + SECOND) == 1


def test_all_that_is_removed_is_counted_and_told_without_a_name(
    data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    longest = erase.longest_job()
    assert found() == {}
    assert caplog.messages == []
    for name in ("Grandma.png", "b.tmp", "in/c.tmp"):
        write(data / "tmp" / name, age=longest + SECOND)
    for name in ("young.tmp", "in/young.tmp"):
        write(data / "tmp" / name)
    assert found() == {"old_temp_files": 3}
    assert caplog.messages == ["patrol: 3 old temporary files are removed"]


def test_a_link_is_as_old_as_itself_and_what_it_points_to_is_left(
    data: Path, tmp_path: Path
) -> None:
    old = write(tmp_path / "elsewhere.png", age=timedelta(days=1))
    (data / "tmp" / "link").symlink_to(old)
    (data / "tmp" / "nowhere").symlink_to(tmp_path / "none")
    assert found() == {}
    assert (data / "tmp" / "link").is_symlink()
    assert old.exists()


def test_what_goes_while_it_is_looked_at_is_not_removed_by_the_patrol(data: Path) -> None:
    assert not strays._remove_if_old(data / "tmp" / "gone", steady_now().timestamp())


def test_what_goes_between_the_look_and_its_removal_is_no_error(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(data / "tmp" / "a.png", age=timedelta(days=1))
    changed_before = strays._changed_before

    def and_gone(path: Path, limit: float) -> bool:
        before = changed_before(path, limit)
        path.unlink()
        return before

    monkeypatch.setattr(strays, "_changed_before", and_gone)
    strays.remove_old(data / "tmp", steady_now())
    assert not old.exists()


def test_an_old_folder_goes_with_what_was_in_it(data: Path) -> None:
    old = write(data / "tmp" / "in" / "b.tmp", age=timedelta(hours=1))
    os.utime(old.parent, (0, 0))
    found()
    # Something was removed from it just now, so that is its time: a later round takes it.
    assert old.parent.exists()
    os.utime(old.parent, (0, 0))
    found()
    assert not old.parent.exists()
    assert (data / "tmp").exists()


def test_folders_within_folders_go_one_by_one_from_the_inside(data: Path) -> None:
    deep = data / "tmp" / "a" / "b"
    deep.mkdir(parents=True)
    os.utime(deep, (0, 0))
    for folder in (deep, deep.parent):
        os.utime(deep.parent, (0, 0))
        assert found() == {}
        assert not folder.exists()


def test_a_folder_stays_that_is_young_or_in_use_or_the_one_for_temporary_files(data: Path) -> None:
    young, used = data / "tmp" / "young", data / "tmp" / "used"
    young.mkdir()
    write(used / "b.tmp")
    for folder in (used, data / "tmp"):
        os.utime(folder, (0, 0))
    assert found() == {}
    assert young.exists()
    assert used.exists()
    young.rmdir()
    (used / "b.tmp").unlink()
    used.rmdir()
    os.utime(data / "tmp", (0, 0))
    assert found() == {}
    assert (data / "tmp").exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_photo_in_the_clear_is_found_whatever_it_is_called(
    data: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(data / "run" / "Grandma.log", photos.draw(kind=kind))
    with caplog.at_level(logging.ERROR):
        assert found() == {"plaintext_files": 1}
    assert caplog.messages == ["patrol: there is a photo in the clear in data/run"]
    assert "Grandma" not in caplog.text


@pytest.mark.parametrize(
    ("name", "told"), [("Grandma.png", "data"), ("run/Grandma/Berlin/1.png", "data/run")]
)
def test_of_where_it_lies_only_the_first_folder_is_told(
    data: Path, name: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Not a file's name where there is no folder, nor what somebody called one further in."""
    write(data / name, photos.draw())
    assert found() == {"plaintext_files": 1}
    assert caplog.messages == [f"patrol: there is a photo in the clear in {told}"]


def test_a_broken_photo_is_one_too_and_a_file_without_a_byte_is_none(data: Path) -> None:
    write(data / "run" / "a", photos.png_header(0, 10))
    write(data / "run" / "b", photos.draw()[:100])
    write(data / "run" / "c", b"")
    write(data / "run" / "d", b"MZ" + bytes(100))
    assert found() == {"plaintext_files": 2}


def test_of_a_large_file_only_the_beginning_is_read(data: Path) -> None:
    large = write(data / "run" / "large", photos.draw())
    os.truncate(large, 64 * MEGABYTE)
    tracemalloc.start()
    try:
        assert found() == {"plaintext_files": 1}
        assert tracemalloc.get_traced_memory()[1] < 32 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_nobody_waits_at_a_pipe_for_what_may_never_come(data: Path) -> None:
    """It would be the patrol's last round."""
    os.mkfifo(data / "run" / "pipe")
    done: list[dict[str, float]] = []
    patrolling = threading.Thread(target=lambda: done.append(found()), daemon=True)
    patrolling.start()
    patrolling.join(10)
    assert done == [{}]


@pytest.mark.parametrize("folder", [".", "broker", "tmp", "run/deep/inside"])
def test_every_folder_is_searched(data: Path, folder: str) -> None:
    write(data / folder / "x", photos.draw())
    assert found() == {"plaintext_files": 1}


@pytest.mark.parametrize("folder", ["static", "models", "media", "keys", "secrets"])
def test_but_those_that_hold_pictures_of_the_site_weights_keys_or_sealed_ones(
    data: Path, folder: str
) -> None:
    write(data / folder / "x", photos.draw())
    assert found() == {}


def test_a_folder_that_nothing_declares_is_found(data: Path) -> None:
    write(data / "exports" / "all.zip", b"PK\3\4")
    assert found() == {"undeclared_folders": 1}


def test_a_link_to_a_folder_is_none(data: Path, tmp_path: Path) -> None:
    (data / "link").symlink_to(tmp_path)
    assert found() == {}


def test_folders_that_the_settings_put_elsewhere_are_known_there(
    data: Path, settings: Settings
) -> None:
    """In the data folder or deep in it; pictures, weights, keys and sealed bytes are no photos."""
    places = ("private/keys", "weights", "assets", "sealed")
    settings.KEYS_DIR, settings.MODELS_DIR = data / places[0], data / places[1]
    settings.STATIC_ROOT = data / places[2]
    settings.STORAGES = site.STORAGES | {"vault": cast.new_folder(data / places[3])}
    for place in places:
        write(data / place / "x", photos.draw())
    assert found() == {}
    write(data / "private" / "x", photos.draw())
    assert found() == {"plaintext_files": 1}


def test_a_storage_that_is_no_folder_has_none_in_the_data_folder(
    data: Path, settings: Settings
) -> None:
    plain = {"BACKEND": "django.core.files.storage.base.Storage"}
    settings.STORAGES = site.STORAGES | {"vault": plain}
    assert found() == {}


def test_mails_that_are_written_to_files_have_a_folder(data: Path, settings: Settings) -> None:
    (data / "mails").mkdir()
    assert found() == {"undeclared_folders": 1}
    settings.EMAIL_FILE_PATH = str(data / "mails")
    assert found() == {}


def test_a_process_makes_its_temporary_files_in_the_data_folder(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gentle = SimpleNamespace(tempdir=None)
    monkeypatch.setattr(scratch, "tempfile", gentle)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    scratch.use_own_folder()
    assert gentle.tempdir == os.environ["TMPDIR"] == str(data / "tmp")


def test_the_folders_of_this_run_are_the_declared_ones() -> None:
    assert strays.undeclared_folders(Path(site.DATA_DIR)) == []


def test_no_file_of_the_database_is_opened(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are those that it only has at times."""
    monkeypatch.setitem(connection.settings_dict, "NAME", str(data / "db.sqlite3"))
    for end in ("", "-wal", "-shm", "-journal"):
        write(data / f"db.sqlite3{end}", photos.draw())
    spared = 4 if connection.vendor == "sqlite" else 0
    assert found().get("plaintext_files", 0) == 4 - spared
    write(data / "db.sqlite3-copy", photos.draw())
    assert found() == {"plaintext_files": 5 - spared}


@pytest.mark.django_db(transaction=True)
def test_the_databases_locks_are_still_held_after_it() -> None:
    """Closing one of its files, whoever opened it, would give up this process's locks on it."""
    if connection.vendor != "sqlite":
        assert not strays._files_of_database(), "another database has no file of ours"
        return
    name = str(connection.settings_dict["NAME"])
    assert Path(name).is_relative_to(site.DATA_DIR)
    with transaction.atomic():
        strays.look(steady_now())
        other = [sys.executable, "-c", BEGIN, name]
        done = subprocess.run(other, capture_output=True, text=True, check=False, timeout=30)
    assert "database is locked" in done.stderr


BEGIN = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("BEGIN IMMEDIATE")
"""
