"""The second hand: keys die without the sweeper, the tables, the storage and the wall clock."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import OperationalError
from pytest_django import Settings

from processing.models import clock
from processing.retention import second_hand
from processing.storage import (
    KeyGone,
    epochs_alive,
    make_image_key,
    secret_files,
    steady,
    steady_now,
)

PATIENT = 20.0


@pytest.fixture(autouse=True)
def hand(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Not started yet, with keys of its own, and fast; stopped with the test."""
    settings.KEYS_DIR = tmp_path_factory.mktemp("keys")
    settings.SWEEP_EVERY = timedelta(seconds=0.02)
    monkeypatch.setattr(second_hand, "_thread", None)
    monkeypatch.setattr(second_hand, "_remembered_at", float("-inf"))
    monkeypatch.setattr(clock, "_ahead", timedelta(0))
    monkeypatch.setattr(clock, "_learned_at", None)
    go_on = second_hand._run

    def until_told() -> None:
        with suppress(SystemExit):
            go_on()

    monkeypatch.setattr(second_hand, "_run", until_told)
    yield
    with pytest.MonkeyPatch.context() as stopping:
        stopping.setattr(second_hand, "tick", sys.exit)
        if second_hand._thread and second_hand._thread.is_alive():
            second_hand._thread.join(PATIENT)


def end_in(seconds: float) -> int:
    """An epoch that ends so many seconds from now."""
    end = int(steady_now().timestamp() + seconds)
    with suppress(KeyGone):  # The hand was faster.
        make_image_key(bytes(16), end)
    return end


def wait_for(epochs: list[int]) -> None:
    until = time.monotonic() + PATIENT
    while epochs_alive() != epochs:
        assert time.monotonic() < until, epochs_alive()
        time.sleep(0.01)


@pytest.fixture
def far_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """One with a clock of its own, whatever database this run is on."""
    monkeypatch.setattr(clock, "is_local", lambda: False)


def test_its_first_act_is_at_the_start() -> None:
    ended, going_on = end_in(-10), end_in(900)
    second_hand.start()
    wait_for([going_on])
    assert ended not in epochs_alive()


def test_it_goes_on(settings: Settings) -> None:
    second_hand.start()
    end_in(2)
    later = end_in(900)
    wait_for([later])


def test_it_is_one_for_a_process_and_starts_again_when_it_has_died(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_hand.start()
    first = second_hand._thread
    second_hand.start()
    assert second_hand._thread is first
    assert first
    assert first.daemon  # It keeps no process alive.
    with monkeypatch.context() as dying:
        dying.setattr(second_hand, "tick", sys.exit)
        first.join(PATIENT)
    second_hand.start()
    assert second_hand._thread is not first
    end_in(-10)
    wait_for([])


@pytest.mark.parametrize("error", [OSError, MemoryError, OperationalError, RuntimeError])
def test_an_error_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    numbers, failures = secret_files.numbers, 0

    def fail_twice(tree: str) -> list[int]:
        nonlocal failures
        if threading.current_thread() is second_hand._thread and failures < 2:
            failures += 1
            raise error("holiday.jpg")
        return numbers(tree)

    caplog.set_level("INFO")
    monkeypatch.setattr(secret_files, "numbers", fail_twice)
    end_in(-10)
    second_hand.start()
    wait_for([])
    until = time.monotonic() + PATIENT
    while "1 keys destroyed" not in caplog.messages:  # Said after the key has gone.
        assert time.monotonic() < until, caplog.messages
        time.sleep(0.01)
    assert failures == 2
    assert "keys could not be destroyed now; trying again" in caplog.messages


@pytest.mark.parametrize(("sweep_every", "period"), [(60, 20.0), (20, 20.0), (1, 1.0)])
def test_it_moves_every_twenty_seconds_or_with_each_sweep(
    settings: Settings, sweep_every: int, period: float
) -> None:
    settings.SWEEP_EVERY = timedelta(seconds=sweep_every)
    assert second_hand.period() == period


def test_it_marks_how_far_the_time_has_come_every_twenty_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setattr("processing.storage.remember", lambda: done.append("remember"))
    monkeypatch.setattr("processing.storage.follow", lambda: done.append("follow"))
    second_hand.tick()
    second_hand.tick()
    assert done == ["follow", "remember"]
    monkeypatch.setattr(second_hand, "_remembered_at", time.monotonic() - second_hand.EVERY)
    second_hand.tick()
    assert done == ["follow", "remember"] * 2


def test_the_mark_is_there_after_the_first_act() -> None:
    second_hand.tick()
    assert steady._seen_ns() > 0


@pytest.mark.usefixtures("far_database")
def test_keys_go_by_the_databases_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell() -> None:
        clock._learn(steady_now() - timedelta(hours=1), steady_now())

    monkeypatch.setattr(clock, "database_now", tell)
    ended_there, ended_here = end_in(-3700), end_in(-3500)
    second_hand.tick()
    assert epochs_alive() == [ended_here]
    assert ended_there < ended_here


@pytest.mark.usefixtures("far_database")
def test_what_it_said_last_is_counted_on_from(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = 0

    def away() -> None:
        nonlocal asked
        asked += 1
        raise OperationalError("gone")

    caplog.set_level("INFO")
    monkeypatch.setattr(clock, "database_now", away)
    monkeypatch.setattr(clock, "_ahead", -timedelta(hours=1))
    monkeypatch.setattr(clock, "_learned_at", time.monotonic() - 3600)
    end_in(-3700)
    left = end_in(-3500)
    second_hand.tick()
    assert epochs_alive() == [left]
    assert asked == 1
    assert "does not tell the time: OperationalError" in caplog.text


@pytest.mark.usefixtures("far_database")
def test_it_is_not_asked_when_somebody_has_just_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "database_now", lambda: 1 / 0)
    monkeypatch.setattr(clock, "_learned_at", time.monotonic() - second_hand.EVERY + 5)
    monkeypatch.setattr(second_hand, "_ask", lambda: pytest.fail("asked"))
    second_hand.tick()


@pytest.mark.usefixtures("far_database")
def test_a_database_that_hangs_keeps_no_key_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    free, asked = threading.Event(), 0

    def hang() -> None:
        nonlocal asked
        asked += 1
        free.wait(PATIENT)

    monkeypatch.setattr(second_hand, "_asking", None)
    monkeypatch.setattr(second_hand, "PATIENCE", 0.05)
    monkeypatch.setattr(clock, "database_now", hang)
    try:
        for _ in range(3):
            end_in(-10)
            second_hand.tick()
            assert epochs_alive() == []
    finally:
        free.set()
    assert asked == 1  # The thread that hangs is not joined by more of them.
    assert second_hand._asking
    assert second_hand._asking.daemon, "nor does it keep the process from ending"
    second_hand._asking.join(PATIENT)


def test_on_sqlite_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "is_local", lambda: True)
    monkeypatch.setattr(second_hand, "_ask", lambda: pytest.fail("asked"))
    second_hand.tick()
