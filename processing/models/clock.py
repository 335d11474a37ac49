"""One clock for all deadlines: the database's. Machines disagree, it does not with itself."""

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone


def database_now() -> datetime:
    if connection.vendor == "sqlite":
        # The same process and so the same clock as SQLite's own, without a query.
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
