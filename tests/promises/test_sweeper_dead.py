"""Promises 4, 9 and 10 with the sweeper dead: unreadable, keyless, alarmed and closed, all in time.

And when it is back, everything is caught up with at once.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import transaction
from pytest_django import Settings

from accounts.models import User
from processing.engine import FILES
from processing.models import Image, Life, Pulse, database_now
from processing.retention import gates, second_hand
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, epochs_alive, make_image_key, steady_now, stored_names
from tests import cast, photos
from tests.promises.processes import CELERY, SWEEPER, running, wait_until
from tests.promises.scale import pick
from tests.promises.web import STARTED, serving

DEAD_FOR = timedelta(hours=2)
MANY = pick(200, 10_000)
CATCH_UP = 300.0  # Seconds.
SHORT = {"RETENTION": "60s", "SWEEP_EVERY": "1s"}


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def grow_old(image: Image, by: timedelta) -> None:
    """As if it had come so much earlier, its key with it."""
    with transaction.atomic():
        image.refresh_from_db(from_queryset=Image.objects.select_for_update(no_key=True))
        purge_at = image.purge_at - by
        image.received_at -= by
        image.shorten(purge_at)
        image.save()


def codes() -> set[str]:
    return {alarm.code for alarm in gates.alarms(database_now())}


@pytest.fixture
def overdue(owner: User) -> Iterator[Image]:
    """Its deadline was two hours ago, and that is when the sweeper died."""
    image = cast.finish_with_renderings(cast.submit(owner))
    died = database_now() - DEAD_FOR
    grow_old(image, image.purge_at - died)
    Pulse.objects.create(name="sweeper", at=died)
    gates.start_watching(died)
    yield image
    gates.start_watching(database_now())


def test_nothing_of_it_can_be_read(owner: User, overdue: Image) -> None:
    client = cast.browser(owner)
    assert len(cast.stored_objects()) == 7  # The bytes are there still.
    for kind in ("original", *FILES):
        assert client.get(f"/images/{overdue.pk}/{kind}").status_code == 404
    assert client.get(f"/images/{overdue.pk}/", headers=cast.JSON).status_code == 404
    assert str(overdue.pk) not in client.get("/gallery/").text


def test_its_key_is_dead_and_no_row_opens_it(overdue: Image) -> None:
    overdue.open_key()
    second_hand.tick()
    with pytest.raises(KeyGone):
        overdue.open_key()


@pytest.mark.parametrize("minutes", range(0, 60, 6))
def test_keys_die_within_half_an_hour_of_the_deadline(
    owner: User, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """Wherever in its epoch it falls, by the second hand alone."""
    image = cast.submit(owner)
    deadline = image.purge_at - timedelta(minutes=minutes)
    with transaction.atomic():
        image.shorten(deadline)
        image.save()
    period = timedelta(seconds=second_hand.period())
    monkeypatch.setattr(second_hand, "keys_now", lambda: deadline)
    second_hand.tick()
    image.open_key()
    latest = deadline + site.BUDGET.keys - period
    monkeypatch.setattr(second_hand, "keys_now", lambda: latest)
    second_hand.tick()
    with pytest.raises(KeyGone):
        image.open_key()


@pytest.mark.usefixtures("overdue")
def test_there_are_alarms() -> None:
    found = {alarm.code: alarm for alarm in gates.alarms(database_now())}
    assert found["overdue"].value == 1
    assert found["sweeper_silent"].value == pytest.approx(DEAD_FOR.total_seconds(), abs=60)
    assert found["keys_late"].value == 1
    second_hand.tick()
    assert "keys_late" not in codes()


@pytest.mark.usefixtures("overdue")
def test_uploads_are_refused_and_say_when_to_come_back(owner: User) -> None:
    answer = cast.send(cast.browser(owner), photos.draw())
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert '"paused"' in answer.text
    assert Image.objects.count() == 1


@pytest.mark.parametrize(("minutes", "alarmed"), [(2, False), (4, True), (14, True), (16, True)])
def test_the_alarm_comes_after_three_minutes_of_silence(
    owner: User, minutes: int, alarmed: bool
) -> None:
    died = database_now() - timedelta(minutes=minutes)
    Pulse.objects.create(name="sweeper", at=died)
    gates.start_watching(died)
    image = cast.submit(owner) if not alarmed else None
    assert ("sweeper_silent" in codes()) == alarmed
    assert (image is None) == alarmed


@pytest.mark.parametrize(("minutes", "alarmed"), [(14, False), (16, True)])
def test_what_is_overdue_is_an_alarm_after_a_quarter_of_an_hour(
    owner: User, minutes: int, alarmed: bool
) -> None:
    image = cast.submit(owner)
    grow_old(image, image.purge_at - database_now() + timedelta(minutes=minutes))
    assert ("overdue" in codes()) == alarmed


def test_it_catches_up_within_five_minutes(owner: User, overdue: Image) -> None:
    cast.fill(owner, MANY)
    Image.objects.exclude(pk=overdue.pk).update(
        received_at=overdue.received_at, purge_at=overdue.purge_at
    )
    second_hand.tick()
    began = time.monotonic()
    sweep(database_now())
    took = time.monotonic() - began
    print(f"{MANY + 1} overdue images caught up with in {took:.1f} s")
    assert took < CATCH_UP
    assert not Image.objects.exclude(life=Life.ERASING).exists()
    assert not cast.stored_objects()
    assert not codes() & {"overdue", "sweeper_silent", "keys_late"}
    gates.start_watching(database_now())
    assert cast.send(cast.browser(owner), photos.draw()).status_code == 201


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", ["web", "worker"])
def test_keys_die_on_time_in_every_other_process(
    owner: User, tmp_path: Path, keys: Path, part: str
) -> None:
    """Each of them alone; the first key has ended before the process starts."""
    ended = int(steady_now().timestamp()) - 5
    make_image_key(bytes(16), ended)
    more = {"KEYS_DIR": str(keys), "SWEEP_EVERY": "1s"}
    runs = serving(owner, tmp_path, **more) if part == "web" else running(CELERY, tmp_path, **more)
    with runs:
        wait_until(lambda: not epochs_alive(), STARTED, "the first key is dead")
        late = []
        for seconds in (1, 2):
            end = int(steady_now().timestamp()) + seconds
            make_image_key(bytes(16), end)
            while epochs_alive():
                assert steady_now().timestamp() < end + 10
                time.sleep(0.02)
            late.append(steady_now().timestamp() - end)
    print(f"{part}: keys died {min(late):.1f} to {max(late):.1f} s after their time")
    assert min(late) >= 0


@pytest.mark.slow
@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_site_whose_sweeper_never_starts(
    owner: User, tmp_path: Path, keys: Path, settings: Settings
) -> None:
    """Its photos live for a minute (in the quick run one is made older than it is)."""
    more = {"KEYS_DIR": str(keys), **SHORT}
    with serving(owner, tmp_path, **more) as web, running(CELERY, tmp_path, **more):
        assert web.upload()[0] == 201
        image = Image.objects.get()
        assert web.get(f"/images/{image.pk}/original") == 200
        grow_old(image, pick(timedelta(seconds=50), timedelta(0)))
        left = (image.purge_at - database_now()).total_seconds()
        wait_until(
            lambda: web.get(f"/images/{image.pk}/original") == 404, left + 5, "nobody can read it"
        )
        assert database_now() >= image.purge_at - timedelta(seconds=1)
        wait_until(lambda: image.epoch not in epochs_alive(), 10, "its key is dead")
        dead_at = database_now()
        assert dead_at <= image.received_at + timedelta(seconds=60) + timedelta(seconds=2)
        assert stored_names(image.prefix)
        wait_until(lambda: web.upload()[0] == 503, 30, "uploads are refused")
        assert '"paused"' in web.upload()[1]
        with running(SWEEPER, tmp_path, **more):
            took = wait_until(lambda: not stored_names(image.prefix), STARTED, "it is erased")
            wait_until(lambda: web.upload()[0] == 201, 30, "uploads are taken again")
    print(
        f"key dead {(dead_at - image.purge_at).total_seconds():.1f} s after the deadline, "
        f"bytes gone {took:.1f} s after the sweeper was started"
    )
