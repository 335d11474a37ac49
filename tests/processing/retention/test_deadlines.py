"""The arithmetic of the promise, without clock or database."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processing.retention import deadlines
from processing.retention.deadlines import LONGEST, Budget, live_time, purge_at

DAY = timedelta(hours=24)


def test_a_day_is_due_at_23_hours() -> None:
    received = datetime(2030, 3, 31, 0, 30, tzinfo=UTC)  # A night with a change of clocks.
    assert purge_at(received, DAY) == datetime(2030, 3, 31, 23, 30, tzinfo=UTC)


def test_a_minute_is_due_ten_seconds_early() -> None:
    assert live_time(timedelta(seconds=60)) == timedelta(seconds=50)


@given(st.integers(60, 86_400))
def test_what_is_left_for_sweeping_is_a_24th_and_never_less_than_ten_seconds(seconds: int) -> None:
    retention = timedelta(seconds=seconds)
    left = retention - live_time(retention)
    share = max(retention / 24, timedelta(seconds=10))
    assert share <= left < share + timedelta(seconds=1)


@given(st.integers(60, 86_400))
def test_the_whole_budget_fits_into_the_promise(seconds: int) -> None:
    retention = timedelta(seconds=seconds)
    budget = deadlines.budget(retention)
    left = retention - live_time(retention)
    assert budget.sweep_every < budget.swept < budget.alarm < budget.keys < left
    assert budget.epoch <= budget.keys


def test_a_days_budget_is_that_of_the_promise() -> None:
    assert deadlines.budget(DAY) == Budget(
        swept=timedelta(minutes=5),
        alarm=timedelta(minutes=15),
        epoch=timedelta(minutes=15),
        keys=timedelta(minutes=30),
        sweep_every=timedelta(minutes=1),
        silent=timedelta(minutes=3),
        patrol_every=timedelta(minutes=5),
        stale_upload=timedelta(minutes=30),
        stranger_age=timedelta(hours=1),
        clocks_apart=timedelta(seconds=2),
    )


def test_a_minutes_budget_is_what_a_sweep_every_second_can_hold() -> None:
    assert deadlines.budget(timedelta(seconds=60)) == Budget(
        swept=timedelta(seconds=3),
        alarm=timedelta(seconds=6),
        epoch=timedelta(seconds=1),
        keys=timedelta(seconds=8),
        sweep_every=timedelta(seconds=1),
        silent=timedelta(seconds=15),
        patrol_every=timedelta(seconds=5),
        stale_upload=timedelta(minutes=20),
        stranger_age=timedelta(seconds=30),
        clocks_apart=timedelta(seconds=2),
    )


def test_of_less_than_twenty_seconds_half_is_left_for_reading() -> None:
    assert live_time(timedelta(seconds=8)) == timedelta(seconds=4)


@pytest.mark.parametrize(
    "retention", [timedelta(0), timedelta(seconds=-1), LONGEST + timedelta(microseconds=1)]
)
def test_nothing_beyond_24_hours_has_a_deadline(retention: timedelta) -> None:
    with pytest.raises(ValueError, match="outside"):
        live_time(retention)


def test_the_arithmetic_needs_neither_django_nor_a_database() -> None:
    asked = "import sys, processing.retention.deadlines; print('django' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"
