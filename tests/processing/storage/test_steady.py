"""The steady clock: steps of the wall clock do not move it, restarts do not turn it back."""

import errno
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from processing.storage import secret_files, steady

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
START = 1_900_000_000 * SECOND
TWO_HOURS = timedelta(hours=2)


class Machine:
    """What a machine's two clocks say, in nanoseconds, and which boot it is."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.boot, self._patch = START, 5 * SECOND, patch
        patch.setattr(time, "time_ns", lambda: self.wall)
        patch.setattr(time, "clock_gettime_ns", lambda clock: self.boot)
        self.start_up("one")

    def run(self, nanoseconds: int) -> None:
        self.wall += nanoseconds
        self.boot += nanoseconds

    def start_up(self, name: str | None) -> None:
        """Another boot, and so another process."""
        self.boot = 5 * SECOND
        self.start_process()
        self._patch.setattr(steady, "_boot_name", lambda: name and f"boot-{name}")

    def start_process(self) -> None:
        self._patch.setattr(steady, "_anchor", None)
        self._patch.setattr(steady, "_latest_ns", 0)

    def now(self) -> int:
        """The steady clock, in nanoseconds."""
        return round(steady.steady_now().timestamp() * 1e6) * 1000


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Machine:
    return Machine(monkeypatch)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys" / "clock"


def test_it_starts_with_the_wall_clock_and_goes_on_with_it(machine: Machine, folder: Path) -> None:
    assert machine.now() == START
    assert (folder / "boot-one").read_text() == f"{START - 5 * SECOND} 0"
    machine.run(HOUR + 1000)
    assert machine.now() == START + HOUR + 1000
    assert steady.clocks_apart() == timedelta(0)


def test_a_moment_is_never_ahead_of_the_clock(machine: Machine) -> None:
    machine.now()
    machine.run(1999)
    assert machine.now() == START + 1000


def test_an_anchor_is_whole_from_the_beginning(
    machine: Machine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody who starts at the same moment reads anything else, and takes it for broken."""
    monkeypatch.delattr(steady, "_replace")
    machine.now()
    assert (folder / "boot-one").read_text() == f"{START - 5 * SECOND} 0"


def test_another_folder_of_keys_has_an_anchor_of_its_own(
    machine: Machine, settings: Settings, tmp_path: Path
) -> None:
    machine.now()
    machine.wall += HOUR
    settings.KEYS_DIR = tmp_path / "others"
    assert machine.now() == START + HOUR


@pytest.mark.parametrize("step", [2 * HOUR, -2 * HOUR, 26 * HOUR, -26 * HOUR, 3 * SECOND])
def test_a_step_of_the_wall_clock_does_not_move_it(machine: Machine, step: int) -> None:
    machine.now()
    machine.run(HOUR)
    machine.wall += step
    assert machine.now() == START + HOUR
    assert steady.clocks_apart() == timedelta(seconds=step / SECOND)
    assert steady.wall_now() == steady.steady_now() + timedelta(seconds=step / SECOND)
    machine.run(HOUR)
    assert machine.now() == START + 2 * HOUR


@pytest.mark.parametrize("step", [2 * HOUR, -26 * HOUR])
def test_all_processes_of_a_boot_count_from_one_anchor(machine: Machine, step: int) -> None:
    machine.now()
    machine.run(HOUR)
    machine.wall += step
    machine.start_process()
    assert machine.now() == START + HOUR


def test_a_restart_with_the_clock_turned_back_goes_on_from_what_was_seen(
    machine: Machine,
) -> None:
    machine.run(HOUR)
    steady.remember()
    machine.run(60 * SECOND)
    machine.wall -= 5 * HOUR
    machine.start_up("two")
    assert machine.now() == START + HOUR
    machine.run(HOUR)
    assert machine.now() == START + 2 * HOUR


def test_a_restart_with_a_right_clock_takes_it(machine: Machine) -> None:
    steady.remember()
    machine.run(3 * HOUR)
    machine.start_up("two")
    assert machine.now() == START + 3 * HOUR
    machine.wall += 26 * HOUR
    steady.follow()
    assert machine.now() == START + 3 * HOUR


