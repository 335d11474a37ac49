"""Whether the storage is this site's: its mark, compared with the one that the database knows.

Before another storage (a folder whose disk is not mounted, a bucket of somebody else) everything
seems to be erased. There nothing is deleted, no row is removed and no receipt written.
"""

import logging
import os
import time
from datetime import datetime

from django.db import transaction

from processing.models import VaultMark
from processing.storage import (
    MARK_NAME,
    Tick,
    current_storage,
    patiently,
    read_mark,
    silent,
    walk_objects,
    write_mark,
)

log = logging.getLogger(__name__)
ALIAS = "vault"
SAME, OTHER, UNKNOWN = "same", "other", "unknown"
PATIENCE = 0.5  # Seconds for which a storage that refuses to answer is asked again.
AGAIN = 0.1
SURE_FOR = 10.0  # Seconds that one look serves a process.
_seen: tuple[object, float] = (None, 0.0)  # The storage that was this site's, and when.


def look(now: datetime, tick: Tick = silent) -> str:
    """`same`, `other`, or `unknown` while the storage does not answer.

    What has no mark on either side is new, and gets one. An empty storage with a mark that the
    database does not know is adopted: its tables were made anew. One that holds more is not: the
    database may be the wrong one, and the patrol would erase what it does not know.
    """
    global _seen  # noqa: PLW0603  One look for all threads.
    storage, since = _seen
    if storage is current_storage() and time.monotonic() - since < SURE_FOR:
        return SAME
    found = _compare(now, tick)
    if found == SAME:
        _seen = (current_storage(), time.monotonic())
    return found


def look_anew(now: datetime, tick: Tick = silent) -> str:
    """`look`, whatever was seen a moment ago."""
    forget()
    return look(now, tick)


def forget() -> None:
    global _seen  # noqa: PLW0603
    _seen = (None, 0.0)


def adopt(now: datetime) -> str:
    """From now on the storage as it is now is this site's; its mark.

    Raises the storage's error.
    """
    stored = read_mark()
    mark = stored or _new_mark()
    if not stored:
        write_mark(mark)
    VaultMark.objects.update_or_create(alias=ALIAS, defaults={"mark": mark, "made_at": now})
    forget()
    return mark


def _compare(now: datetime, tick: Tick) -> str:
    since = time.monotonic()
    while time.monotonic() - since < PATIENCE:
        # First the row, then the object, which was there before the row was: the other way round,
        # a mark that is being made between the two looks like another storage's.
        known = VaultMark.objects.filter(pk=ALIAS).values_list("mark", flat=True).first()
        if known is None:
            return _introduce(now)
        try:
            stored = patiently(read_mark, tick)
        except Exception as error:  # noqa: BLE001  Away: nothing is known about it.
            log.warning("the storage's mark cannot be read: %s", type(error).__name__)
            time.sleep(AGAIN)
            continue
        return SAME if stored == known else OTHER
    return UNKNOWN


def _holds_more() -> bool:
    """Than its mark."""
    return any(stored.name != MARK_NAME for stored in walk_objects())


def _introduce(now: datetime) -> str:
    """Makes the two know each other. Of two processes at once the row's key lets one wait.

    The object comes before the commit: what a crash leaves between them is adopted the next time.
    """
    try:
        with transaction.atomic():
            row, made = VaultMark.objects.select_for_update().get_or_create(
                pk=ALIAS, defaults={"mark": _new_mark(), "made_at": now}
            )
            stored = read_mark()
            if not made:
                return SAME if stored == row.mark else OTHER
            if stored and _holds_more():
                row.delete()
                return OTHER
            if not stored:  # Or empty: somebody was killed while writing it.
                write_mark(row.mark)
            elif stored != row.mark:
                row.mark = stored
                row.save()
    except Exception as error:  # noqa: BLE001
        log.warning("the storage's mark cannot be written: %s", type(error).__name__)
        return UNKNOWN
    return SAME


def _new_mark() -> str:
    return os.urandom(16).hex()
