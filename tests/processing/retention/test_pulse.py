"""The sweeper's pulse: at every round, also an idle one, and all along a long one."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from accounts.models import User
from processing.models import Pulse, database_now
from processing.retention import claims, gates, pulse, sweeper
from processing.retention.deadlines import budget
from processing.retention.sweeper import sweep
from tests import cast
from tests.processing.refusals import refusing


def facts() -> dict[str, object]:
    return dict(Pulse.objects.get(pk="sweeper").facts)


def test_an_idle_round_says_that_it_lives_and_what_it_found(db: None) -> None:
    now = database_now()
    sweep(now)
    row = Pulse.objects.get()
    assert timedelta(0) <= row.at - now < timedelta(seconds=10)
    assert set(row.facts) == {"vault", "versioning", "skew", "failed", "erase_errors"}
    assert (row.facts["vault"], row.facts["versioning"]) == ("same", "off")
    assert 0 <= row.facts["skew"] < 1
    assert (row.facts["failed"], row.facts["erase_errors"]) == (0, {"vault": 0})
    sweep(now + timedelta(minutes=1))
    assert Pulse.objects.get().at >= now + timedelta(minutes=1)


def test_errors_are_counted_for_as_long_as_the_site_lives(owner: User) -> None:
    sweep(database_now())
    images = [cast.submit(owner) for _ in range(3)]
    due = max(image.purge_at for image in images)
    with refusing():
        sweep(due)
        assert (facts()["failed"], facts()["erase_errors"]) == (3, {"vault": 3})
        sweep(due + timedelta(minutes=10))
    assert (facts()["failed"], facts()["erase_errors"]) == (3, {"vault": 6})
    sweep(due + timedelta(hours=1))
    assert (facts()["failed"], facts()["erase_errors"]) == (0, {"vault": 6})


def test_a_long_round_is_heard_of_all_along(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it condemns, and while it deletes."""
    monkeypatch.setattr(sweeper, "BEAT_EVERY", 0.0)
    monkeypatch.setattr(claims, "BATCH", 2)
    beats = []
    real = pulse.beat

    def count(*args: object) -> None:
        beats.append(args)
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(pulse, "beat", count)
    images = [cast.submit(owner) for _ in range(6)]
    sweep(max(image.purge_at for image in images))
    assert len(beats) >= 3 + 6 + 1


def test_a_short_round_is_heard_of_once_at_its_end(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, object]] = []
    monkeypatch.setattr(pulse, "beat", lambda now, facts: heard.append(facts))
    monkeypatch.setattr(gates, "clock_skew", lambda: 0.123456)
    images = [cast.submit(owner) for _ in range(2)]
    sweep(max(image.purge_at for image in images))
    assert [facts["skew"] for facts in heard] == [0.123]


def test_with_a_short_retention_a_long_round_is_heard_of_before_it_is_missed(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a minute's retention the sweeper is missed after 15 s: so rarely it may not be heard."""
    settings.BUDGET = budget(timedelta(seconds=60))
    silent = settings.BUDGET.silent.total_seconds()
    clock = _Jumps(silent / 12)
    monkeypatch.setattr(sweeper, "time", clock)
    monkeypatch.setattr(claims, "BATCH", 1)
    heard: list[float] = []
    monkeypatch.setattr(pulse, "beat", lambda *args: heard.append(clock.now))
    images = [cast.submit(owner) for _ in range(5)]
    sweep(max(image.purge_at for image in images))
    assert clock.now > 3 * silent
    assert max(later - earlier for earlier, later in pairwise([0.0, *heard])) < silent


class _Jumps:
    """A monotonic clock that is so many seconds later each time it is read."""

    def __init__(self, step: float) -> None:
        self._step, self.now = step, 0.0

    def monotonic(self) -> float:
        self.now += self._step
        return self.now


def test_what_was_found_before_stands_until_it_is_looked_at_again(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A round that has only begun must not open a door that the last one has closed."""
    monkeypatch.setattr(sweeper, "BEAT_EVERY", 0.0)
    image, now = cast.submit(owner), database_now()
    pulse.beat(now, {"vault": "other"})
    seen = []
    real = pulse.beat

    def look(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        seen.append(facts()["vault"])

    monkeypatch.setattr(pulse, "beat", look)
    sweep(image.purge_at)
    assert seen[0] == "other"
    assert seen[-1] == "same"


def test_a_database_that_takes_no_pulse_does_not_keep_the_sweep(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*args: object) -> None:
        raise DatabaseError("private words")

    image = cast.submit(owner)
    monkeypatch.setattr(pulse, "beat", full)
    assert sweep(image.purge_at).finished == 1
    said = [one.getMessage() for one in caplog.records if one.name.endswith("sweeper")]
    assert said[0] == "no pulse: DatabaseError"


def test_the_bucket_is_asked_once_a_minute(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def answer() -> str:
        asked.append(1)
        return "on"

    monkeypatch.setattr("processing.storage.versioning", answer)
    for _ in range(3):
        sweep(database_now())
    assert (len(asked), facts()["versioning"]) == (1, "on")
    monkeypatch.setattr(sweeper, "LOOK_AT_BUCKET_EVERY", 0.0)
    sweep(database_now())
    assert len(asked) == 2


def test_another_bucket_is_asked_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    sweep(database_now())
    assert facts()["versioning"] == "off"
    monkeypatch.setattr("processing.storage.versioning", lambda: "on")
    settings.STORAGES = settings.STORAGES | {"vault": cast.new_folder(tmp_path / "another")}
    sweep(database_now())
    assert facts()["versioning"] == "on"


def test_asking_the_bucket_is_no_silence(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: list[str] = []

    def ask(step: object, tick: Callable[[], None]) -> str:
        tick()
        return "off"

    monkeypatch.setattr(sweeper, "patiently", ask)
    monkeypatch.setattr(sweeper, "_versioning", (None, 0.0, "unknown"))
    assert sweeper._look_at_bucket(lambda: ticks.append("beat")) == "off"
    assert ticks == ["beat"]
