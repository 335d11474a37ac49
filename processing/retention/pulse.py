"""The sweeper's pulse: that it lives, and what it found. Others read it; see gates and metrics."""

from datetime import datetime
from typing import Any

from django.db import transaction

from processing.models import Pulse

NAME = "sweeper"
ERRORS = "erase_errors"
STORAGE = "vault"  # The only one so far; regions have names of their own.


def beat(at: datetime, facts: dict[str, Any]) -> None:
    """Writes the pulse. What is not among `facts` stays as it was: errors are counted for ever."""
    with transaction.atomic():
        before = Pulse.objects.select_for_update().filter(pk=NAME).first()
        known = before.facts if before else {}
        row = Pulse(name=NAME, at=at, facts={ERRORS: {STORAGE: 0}} | known | facts)
        Pulse.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["name"], update_fields=["at", "facts"]
        )


def count_errors(number: int) -> None:
    """Adds to the errors of the storage, for as long as the site lives."""
    with transaction.atomic():
        row = Pulse.objects.select_for_update().filter(pk=NAME).first()
        if row is not None:
            counted = row.facts.get(ERRORS) or {}
            counted[STORAGE] = counted.get(STORAGE, 0) + number
            row.facts[ERRORS] = counted
            row.save(update_fields=["facts"])
