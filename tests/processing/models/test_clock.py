"""The one clock of all deadlines: the database's, or on SQLite one that nobody can set."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.clock import entry_time
from processing.models import clock, database_now, keys_now
from processing.storage import steady

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=2)
STEP = 26 * 3600 * 10**9


@pytest.fixture(autouse=True)
def nothing_learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_ahead", timedelta(0))
    monkeypatch.setattr(clock, "_learned_at", None)


def step_the_wall_clock(monkeypatch: pytest.MonkeyPatch, by: int) -> None:
    wall, now = time.time_ns, timezone.now
    monkeypatch.setattr(time, "time_ns", lambda: wall() + by)
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(microseconds=by // 1000))


@pytest.mark.django_db
def test_the_databases_clock_is_aware_and_right() -> None:
    assert abs(database_now() - timezone.now()) < NEAR
    assert database_now().utcoffset() == timedelta(0)


@pytest.mark.django_db
@pytest.mark.parametrize("step", [STEP, -STEP])
def test_a_step_of_the_machines_clock_moves_no_deadline(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    before = database_now()
    step_the_wall_clock(monkeypatch, step)
    assert abs(timezone.now() - before) > 25 * HOUR
    assert timedelta(0) <= database_now() - before < NEAR
    assert timedelta(0) <= keys_now() - before < NEAR
    assert timedelta(0) <= entry_time() - before < NEAR  # Nor what the ledger says.


@pytest.mark.django_db
def test_keys_go_by_what_the_database_said_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when this machine has started with a clock that is wrong."""
    steady_now = steady.steady_now
    monkeypatch.setattr(clock, "steady_now", lambda: steady_now() - 5 * HOUR)
    before = clock.known_for()
    now = database_now()
    if connection.vendor == "sqlite":
        assert clock.known_for() is None
        assert abs(keys_now() - now) < NEAR
        return
    assert before is None
    assert abs(now - steady_now()) < NEAR
    assert abs(keys_now() - now) < NEAR
    known_for = clock.known_for()
    assert known_for is not None
    assert known_for < 2
    with monkeypatch.context() as later:
        later.setattr(clock, "steady_now", lambda: steady_now() - 3 * HOUR)
        assert abs(keys_now() - (now + 2 * HOUR)) < NEAR


def test_half_of_the_way_there_and_back_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a slow answer says is of the middle of the time that it took."""
    there = steady.steady_now()
    monkeypatch.setattr(clock, "steady_now", lambda: there + timedelta(seconds=8))
    clock._learn(there + timedelta(seconds=4) + HOUR, there)
    assert clock._ahead == HOUR
    assert keys_now() == there + timedelta(seconds=8) + HOUR
    known_for = clock.known_for()
    assert known_for is not None
    assert 0 <= known_for < 2
