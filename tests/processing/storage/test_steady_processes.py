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
    assert len(list(folder.iterdir())) == 1
