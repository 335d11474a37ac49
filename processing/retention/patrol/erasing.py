"""The second look: right before something is erased, it is asked for once more.

A listing is a report of what was. To erase by it would destroy what has come to be right meanwhile.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F

from processing import storage
from processing.models import Image, database_now
from processing.retention import erase, marks
from processing.retention.lateness import end_of

log = logging.getLogger(__name__)


def erase_overdue(prefix: str, now: datetime) -> bool:
    """Erases what is stored of an image that should be gone, if that still holds now.

    With its row locked; and nothing makes an image that is due not due again. The sweeper sees to
    the rows and to the receipt.
    """
    limit = now - settings.BUDGET.alarm
    with transaction.atomic():
        row = Image.objects.select_for_update(no_key=True).filter(prefix=prefix).first()
        end = end_of(row) if row else None
        if row is None or end is None or end >= limit:
            return False
        erase.condemn(row, now, reason=None)  # The one that the sweeper would have given.
    deleted = _shred(prefix)
    if deleted:
        Image.objects.filter(pk=row.pk).update(objects_deleted=F("objects_deleted") + deleted)
        log.error("patrol: %s was overdue; %d objects of it are deleted", row, deleted)
    return bool(deleted)


def erase_unknown(prefix: str) -> bool:
    """Erases what lies under a prefix that no row knows, if that still holds now.

    There is no row to lock, and none can come: prefixes are random, and a row is committed before
    its first byte is stored.
    """
    if Image.objects.filter(prefix=prefix).exists():
        return False
    deleted = _shred(prefix)
    if deleted:
        log.error("patrol: %d objects under %s that no image knows of are deleted", deleted, prefix)
    return bool(deleted)


def _shred(prefix: str) -> int:
    """How many objects it was. None in a storage that has come to be another one meanwhile."""
    if marks.look(database_now()) != marks.SAME:
        return 0
    try:
        return storage.shred_prefix(prefix)
    except Exception:  # The next round tries again, and the alarm stays.
        log.exception("patrol: what lies under %s cannot be deleted", prefix)
        return 0
