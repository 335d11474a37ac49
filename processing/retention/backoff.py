"""How long to leave alone what could not be erased: longer each time, never for long."""

from datetime import timedelta

from django.conf import settings

SHARE = 60  # The first wait is this share of the longest: 5 s of 5 min for 24 hours.
SECOND = timedelta(seconds=1)


def delay(tries: int) -> timedelta:
    """After so many tries that failed. Shorter retentions wait shorter."""
    longest: timedelta = settings.BUDGET.swept
    first = max(SECOND, longest / SHARE)
    doublings = min(max(tries - 1, 0), 20)  # 2 to the power of a week's tries is no time any more.
    return min(longest, first * (1 << doublings))


def lease() -> timedelta:
    """How long an image is left to whoever is erasing it; then others take it for abandoned."""
    longest: timedelta = settings.BUDGET.swept
    return max(SECOND, longest / 5)
