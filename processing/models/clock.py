"""One clock for all deadlines: the database's. Machines disagree, it does not with itself."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection

from processing.storage import steady_now

_ahead = timedelta(0)  # Of the database's clock before this machine's steady one.
_learned_at: float | None = None  # On the monotonic clock.


def is_local() -> bool:
    """SQLite has no clock but the machine's, and that one's setting is not to move deadlines."""
    return connection.vendor == "sqlite"


def database_now() -> datetime:
    if is_local():
        return steady_now()
    before = steady_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    _learn(moment.astimezone(UTC), before)
    return moment.astimezone(UTC)


def keys_now() -> datetime:
    """The database's clock as far as it is known here, without asking: keys die without it, too."""
    return steady_now() + _ahead


def known_for() -> float | None:
    """Seconds since the database last told the time to this process; None if it never did."""
    return None if _learned_at is None else time.monotonic() - _learned_at


def _learn(moment: datetime, before: datetime) -> None:
    global _ahead, _learned_at  # noqa: PLW0603  One clock for each process.
    _ahead = moment - (before + (steady_now() - before) / 2)
    _learned_at = time.monotonic()
