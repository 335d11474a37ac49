"""The arithmetic of the promise, pure: no clock, no database, no Django.

The promise is `retention` (24 hours at most), counted from the first byte. An image is due earlier,
at 23/24 of it, so that sweeping, its retries and clock error fit into the rest:

    24 h:  due and unreadable 23:00 · bytes gone 23:05 · keys dead 23:15 · promise 24:00
"""

from datetime import datetime, timedelta

LONGEST = timedelta(hours=24)
DUE_SHARE = 23 / 24


def live_time(retention: timedelta) -> timedelta:
    """How long an image can be read. Raises ValueError for a retention beyond 24 hours."""
    if not timedelta(0) < retention <= LONGEST:
        raise ValueError(f"a retention of {retention} is outside of 0 to {LONGEST}")
    return timedelta(seconds=int(retention.total_seconds() * DUE_SHARE))


def purge_at(received_at: datetime, retention: timedelta) -> datetime:
    return received_at + live_time(retention)
