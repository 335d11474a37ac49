"""Where the threads of a batch meet the model: one call for all that are there."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from processing.jobs import batch
from processing.jobs.batch import Seat, Table


class Recorder:
    """A matter that answers with what it was given, and remembers each call."""

    name, version, provider = "recorder", "1", "none"

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []

    def predict(self, some: Sequence[Any]) -> list[Any]:
        self.calls.append(list(some))
        return [f"plane of {photo}" for photo in some]


def test_who_does_not_come_is_not_waited_for() -> None:
    recorder = Recorder()
    table = Table(recorder, 3)
    seats = [Seat(table) for _ in range(3)]
    start = time.monotonic()
    seats[2].leave()
    seats[2].leave()
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda n: seats[n].predict([f"photo {n}"]), range(2)))
    assert answers == [["plane of photo 0"], ["plane of photo 1"]]
    assert [sorted(call) for call in recorder.calls] == [["photo 0", "photo 1"]]
    assert time.monotonic() - start < batch.PATIENCE


def test_a_slow_one_is_waited_for_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PATIENCE", 0.02)
    recorder = Recorder()
    table = Table(recorder, 2)
    first, slow = Seat(table), Seat(table)
    assert first.predict(["early"]) == ["plane of early"]
    assert slow.predict(["late"]) == ["plane of late"]
    assert recorder.calls == [["early"], ["late"]]
    assert (slow.name, slow.version, slow.provider) == ("recorder", "1", "none")
