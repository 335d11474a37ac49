"""What every page says about the promise."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from processing.models import database_now
from processing.retention import deadlines


def privacy(request: HttpRequest) -> dict[str, Any]:
    return {
        "privacy": {
            "retention_words": in_words(settings.RETENTION),
            "erased_at": deadlines.purge_at(database_now(), settings.RETENTION),
            "training": False,
        }
    }


def in_words(length: timedelta) -> str:
    """A whole number of the largest unit that fits: "24 hours", "90 minutes", "1 minute"."""
    seconds = int(length.total_seconds())
    units = ((3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next(pair for pair in units if seconds % pair[0] == 0)
    number = seconds // size
    return f"{number} {unit}{'' if number == 1 else 's'}"
