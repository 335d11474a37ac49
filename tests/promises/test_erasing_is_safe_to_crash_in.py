"""Promise 5: a sweeper that is killed with SIGKILL, anywhere: the next sweep ends clean."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings

from accounts.models import User
from processing.models import Image, Life, Receipt
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, KeyGone, stored_names
from tests import cast
from tests.processing.refusals import refusing
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
# Where bytes are deleted: before the last of them are, and when all of them are.
DELETING = (
    [
        ("processing.storage.bucket:_Shredding._ask", 0),
        ("processing.storage.bucket:_Shredding._count", 0),
    ]
    if cast.on_s3()
    else [("os:unlink", 3), ("os:rmdir", 0)]
)
DELETED = DELETING[-1][0]
KILLS = [
    ("django.db.models.query:QuerySet.update", 0),
    ("processing.retention.claims:_note", 0),
    ("processing.retention.claims:take", 0),
    ("processing.retention.erase:shred_many", 0),
    *DELETING,
    ("processing.retention.erase:_record", 0),
    ("processing.retention.receipts:write", 0),
    ("django.db.models.query:QuerySet.delete", 2),
    ("processing.retention.sweeper:_forget_deleted_values", 0),
]


def sweep_and_be_killed(place: str, after: int, moment: str) -> None:
    asked = [sys.executable, "-c", SWEEP, place, str(after), moment]
    assert subprocess.run(asked, env=environment(), cwd=ROOT, check=False).returncode == -9


@pytest.mark.parametrize(("place", "after"), KILLS)
def test_killed_anywhere(owner: User, place: str, after: int) -> None:
    image = cast.finish(cast.submit(owner))
    sweep_and_be_killed(place, after, image.purge_at.isoformat())
    row = Image.objects.filter(pk=image.pk).first()
    if row is not None and stored_names(image.prefix) and row.life == Life.ERASING:
        with pytest.raises(KeyGone):  # What is still there can no longer be read.
            row.open_key()
    later = image.purge_at + timedelta(minutes=4)
    assert later < image.purge_at + settings.BUDGET.swept
    sweep(later)
    assert cast.nothing_is_left()
    assert Receipt.objects.get().image_id == image.pk


@pytest.mark.parametrize("place", ["processing.retention.erase:_remove", DELETED])
def test_killed_while_it_looks_once_more(owner: User, place: str) -> None:
    image = cast.submit(owner)
    cast.start(image)
    sweep(image.purge_at)
    assert not cast.stored_objects()
    later = image.purge_at + erase.longest_job()
    with BlobWriter(bytes(32), image.prefix, 1, "mask.png") as writer:
        writer.write(b"late")
    sweep_and_be_killed(place, 0, later.isoformat())
    assert Image.objects.exists()
    sweep(later + timedelta(minutes=2))
    assert cast.nothing_is_left()
    assert Receipt.objects.get().objects_deleted >= 2


def test_a_storage_that_refuses_stays_visible_with_its_bytes_unreadable(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.finish_with_renderings(cast.submit(owner))

    with refusing():
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
