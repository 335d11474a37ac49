"""No line of the log holds a text that a library or a request brought; kinds and places do."""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from bgerase_site.logs import MOST_CAUSES, MOST_PLACES, Places
from processing.views import gallery
from tests.cast import browser
from tests.processing.views.wire import serving

ADDRESS = "nora@example.org"


def line(message: object, *args: Any, name: str = "any", error: Any = None, **extra: Any) -> str:
    """The line as the settings have it written."""
    logger = logging.getLogger(name)
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logger.makeRecord(
        name, logging.ERROR, __file__, 1, message, args, exc_info, extra=extra
    )
    formatter = logging.getLogger("django").handlers[0].formatter
    assert isinstance(formatter, Places)
    return formatter.format(record)


def raised(depth: int = 0) -> Exception:
    try:
        fall(depth)
    except LookupError as error:
        return error
    raise AssertionError


def fall(depth: int) -> None:
    if depth:
        fall(depth - 1)
    try:
        int(ADDRESS)
    except ValueError as error:
        raise LookupError(ADDRESS) from error


def test_an_error_is_told_by_its_kinds_and_places() -> None:
    told = line("failed", error=raised())
    assert ADDRESS not in told
    first, kind, cause = told.splitlines()
    assert first == "ERROR any: failed"
    assert kind.startswith("LookupError at tests/bgerase_site/test_logs.py:")
    assert kind.count("test_logs.py:") == 2
    assert cause.startswith("after ValueError at tests/bgerase_site/test_logs.py:")


def test_an_error_that_fell_deep_is_told_by_its_last_places() -> None:
    told = line("failed", error=raised(depth=200)).splitlines()
    assert len(told) <= 1 + MOST_CAUSES
    assert told[1].count(" < ") == MOST_PLACES - 1


def test_an_error_that_led_nowhere_is_told_too() -> None:
    """Made, and never raised; a record can also ask for an error where there is none."""
    assert line("failed", error=ValueError(ADDRESS)).splitlines()[1] == "ValueError at ?"
    record = logging.LogRecord("any", 40, __file__, 1, "alone", (), (None, None, None))
    assert logging.getLogger("django").handlers[0].format(record).strip() == "ERROR any: alone"


def test_an_error_among_the_words_is_told_by_its_kind() -> None:
    assert line("no broker: %s, %r; %d waiting", ValueError(ADDRESS), OSError(ADDRESS), 3) == (
        "ERROR any: no broker: ValueError, 'OSError'; 3 waiting"
    )
    assert line(ValueError(ADDRESS)) == "ERROR any: ValueError"


def test_a_task_that_failed_is_told_without_its_error_s_text() -> None:
    """As Celery says it: everything in one dictionary."""
    words = "Task %(name)s[%(id)s] %(description)s: %(exc)s"
    about = {"name": "sweep", "id": "7", "description": "raised", "exc": f"ValueError('{ADDRESS}')"}
    assert line(words, about) == "ERROR any: Task sweep[7] raised: ValueError"


def test_another_handler_gets_the_record_as_it_was() -> None:
    record = logging.LogRecord("any", 40, __file__, 1, "%s", (ValueError("text"),), None)
    Places().format(record)
    assert record.getMessage() == "text"
    assert record.exc_text is None


def test_a_request_is_told_by_its_route(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> bool:
        raise RuntimeError(ADDRESS)

    monkeypatch.setattr(gallery, "worker_up", fail)
    monkeypatch.setattr(logging.getLogger("django"), "propagate", True)
    client = browser(owner, raise_request_exception=False)
    client.get(f"/gallery/?q={ADDRESS}")
    client.get("/", headers={"Host": "nora example"})
    told = [Places().format(record) for record in caplog.records]
    assert told[0].startswith("500 at gallery\nRuntimeError at ")
    assert "400 at no address of this site" in told[-1]
    assert ADDRESS not in "".join(told)
    assert "nora" not in "".join(told)


@pytest.mark.parametrize(
    ("words", "args", "told"),
    [
        (f"Invalid request from ip=203.0.113.9: {ADDRESS}", (), "Invalid request"),
        ("Error handling request %s %s", ("GET", "/reset/key?q"), "Error handling request"),
        ("Exception during worker exit:\n%s", (ADDRESS,), "Exception during worker exit"),
        ("Worker (pid:%s) exited with code %s.", (7, 3), "Worker (pid:7) exited with code 3."),
        ("WORKER TIMEOUT (pid:%s)", (7,), "WORKER TIMEOUT (pid:7)"),
    ],
)
def test_gunicorn_tells_of_its_processes_not_of_requests(
    words: str, args: tuple[Any, ...], told: str
) -> None:
    assert line(words, *args, name="gunicorn.error") == f"ERROR gunicorn.error: {told}"


@pytest.mark.slow
def test_a_real_server_keeps_a_broken_request_out_of_its_log(tmp_path: Path) -> None:
    with serving(tmp_path / "site") as site:
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
            connection.sendall(f"GET /?q={ADDRESS} HTTP/hush\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 400")
        log = (tmp_path / "site" / "log").read_text()
    assert "WARNING gunicorn.error: Invalid request\n" in log
    assert "127.0.0.1" not in log
    assert "hush" not in log
    assert ADDRESS not in log
