"""Promise 2 with clocks that jump: nothing goes early, and nothing stays for it.

Wall clocks are stepped in one part of the site after the other while all of them run: two hours and
26 hours, ahead and back, and the hour of daylight saving. On SQLite deadlines go by a clock that
cannot be set, on PostgreSQL by the server's.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from processing import tasks
from processing.errors import Paused
from processing.models import Image, Job, JobState, Life, clock, database_now
from processing.retention import gates, second_hand
from processing.retention.sweeper import sweep
from processing.storage import epochs_alive, make_image_key, steady
from tests import cast, photos
from tests.promises.processes import CELERY, SWEEPER, running, wait_until
from tests.promises.scale import pick
from tests.promises.web import GUNICORN, STARTED, Web, serving

HOUR = 3600
STEPS = [2 * HOUR, -2 * HOUR, 26 * HOUR, -26 * HOUR, HOUR, -HOUR]
NEAR = timedelta(seconds=2)
LATE = 10.0  # Seconds: of a day, ten minutes are a 144th part; here a sweep comes every second.


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(clock, "_ahead", timedelta(0))
    return tmp_path / "keys"


def step_this_process(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    wall, wall_ns, now = time.time, time.time_ns, timezone.now
    monkeypatch.setattr(time, "time", lambda: wall() + seconds)
    monkeypatch.setattr(time, "time_ns", lambda: wall_ns() + seconds * 10**9)
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", STEPS)
def test_a_jump_erases_nothing_early_and_keeps_nothing_longer(
    owner: User, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Everything that reads a clock, in one process whose clock jumps."""
    image, due = cast.submit(owner), cast.submit(owner)
    true = database_now()
    step_this_process(monkeypatch, seconds)
    assert abs(database_now() - true) < NEAR
    sweep(database_now())
    second_hand.tick()
    image.refresh_from_db()
    assert image.life == Life.LIVE
    image.open_key()
    cast.age(due, timedelta(hours=23))
    sweep(database_now())
    assert not Image.objects.filter(pk=due.pk).exclude(life=Life.ERASING).exists()
    assert cast.browser(owner).get(f"/images/{due.pk}/original").status_code == 404
    late = database_now()
    second_hand.tick()
    assert all(end > late.timestamp() for end in epochs_alive())


