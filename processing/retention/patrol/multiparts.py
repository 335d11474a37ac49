"""Uploads in parts that never ended: no listing shows them, and they keep their parts."""

from datetime import datetime

from django.conf import settings

from processing import storage
from processing.models import Image
from processing.retention.patrol import erasing
from processing.retention.patrol.layout import prefix_of


def look(now: datetime, *, may_erase: bool) -> dict[str, float]:
    """Those that an image is waiting for end with it, at the latest. The others are aborted."""
    pending, strange = 0, set()
    for found in storage.pending_multiparts():
        pending += 1
        if found.began_at < now - settings.BUDGET.stranger_age:
            strange.add(prefix_of(found.name))
    known = Image.objects.filter(prefix__in=strange).values_list("prefix", flat=True)
    for prefix in strange - set(known) - {""}:
        if may_erase:
            erasing.erase_unknown(prefix)
    return {"multiparts_pending": pending}
