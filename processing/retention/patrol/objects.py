"""Walks the whole storage, in a stream, and asks the tables about each object.

Memory stays flat however much is stored: objects are looked up in batches, and what was seen is
remembered in a filter of fixed size.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.conf import settings

from processing import storage
from processing.models import Blob, Image
from processing.retention import marks
from processing.retention.lateness import end_of
from processing.retention.patrol import erasing, missing, multiparts
from processing.retention.patrol.layout import prefix_of
from processing.retention.patrol.seen import Seen
from processing.storage import Stored

T = TypeVar("T")
BATCH = 500
_FIELDS = (
    "prefix", "life", "kept", "purge_at", "withdrawn_at", "erasing_since", "consent_id",
)  # fmt: skip


def look(now: datetime) -> dict[str, float]:
    """What is stored without a reason, and what has a reason and is not stored.

    Nothing is erased in a storage that is not known to be this site's: seen from the tables of
    another one, everything would be unknown.
    """
    ours = marks.look(now) == marks.SAME
    walk = _Walk(now, may_erase=ours)
    for batch in _batches(storage.walk_objects(), BATCH):
        walk.take(batch)
    return walk.facts | missing.look(now, walk.seen) | multiparts.look(now, may_erase=ours)


class _Walk:
    def __init__(self, now: datetime, *, may_erase: bool) -> None:
        self._now, self._may_erase = now, may_erase
        self.seen = Seen(Blob.objects.filter(stored=True).count())
        names = ("objects", "stored_bytes", "oldest_object_seconds", "unknown_objects")
        more = ("overdue_objects", "day_old_objects", "objects_erased")
        self.facts: dict[str, float] = dict.fromkeys((*names, *more), 0)

    def take(self, batch: list[Stored]) -> None:
        by_prefix: dict[str, list[Stored]] = {}
        for found in batch:
            if found.size:  # A sealed blob has its header: this is a marker of what was deleted.
                self.seen.add(found.name)
            self.facts["objects"] += 1
            self.facts["stored_bytes"] += found.size
            by_prefix.setdefault(prefix_of(found.name), []).append(found)
        for strange in by_prefix.pop("", []):
            # Not where anything of ours would be, so it is not ours to erase: a storage that is
            # shared with something else is for a person to look at.
            self._count_unknown(strange)
        rows = Image.objects.filter(prefix__in=list(by_prefix)).only(*_FIELDS)
        known = {row.prefix: row for row in rows}
        for prefix, objects in by_prefix.items():
            if prefix in known:
                self._compare(known[prefix], objects)
            else:
                self._stranger(prefix, objects)

    def _compare(self, row: Image, objects: list[Stored]) -> None:
        end = end_of(row)
        if end is None:
            return  # Kept, for as long as the opt-in lasts.
        ages = [self._age(found) for found in objects]
        self._note_age(max(ages))
        if end < self._now - settings.BUDGET.alarm:
            self.facts["overdue_objects"] += len(objects)
            if self._may_erase and erasing.erase_overdue(row.prefix, self._now):
                self.facts["objects_erased"] += len(objects)
        elif row.withdrawn_at is None:
            # The storage's own clock says so, whatever the row says. A person has to look: with
            # a clock that was wrong it would be no reason to erase.
            self.facts["day_old_objects"] += sum(age > settings.RETENTION for age in ages)

    def _stranger(self, prefix: str, objects: list[Stored]) -> None:
        for found in objects:
            self._count_unknown(found)
        settled = min(map(self._age, objects)) > settings.BUDGET.stranger_age
        if settled and self._may_erase and erasing.erase_unknown(prefix):
            self.facts["objects_erased"] += len(objects)

    def _count_unknown(self, found: Stored) -> None:
        """A row is committed before its bytes are written, so the grace is for clocks alone."""
        if self._age(found) > settings.BUDGET.stranger_age / 6:
            self._note_age(self._age(found))
            self.facts["unknown_objects"] += 1

    def _age(self, found: Stored) -> timedelta:
        return self._now - found.modified_at

    def _note_age(self, age: timedelta) -> None:
        oldest = self.facts["oldest_object_seconds"]
        self.facts["oldest_object_seconds"] = max(oldest, round(age.total_seconds()))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
