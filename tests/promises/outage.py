"""What has to hold while a storage fails: gone in time, or unreadable in time and alarmed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from accounts.models import User
from processing.errors import Paused
from processing.flows.submit import Upload
from processing.models import Blob, Image, Receipt, database_now
from processing.retention import erase, gates
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, KeyGone
from tests import cast, photos

LIMIT = timedelta(minutes=10)  # From the deadline on: later is late.
PHOTO = photos.draw()
Look = Callable[[], Collection[str]]  # The prefixes under which something is stored, in truth.


@dataclass
class Course:
    """How it went, in time since the last deadline."""

    images: list[Image]
    due: datetime
    gone: timedelta | None = None  # When nothing was stored any more.
    alarmed: timedelta | None = None
    left: int = 0  # Images with something stored when the limit had passed.

    def in_time(self) -> bool:
        return self.gone is not None and self.gone <= LIMIT

    def says(self) -> str:
        gone = f"gone after {_minutes(self.gone)}" if self.gone is not None else "not gone"
        alarm = f", alarm after {_minutes(self.alarmed)}" if self.alarmed is not None else ""
        return f"{len(self.images)} images {gone}{alarm}, {self.left} late"


def send(owner: User, number: int) -> None:
    """Images with two objects each, to a site whose sweeper has been round."""
    sweep(database_now())
    for _ in range(number):
        image = cast.submit(owner, PHOTO)
        Blob.objects.create(image=image, kind="cutout.png", generation=1, stored=True)
        with BlobWriter(image.open_key(), image.prefix, 1, "cutout.png") as writer:
            writer.write(b"result")


def try_to_send(owner: User, number: int) -> int:
    """What a page does with as many photos, storage in trouble or not; how many were taken."""
    taken = 0
    for _ in range(number):
        upload = Upload(cast.sender_of(owner), "photo.png")
        try:
            upload.add(PHOTO)
            upload.finish()
            taken += 1
        except Exception:  # noqa: BLE001  Whatever a storage in trouble says.
            upload.abandon()
    return taken


def live_through(look: Look, moments: Iterable[timedelta]) -> Course:
    """Sweeps at each moment after the deadline of the last image there is, and checks each time.

    Ends early when nothing is stored any more.
    """
    images = list(Image.objects.order_by("pk"))
    course = Course(images, max(image.purge_at for image in images))
    for moment in moments:
        now = course.due + moment
        sweep(now)
        left = _stored_of(images, look)
        _check(course, left, now)
        if moment >= LIMIT:
            course.left = max(course.left, len(left))
        if not left:
            course.gone = moment
            break
    return course


def end_of_it(course: Course, look: Look) -> None:
    """Once the storage is well again, everything ends as if nothing had been."""
    assert course.gone is not None or course.alarmed is not None
    now = max(course.due + timedelta(hours=1), database_now())
    for _ in range(2):  # Those that were put off, and then those that had to be quiet.
        sweep(now)
        now += erase.longest_job()
    sweep(now)
    assert not look()
    assert cast.nothing_is_left()
    assert len(_receipts_of(course.images)) == len(course.images)
    assert not _alarmed(now)


def each_minute() -> Iterator[timedelta]:
    """Until the alarm has to be there for sure."""
    for minute in range(18):
        yield timedelta(minutes=minute)


def now_and_then() -> Iterator[timedelta]:
    """For a storage that does not answer at all: every sweep waits for it."""
    yield from (timedelta(), timedelta(minutes=16), settings.BUDGET.keys + timedelta(seconds=1))


def _stored_of(images: Sequence[Image], look: Look) -> list[Image]:
    stored = set(look())
    strangers = stored - {image.prefix for image in images}
    assert not strangers
    return [image for image in images if image.prefix in stored]


def _check(course: Course, left: list[Image], now: datetime) -> None:
    assert not Image.objects.readable(now).exists()
    receipts = _receipts_of(left)
    assert not receipts, "a receipt says gone, and something is stored"
    known = Image.objects.filter(pk__in=[image.pk for image in left]).count()
    assert known == len(left), "something is stored, and its row is gone"
    if left and now > course.due + settings.BUDGET.alarm:
        assert _alarmed(now)
        course.alarmed = course.alarmed or now - course.due
    if now > course.due + settings.BUDGET.keys:
        assert not any(_opens(image) for image in course.images)


def _receipts_of(images: Sequence[Image]) -> set[UUID]:
    found = Receipt.objects.filter(image_id__in=[image.pk for image in images])
    return set(found.values_list("image_id", flat=True))


def _alarmed(now: datetime) -> bool:
    """The alarm is there, and the door is shut; or neither."""
    codes = {alarm.code for alarm in gates.alarms(now)}
    assert ("overdue" in codes) == (not _open(now))
    assert "other_vault" not in codes, "a storage in trouble is taken for another one"
    return "overdue" in codes


def _open(now: datetime) -> bool:
    gates._looked = None
    try:
        gates.check_open(now)
    except Paused:
        return False
    return True


def _opens(image: Image) -> bool:
    """With the row as a backup of its first minute holds it."""
    try:
        image.open_key()
    except KeyGone:
        return False
    return True


def _minutes(length: timedelta) -> str:
    return f"{length.total_seconds() / 60:.0f} min"
