"""`manage.py up` as a person starts it, stops it, and as it dies."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.group.running import Site, start, stop, wait_until_up
from tests.servers.daemon import scratch

pytestmark = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    with scratch("up") as path:
        yield path


@pytest.fixture
def running(folder: Path) -> Iterator[Site]:
    site = start(folder)
    try:
        wait_until_up(site)
        yield site
    finally:
        stop(site)


def _healthz(site: Site) -> int:
    with urllib.request.urlopen(f"{site.address}healthz", timeout=5) as response:
        return int(response.status)


def _wait_for_parts(site: Site) -> dict[int, str]:
    """Waits for the group in full: the web server and the worker have children of their own."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = site.processes()
        named = [
            sum(word in command for command in found.values())
            for word in ("gunicorn", "celery", "sweep", "manage.py up")
        ]
        if named[0] >= 2 and named[1] >= 2 and named[2:] == [1, 1]:
            return found
        time.sleep(0.1)
    raise AssertionError(f"The group is not complete: {found}\n{site.log.read_text()}")


def test_it_answers_and_sigterm_stops_all_of_it_with_exit_code_0(running: Site) -> None:
    assert _healthz(running) == 200
    _wait_for_parts(running)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert running.wait_until_gone(1) == {}
    assert "Traceback" not in running.log.read_text()


def test_killed_it_leaves_nothing_behind_and_a_new_one_starts_at_once(
    running: Site, folder: Path
) -> None:
    _wait_for_parts(running)
    running.process.kill()
    running.process.wait()
    running.log.rename(folder / "log of the first")
    again = start(folder, PORT=running.address.rstrip("/").rpartition(":")[2])
    try:
        wait_until_up(again)
        assert _healthz(again) == 200
    finally:
        stop(again)
    assert again.wait_until_gone(10) == {}


def test_killed_it_leaves_no_process(running: Site) -> None:
    _wait_for_parts(running)
    running.process.kill()
    assert running.wait_until_gone(10) == {}


def test_a_killed_worker_comes_back_with_its_children(running: Site) -> None:
    before = _wait_for_parts(running)
    (master,) = (
        pid for pid, command in before.items() if "celery" in command and os.getsid(pid) == pid
    )
    os.kill(master, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while "The worker ended (SIGKILL" not in running.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    after = _wait_for_parts(running)
    workers = {pid for pid, command in before.items() if "celery" in command}
    assert not workers & set(after)
    assert _healthz(running) == 200


def test_a_second_start_on_the_same_folder_says_so(running: Site, folder: Path) -> None:
    second = start(folder)
    assert second.process.wait(60) == 1
    assert (
        f"BackgroundErase already runs on {running.data} (process {running.process.pid})."
        in running.log.read_text()
    )
    assert _healthz(running) == 200


def test_a_taken_port_is_named_with_the_way_out(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        refused = start(folder, PORT=str(port))
        assert refused.process.wait(60) == 1
        said = refused.log.read_text()
    assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use." in said
    assert "BGERASE_PORT=" in said
    assert "Traceback" not in said


def test_a_database_that_does_not_answer_is_told_without_a_traceback(folder: Path) -> None:
    refused = start(folder, DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    assert refused.process.wait(60) == 1
    said = refused.log.read_text()
    assert "The database cannot be used:" in said
    assert "Traceback" not in said


def test_an_unknown_model_is_told_before_anything_starts(folder: Path) -> None:
    refused = start(folder, MODEL="nonesuch")
    assert refused.process.wait(60) == 1
    said = refused.log.read_text()
    assert "There is no model 'nonesuch'." in said
    assert "Traceback" not in said
