"""What a log line can hold: ids, times, and kinds and places of errors. Never their texts.

The text of an error is whatever a library had at hand: the address that a mail server refused, the
row that a constraint refused, a file's name, a line of a request. Nobody can say beforehand which
of them is personal, so none is printed. The kind of an error and the chain of places that it came
through are enough to find it in the source. Requests are named by the route that served them: a
path can hold the secret of a link, a query anything.
"""

import logging
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any

LINE = "%(levelname)s %(name)s: %(message)s"
MOST_PLACES = 16
MOST_CAUSES = 8
# What gunicorn says of its own processes. Its other lines can hold an address or a request.
_OF_PROCESSES = ("Worker (pid:", "WORKER TIMEOUT")


class Places(logging.Formatter):
    """Prints an error as its kinds and places, a request as its route."""

    def format(self, record: logging.LogRecord) -> str:
        # A copy: other handlers get the record as it was.
        told = logging.makeLogRecord(record.__dict__)
        told.msg, told.args, told.exc_text, told.stack_info = words_of(record), (), None, None
        return super().format(told)

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name.
        return where(ei[1], ei[2])


def where(error: BaseException | None, trace: TracebackType | None = None) -> str:
    """Kind and places of an error and of what led to it, each in a line, the innermost first."""
    lines: list[str] = []
    while error is not None and len(lines) < MOST_CAUSES:
        places = _places(trace or error.__traceback__)
        lines.append(f"{type(error).__name__} at {' < '.join(places) or '?'}")
        hidden = None if error.__suppress_context__ else error.__context__
        error, trace = error.__cause__ or hidden, None
    return "\nafter ".join(lines)


def words_of(record: logging.LogRecord) -> str:
    """The message, with kinds in place of errors and without what a request brought."""
    request = getattr(record, "request", None)
    if request is not None:
        match = getattr(request, "resolver_match", None)
        route = getattr(match, "view_name", None) or "no address of this site"
        return f"{getattr(record, 'status_code', 'trouble')} at {route}"
    if isinstance(record.msg, BaseException):
        return type(record.msg).__name__
    template = str(record.msg)
    if record.name.startswith("gunicorn") and not template.startswith(_OF_PROCESSES):
        return re.split(r"%| from |:", template)[0].strip()
    told = logging.makeLogRecord(record.__dict__)
    told.args = _told(record.args)
    return told.getMessage()


def for_gunicorn() -> dict[str, Any]:
    """Its `logconfig_dict`: the same lines as the other parts write."""
    return {
        "root": {"level": "WARNING", "handlers": ["out"]},
        "loggers": {
            "gunicorn.error": {"level": "WARNING", "handlers": ["out"], "propagate": False}
        },
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
        "formatters": {"line": {"()": Places, "fmt": LINE}},
    }


def _told(args: Any) -> Any:
    if isinstance(args, Mapping):  # Celery's words about a task that failed.
        return {name: _kind(value) if name == "exc" else value for name, value in args.items()}
    return tuple(_kind(one) if isinstance(one, BaseException) else one for one in args or ())


def _kind(error: Any) -> str:
    """Celery gives the error as its `repr`: the kind stands before the parenthesis."""
    return type(error).__name__ if isinstance(error, BaseException) else str(error).split("(")[0]


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        places.append(f"{_short(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[::-1][:MOST_PLACES]


def _short(path: str) -> str:
    """Without the folders that everything is in: the package's, or the last two."""
    _, found, inside = path.rpartition("/site-packages/")
    return inside if found else "/".join(path.split("/")[-3:])
