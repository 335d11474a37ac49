"""The arithmetic of the promise, pure: no clock, no database, no Django.

The promise is `retention` (24 hours at most), counted from the first byte. An image is due earlier,
at 23/24 of it, so that sweeping, its retries and clock error fit into the rest:

    24 h:  due and unreadable 23:00 · bytes gone 23:05 · alarm 23:15 · keys dead 23:30 · bound 24:00

A shorter retention shrinks all of it, down to what a sweep every second can hold: the rest is never
less than 10 seconds (`60s`: due 50 s · gone 53 s · alarm 56 s · keys dead 58 s · bound 60 s).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(hours=24)
SHORTEST = timedelta(seconds=60)
DUE_SHARE = 23 / 24
SHORTEST_REST = timedelta(seconds=10)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Budget:
    """How long things take at most, from an image's `purge_at` on or from each other."""

    swept: timedelta  # From purge_at: the bytes are gone.
    alarm: timedelta  # From purge_at: whatever is left by then is an alarm, uploads are refused.
    epoch: timedelta  # Width of an epoch: keys die at most so long after purge_at.
    keys: timedelta  # From purge_at: later than this no key can live.
    sweep_every: timedelta
    silent: timedelta  # A sweeper that was not heard of for so long is taken for dead.
    patrol_every: timedelta
    stale_upload: timedelta  # An upload that has been arriving for so long has broken off.
    stranger_age: timedelta  # An object that no row knows is erased at this age.
    clocks_apart: timedelta


def budget(retention: timedelta) -> Budget:
    """The budget of a site whose retention is this. Raises ValueError beyond 24 hours."""
    live_time(retention)

    def share(of_a_day: timedelta, least: timedelta) -> timedelta:
        scaled = int((of_a_day * (retention / LONGEST)).total_seconds())
        return max(least, timedelta(seconds=scaled))

    return Budget(
        swept=share(timedelta(minutes=5), 3 * SECOND),
        alarm=share(timedelta(minutes=15), 6 * SECOND),
        epoch=share(timedelta(minutes=15), SECOND),
        keys=share(timedelta(minutes=30), 8 * SECOND),
        sweep_every=share(timedelta(minutes=1), SECOND),
        silent=share(timedelta(minutes=3), 15 * SECOND),
        patrol_every=share(timedelta(minutes=5), 5 * SECOND),
        # Not sooner than the web server gives up on a sender: fifteen minutes of waiting.
        stale_upload=share(timedelta(minutes=30), timedelta(minutes=20)),
        stranger_age=share(timedelta(hours=1), 30 * SECOND),
        clocks_apart=2 * SECOND,
    )


def live_time(retention: timedelta) -> timedelta:
    """How long an image can be read. Raises ValueError for a retention beyond 24 hours."""
    if not timedelta(0) < retention <= LONGEST:
        raise ValueError(f"a retention of {retention} is outside of 0 to {LONGEST}")
    rest = max(retention * (1 - DUE_SHARE), min(SHORTEST_REST, retention / 2))
    return timedelta(seconds=int((retention - rest).total_seconds()))


def purge_at(received_at: datetime, retention: timedelta) -> datetime:
    return received_at + live_time(retention)
