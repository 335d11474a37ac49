"""Promise 5: a sweeper that is killed with SIGKILL, anywhere: the next sweep ends clean."""

import subprocess
import sys
from datetime import timedelta

import pytest

from accounts.models import User
from processing.models import Image, Life
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, stored_names
from tests import cast
from tests.promises.processes import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)

SWEEP = """
import datetime, importlib, os, signal, sys
import django
django.setup()
from processing.retention.sweeper import sweep

place, after, moment = sys.argv[1], int(sys.argv[2]), sys.argv[3]
module, _, path = place.partition(":")
holder = importlib.import_module(module)
*parents, name = path.split(".")
for parent in parents:
    holder = getattr(holder, parent)
real, calls = getattr(holder, name), 0

def step(*args, **kwargs):
    global calls
    calls += 1
    if calls > after:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **kwargs)

setattr(holder, name, step)
sweep(datetime.datetime.fromisoformat(moment))
"""
BEGINNING = [
    ("processing.models:Image.save", 0),
    ("processing.retention.erase:shred_prefix", 0),
    ("processing.storage.disk:DiskStorage.delete", 3),
    ("processing.storage.disk:DiskStorage.delete_folders", 0),
]
FINISHING = [
    ("processing.retention.erase:shred_prefix", 0),
    ("django.db.models.query:QuerySet.delete", 1),
    ("processing.retention.sweeper:_forget_deleted_values", 0),
]


def sweep_and_be_killed(place: str, after: int, moment: str) -> None:
    asked = [sys.executable, "-c", SWEEP, place, str(after), moment]
    assert subprocess.run(asked, env=environment(), cwd=ROOT, check=False).returncode == -9


@pytest.mark.parametrize(("place", "after"), BEGINNING)
def test_killed_while_it_begins(owner: User, place: str, after: int) -> None:
    image = cast.finish(cast.submit(owner))
    sweep_and_be_killed(place, after, image.purge_at.isoformat())
    row = Image.objects.get()
    if stored_names(image.prefix) and row.life == Life.ERASING:
        with pytest.raises(KeyGone):  # What is still there can no longer be read.
            row.open_key()
    sweep(image.purge_at)
    assert not cast.stored_objects()
    sweep(image.purge_at + erase.longest_job())
    assert cast.nothing_is_left()


@pytest.mark.parametrize(("place", "after"), FINISHING)
def test_killed_while_it_finishes(owner: User, place: str, after: int) -> None:
    image = cast.finish(cast.submit(owner))
    sweep(image.purge_at)
    later = image.purge_at + erase.longest_job()
    sweep_and_be_killed(place, after, later.isoformat())
    sweep(later + timedelta(seconds=1))
    assert cast.nothing_is_left()


def test_a_storage_that_refuses_stays_visible_with_its_bytes_unreadable(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.finish(cast.submit(owner))

    def refuse(prefix: str) -> int:
        raise PermissionError("read-only")

    with monkeypatch.context() as broken:
        broken.setattr(erase, "shred_prefix", refuse)
        for hours in (0, 1, 12):
            assert sweep(image.purge_at + timedelta(hours=hours)).failed >= 1
    row = Image.objects.get()
    assert row.life == Life.ERASING
    with pytest.raises(KeyGone):
        row.open_key()
    assert "could not be erased" in caplog.text
    assert len(stored_names(image.prefix)) == 7
    sweep(image.purge_at + timedelta(hours=13))
    assert cast.nothing_is_left()