@pytest.mark.parametrize("late", [-5 * HOUR, -SECOND, 119 * SECOND])
@pytest.mark.parametrize("after", [30 * SECOND, 599 * SECOND])
def test_a_doubtful_start_follows_the_time_service_ahead(
    machine: Machine, late: int, after: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine without a battery: it starts where it ended, and learns the time soon after."""
    steady.remember()
    machine.wall += late
    machine.start_up("two")
    began = machine.now()
    assert began == START + max(0, late)
    machine.run(after)
    machine.wall = START + 3 * HOUR
    machine.start_process()
    assert machine.now() == began + after
    steady.follow()
    assert machine.now() == START + 3 * HOUR
    assert caplog.messages == [
        "the machine's clock was put ahead after its start; deadlines follow it"
    ]


@pytest.mark.parametrize(
    ("after", "ahead"),
    [(600 * SECOND, HOUR), (601 * SECOND, HOUR), (30 * SECOND, 2 * SECOND), (30 * SECOND, -HOUR)],
)
def test_but_not_later_and_not_back(machine: Machine, after: int, ahead: int) -> None:
    steady.remember()
    machine.start_up("two")
    machine.now()
    machine.run(after)
    machine.wall += ahead
    steady.follow()
    assert machine.now() == START + after


def test_a_start_two_minutes_after_the_mark_is_no_guess(machine: Machine) -> None:
    steady.remember()
    machine.wall += steady.SOON_NS
    machine.start_up("two")
    began = machine.now()
    machine.wall += HOUR
    steady.follow()
    assert machine.now() == began


def test_a_start_that_was_believed_is_no_guess_any_more(machine: Machine) -> None:
    steady.remember()
    machine.start_up("two")
    machine.now()
    machine.wall += HOUR
    steady.follow()
    machine.wall += HOUR
    steady.follow()
    assert machine.now() == START + HOUR


def test_the_mark_only_goes_up(machine: Machine, folder: Path) -> None:
    machine.run(HOUR)
    steady.remember()
    (folder / "seen").write_text(str(START + 9 * HOUR))
    steady.remember()
    assert (folder / "seen").read_text() == str(START + 9 * HOUR)
    assert sorted(path.name for path in folder.iterdir()) == ["boot-one", "seen"]


@pytest.mark.parametrize("step", [2 * HOUR, -26 * HOUR])
def test_a_new_anchor_believes_the_wall_clock_in_every_process(
    machine: Machine, step: int, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    machine.run(HOUR)
    steady.remember()
    machine.wall += step
    machine.now()
    other = steady._anchor  # What another process has in its memory.
    steady.reanchor()
    assert machine.now() == machine.wall == START + HOUR + step
    assert (folder / "seen").read_text() == str(machine.wall)
    monkeypatch.setattr(steady, "_anchor", other)
    assert machine.now() == START + HOUR
    machine.run(steady.REREAD_NS)
    assert machine.now() == START + HOUR + steady.REREAD_NS
    machine.run(1000)
    assert machine.now() == machine.wall
    machine.start_up("two")
    assert machine.now() == machine.wall  # The mark of before has gone with it.


def test_an_anchor_that_is_removed_is_put_back(machine: Machine, folder: Path) -> None:
    machine.now()
    machine.wall += 2 * HOUR
    (folder / "boot-one").unlink()
    machine.run(2 * SECOND)
    assert machine.now() == START + 2 * SECOND
    machine.start_process()
    assert machine.now() == START + 2 * SECOND


def test_anchors_of_long_ago_are_forgotten(machine: Machine, folder: Path) -> None:
    """What cannot be removed stays, and keeps no other."""
    (folder / "boot-folder").mkdir(parents=True)
    month = 30 * 86400
    ages = {"boot-folder": month * 2, "boot-month": month, "boot-old": month + 1, "seen": month * 2}
    for name, age in ages.items():
        if name != "boot-folder":
            (folder / name).write_text(str(START - 40 * 24 * HOUR))
        then = START // SECOND - age
        os.utime(folder / name, (then, then))
    machine.now()
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["boot-folder", "boot-month", "boot-one", "seen"]


def test_on_a_full_disk_a_process_counts_for_itself(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(secret_files, "create_once", refuse)
        full.setattr(Path, "write_text", refuse)
        assert machine.now() == START
        steady.remember()
        machine.wall += 2 * HOUR
        machine.run(10 * SECOND)
        assert machine.now() == START + 10 * SECOND
        with pytest.raises(OSError, match="No space"):
            steady.reanchor()
    assert caplog.messages == [
        "the anchor of the clock cannot be used: OSError",
        "the time that was seen cannot be written: No space left on device",
    ]
    machine.run(10 * SECOND)
    assert machine.now() == START + 20 * SECOND
    machine.start_process()
    assert machine.now() == START + 20 * SECOND  # Written as soon as there was room.


@pytest.mark.parametrize("broken", ["", "one two", "1 2 3", "\x00\x00"])
def test_a_broken_anchor_or_mark_stops_nothing(machine: Machine, folder: Path, broken: str) -> None:
    folder.mkdir(parents=True)
    (folder / "boot-one").write_text(broken)
    (folder / "seen").write_text(broken)
    assert machine.now() == START
    machine.run(2 * SECOND)
    machine.wall += HOUR
    machine.start_process()
    assert machine.now() == START + 2 * SECOND


def test_without_a_clock_of_the_boot_the_wall_clock_never_goes_back(machine: Machine) -> None:
    machine.start_up(None)
    assert not steady.is_steady()
    assert machine.now() == START
    machine.wall -= HOUR
    assert machine.now() == START
    machine.wall += 2 * HOUR
    assert machine.now() == START + HOUR
    steady.follow()
    steady.remember()
    machine.wall -= 2 * HOUR
    steady.reanchor()
    assert machine.now() == START - HOUR


def test_a_boot_is_named_after_the_machine_and_what_its_clock_counts_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A container that counts from a start of its own has an anchor of its own."""
    boot, clock = tmp_path / "proc/sys/kernel/random/boot_id", tmp_path / "proc/self/ns/time"
    boot.parent.mkdir(parents=True)
    clock.parent.mkdir(parents=True)
    monkeypatch.setattr(steady, "Path", lambda path: tmp_path / path.lstrip("/"))
    monkeypatch.setattr(steady, "_BOOTTIME", 7)
    assert steady._find_boot_name() is None, "no Linux"
    boot.write_text("5e0cf1cb-9c0c\n")
    assert steady._find_boot_name() == "boot-5e0cf1cb-9c0c", "an old one"
    clock.touch()
    assert steady._find_boot_name() == f"boot-5e0cf1cb-9c0c-{clock.stat().st_ino}"
    monkeypatch.setattr(steady, "_BOOTTIME", None)
    assert steady._find_boot_name() is None
