"""Promise 2, at scale: a clock that runs fast over two days of uploads, swept every minute.

None is readable after 23:00 h, none is stored after 23:10 h, no key opens after 23:30 h; whatever
state an image is in.
"""

import random
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from processing.flows.submit import Upload
from processing.models import Blob, Image, Job, JobState, Life, database_now
from processing.retention import gates
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, KeyGone, stored_names
from tests import cast, photos
from tests.promises.scale import pick

UPLOADS = pick(150, 10_000)
EVERY = pick(timedelta(minutes=5), timedelta(minutes=1))
UNREADABLE = timedelta(hours=23)
GONE = timedelta(hours=23, minutes=10)
KEYS_DEAD = timedelta(hours=23, minutes=30)
STATES = ("waiting", "running", "failed", "done", "broken off")


@dataclass(frozen=True)
class Sent:
    received_at: datetime
    image: Image


def _send(owner: User, received_at: datetime, state: str) -> Sent:
    gates.start_watching(database_now())  # Ten thousand take minutes; a sweeper would be there.
    upload = Upload(cast.sender_of(owner, began_at=received_at), "photo.png")
    upload.add(photos.draw())
    if state == "broken off":
        upload._begin()
        assert upload._image is not None
        assert upload._writer is not None
        upload._writer.abandon()
        return Sent(received_at, upload._image)
    image = upload.finish()
    if state == "running":
        Job.objects.filter(image=image).update(state=JobState.RUNNING, attempts=1)
    elif state in {"failed", "done"}:
        Job.objects.filter(image=image).update(state=state, attempts=1)
    if state in {"running", "done"}:
        for kind in ("preview.webp", "cutout.png"):
            Blob.objects.create(image=image, kind=kind, generation=1, stored=True)
            with BlobWriter(image.open_key(), image.prefix, 1, kind) as writer:
                writer.write(b"result")
    return Sent(received_at, image)


def _opens(image: Image) -> bool:
    """With the row as a backup of the first minute holds it."""
    try:
        image.open_key()
    except KeyGone:
        return False
    return True


@pytest.mark.django_db
def test_nothing_outlives_its_day(owner: User) -> None:
    begin = database_now().replace(microsecond=0) + timedelta(minutes=1)
    chance = random.Random(1)  # Out of step with the sweeps, all over a day.
    moments = sorted(begin + timedelta(days=chance.random()) for _ in range(UPLOADS))
    arriving = deque(
        _send(owner, moment, STATES[number % len(STATES)]) for number, moment in enumerate(moments)
    )
    stored, waiting_for_bytes, waiting_for_keys = deque(arriving), deque(arriving), deque(arriving)
    oldest_readable = oldest_stored = timedelta()
    now = begin + timedelta(hours=22)
    while waiting_for_keys:
        now += EVERY
        sweep(now)
        readable = Image.objects.readable(now).order_by("received_at").first()
        if readable is not None:
            oldest_readable = max(oldest_readable, now - readable.received_at)
        while waiting_for_bytes and now - waiting_for_bytes[0].received_at >= GONE:
            assert not stored_names(waiting_for_bytes.popleft().image.prefix)
        while stored and not stored_names(stored[0].image.prefix):
            stored.popleft()
        if stored:
            oldest_stored = max(oldest_stored, now - stored[0].received_at)
        while waiting_for_keys and now - waiting_for_keys[0].received_at >= KEYS_DEAD:
            assert not _opens(waiting_for_keys.popleft().image)
    print(f"{UPLOADS} uploads: oldest readable {oldest_readable}, oldest stored {oldest_stored}")
    assert oldest_readable < UNREADABLE
    assert oldest_stored < GONE
    sweep(now + timedelta(hours=1))
    assert cast.nothing_is_left()
    assert not Image.objects.filter(life=Life.ERASING).exists()