@pytest.mark.parametrize("seconds", STEPS)
def test_an_upload_after_a_jump_is_refused_or_has_the_right_deadline(
    owner: User, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    true = database_now()
    step_this_process(monkeypatch, seconds)
    assert abs(gates.clock_skew() - abs(seconds)) < 2
    assert cast.send(cast.browser(owner), photos.draw()).status_code == 503
    cast.fill(owner, 1)
    assert abs(Image.objects.get().received_at - true) < NEAR


@pytest.mark.parametrize("seconds", STEPS)
def test_keys_die_neither_early_nor_late_by_a_jump(
    db: None, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    now = int(database_now().timestamp())
    ended, going_on = now - 1, now + 30
    step_this_process(monkeypatch, seconds)
    for end in (ended, going_on):
        make_image_key(bytes(16), end)
    second_hand.tick()
    assert epochs_alive() == [going_on]


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"]
)
def test_daylight_saving_moves_no_deadline(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours around every change of a year, on a machine of that zone."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        start = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
        offsets = set()
        for hour in range(0, 365 * 24, 6):
            seconds = start + hour * HOUR
            monkeypatch.setattr(time, "time_ns", lambda seconds=seconds: seconds * 10**9)
            offsets.add(datetime.fromtimestamp(seconds, ZoneInfo(zone)).utcoffset())
            assert steady.wall_now() == datetime.fromtimestamp(seconds, UTC)
            assert steady.wall_now().utcoffset() == timedelta(0)
        assert len(offsets) == (1 if zone == "Pacific/Apia" else 2)
    finally:
        monkeypatch.undo()
        time.tzset()


class Jumps:
    """The wall clocks of all parts, and what three images of the site come to when one jumps."""

    def __init__(self, owner: User, web: Web, told: dict[str, Path]) -> None:
        self.owner, self.web, self.told = owner, web, told
        self.early, self.late, self.rounds = 0, 0.0, 0

    def jump(self, part: str, seconds: int) -> None:
        wait_until(_is_open, STARTED, "uploads are taken")
        staying, due, coming = (cast.submit(self.owner) for _ in range(3))
        wait_until(lambda: _done(staying, due), STARTED, "the images are done")
        self._set(part, seconds)
        at = _shorten(due, timedelta(seconds=3))
        Job.objects.filter(image=coming).update(state=JobState.QUEUED, attempts=0)
        tasks.ring()
        while database_now() < at:
            self.early += not _is_live(due)
            time.sleep(0.1)
        assert self.web.get(f"/images/{due.pk}/original") == 404
        wait_until(lambda: not _is_live(due), LATE, "the image is erased")
        wait_until(lambda: due.epoch not in epochs_alive(), LATE, "its key is destroyed")
        self.late = max(self.late, (database_now() - at).total_seconds())
        wait_until(lambda: _done(coming), STARTED, "the job is done")
        if part != "worker":  # It takes no uploads, nor does it tell the time.
            assert self.web.upload()[0] == 503
        self.early += not (_is_live(staying) and _is_live(coming))
        staying.open_key()
        assert self.web.get(f"/images/{staying.pk}/original") == 200
        self.rounds += 1
        self.told[part].write_text("0")

    def _set(self, part: str, seconds: int) -> None:
        """Returns when the part has met its new clock: it has to look at it for that."""
        self.told[part].write_text(str(seconds))
        seen = self.told[part].with_suffix(".seen")

        def met() -> bool:
            self.web.get("/gallery/")
            tasks.ring()
            return _read(seen) == str(seconds)

        wait_until(met, STARTED, "the part looks at its clock")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_jumps_of_one_part_after_the_other_while_all_of_them_run(
    owner: User, tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {part: tmp_path / f"step-of-{part}" for part in ("web", "worker", "sweeper")}
    monkeypatch.setenv("TZ", "America/New_York")

    def stepped(part: str, argv: list[str]) -> list[str]:
        told[part].write_text("0")
        return ["-m", "tests.promises.stepped_clock", str(told[part]), *argv]

    more = {"KEYS_DIR": str(keys), "SWEEP_EVERY": "1s"}
    with (
        running(stepped("sweeper", SWEEPER), tmp_path, **more),
        running(stepped("worker", CELERY), tmp_path, **more),
        serving(owner, tmp_path, stepped("web", GUNICORN), **more) as web,
    ):
        jumps = Jumps(owner, web, told)
        quick = [("web", STEPS[3]), ("worker", STEPS[2]), ("sweeper", STEPS[2])]
        for part, seconds in pick(quick, list(product(told, STEPS))):
            jumps.jump(part, seconds)
    print(f"{jumps.rounds} jumps: {jumps.early} early, the latest {jumps.late:.1f} s late")
    assert jumps.early == 0
    assert jumps.late < LATE


def _is_open() -> bool:
    with suppress(Paused):
        gates.check_open(database_now())
        return True
    return False


def _done(*images: Image) -> bool:
    jobs = Job.objects.filter(image__in=images, state=JobState.DONE)
    return jobs.count() == len(images)


def _is_live(image: Image) -> bool:
    return Image.objects.filter(pk=image.pk, life=Life.LIVE).exists()


def _shorten(image: Image, life: timedelta) -> datetime:
    """When it is to be erased, from now on."""
    with transaction.atomic():
        image.refresh_from_db(from_queryset=Image.objects.select_for_update(no_key=True))
        image.shorten(database_now() + life)
        image.save()
    return image.purge_at


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
