"""Files and messages that should not be where they are."""

import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from pytest_django import Settings

from processing import scratch
from processing.retention import erase
from processing.retention.patrol import messages, patrol, strays
from processing.storage import steady_now
from tests import photos

SECOND = timedelta(seconds=1)


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


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_photo_in_the_clear_is_found_whatever_it_is_called(
    data: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(data / "run" / "Grandma.log", photos.draw(kind=kind))
    with caplog.at_level(logging.ERROR):
        assert found() == {"plaintext_files": 1}
    assert caplog.messages == ["patrol: there is a photo in the clear in data/run"]
    assert "Grandma" not in caplog.text


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


def test_messages_of_a_folder_are_counted_and_looked_at(data: Path, settings: Settings) -> None:
    settings.BROKER_URL = "filesystem://localhost"
    now = steady_now()
    assert messages.look(now) == {
        "messages": 0,
        "oldest_message_seconds": 0,
        "strange_messages": 0,
    }
    write(data / "broker" / "messages" / "1.celery.msg", age=timedelta(minutes=2))
    assert messages.look(now) == {
        "messages": 1,
        "oldest_message_seconds": 120,
        "strange_messages": 0,
    }
    write(data / "broker" / "messages" / "2.celery.msg", b"x" * 4097)
    write(data / "broker" / "photo.png")
    assert messages.look(now)["strange_messages"] == 2


def test_messages_in_redis_are_counted_and_looked_at(
    redis_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis import Redis

    settings.BROKER_URL = redis_url
    with Redis.from_url(redis_url) as redis:
        redis.delete("celery", "model-isnet", "unacked")
        redis.rpush("celery", "a word", "x" * 4097)
        redis.rpush("model-isnet", "x" * 4096)
        redis.hset("unacked", "1", "x" * 5000)
        assert messages.look(steady_now()) == {"messages": 3, "strange_messages": 2}
        redis.hset("unacked", "2", "x" * 5000)
        monkeypatch.setattr(messages, "MOST_LOOKED_AT", 1)
        assert messages.look(steady_now()) == {"messages": 3, "strange_messages": 1}
        redis.delete("celery", "model-isnet", "unacked")
    assert messages.look(steady_now()) == {"messages": 0, "strange_messages": 0}


def test_another_queue_is_its_own_to_watch(settings: Settings) -> None:
    settings.BROKER_URL = "amqp://localhost"
    assert messages.look(steady_now()) == {}


@pytest.mark.django_db
def test_a_queue_that_is_away_is_a_gap(settings: Settings) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    assert patrol(steady_now())["patrol_gaps"] == 1


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
