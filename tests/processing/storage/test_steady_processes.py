"""The steady clock of the machine that this runs on, and of processes that start at once."""

import os
import subprocess
import sys
import timeit
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from processing.storage import steady

START = 1_900_000_000 * 10**9
HOUR = 3600 * 10**9


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys" / "clock"


def test_the_machine_of_this_test_has_a_steady_clock() -> None:
    assert steady.is_steady()
    before = datetime.now(UTC)
    assert before - timedelta(seconds=1) < steady.steady_now() < before + timedelta(seconds=5)
    assert steady.steady_now() <= steady.steady_now()


def test_a_boot_has_a_name_that_its_containers_do_not_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    namespace = Path("/proc/self/ns/time").stat().st_ino
    assert steady._find_boot_name() == steady._boot_name() == f"boot-{boot}-{namespace}"
    stat = Path.stat

    def without_namespaces(path: Path, **kwargs: bool) -> os.stat_result:
        if path.name == "time":
            raise FileNotFoundError(path)
        return stat(path, **kwargs)

    monkeypatch.setattr(Path, "stat", without_namespaces)
    assert steady._find_boot_name() == f"boot-{boot}"


def test_where_the_boot_has_no_name_or_no_clock_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(steady, "_BOOTTIME", None)
        assert steady._find_boot_name() is None

    def refuse(path: Path) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", refuse)
    assert steady._find_boot_name() is None


def test_it_costs_microseconds() -> None:
    best = min(timeit.repeat(steady.steady_now, number=2000, repeat=5)) / 2000
    assert best < 200e-6  # 1.3 measured; a query takes a hundred.


ANCHOR = """
import sys, django
django.setup()
from processing.storage import secret_files, steady
link = secret_files.os.link
secret_files.os.link = lambda *paths: (__import__('time').sleep(0.05), link(*paths))
steady.time.time_ns = lambda: int(sys.argv[1])
print('ready', flush=True)
sys.stdin.readline()
print(steady.steady_now().timestamp())
"""


def test_processes_that_start_at_once_agree_on_one_anchor(folder: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ANCHOR, str(START + number * HOUR)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "BGERASE_KEYS_DIR": str(folder.parent)},
        )
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    times = [float(process.communicate()[0]) for process in processes]
    assert max(times) - min(times) < 30
    assert len(list(folder.glob("boot-*"))) == 1
