"""When an entry is written: by the database's clock, which machines do not disagree about."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone

# Of this machine, where the database has no clock of its own. Deadlines go by a steadier one:
# processing puts it here.
machine_now: Callable[[], datetime] = timezone.now


def entry_time() -> datetime:
    if connection.vendor == "sqlite":
        return machine_now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
