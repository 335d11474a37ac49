"""The gallery: the images that somebody can see, newest first, and which of them they look for.

A page is found by where the one before it ended, never by counting what stands before: with ten
thousand images the last costs what the first does. Names are sealed, so looking for one opens those
of what else was asked for, image by image until a page is full: at most LOOKED, and the next page
goes on behind them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from processing.access import images_of, workspaces_of
from processing.flows.tags import with_tag
from processing.models import Image, ImageQuerySet, Job, JobState, Task
from processing.storage import KeyGone, Opener, SealBroken

PAGE = 40
LOOKED = 400
BATCHES = 8
STATES = {
    "waiting": JobState.QUEUED,
    "running": JobState.RUNNING,
    "done": JobState.DONE,
    "failed": JobState.FAILED,
}
KEPT, ONCE = "kept", "once"
NEWEST, OLDEST = ("-received_at", "-id"), ("received_at", "id")
_SEALED = ("id", "epoch", "wrapped_key", "kept", "kept_key", "consent_id", "owner_consent_id")


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not matter. A day is one of the reader's zone."""

    show: str = ""  # One of STATES, KEPT, or ONCE: erased after its download.
    day: date | None = None
    zone: timedelta = timedelta(0)  # East of UTC.
    batch: UUID | None = None
    tag: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.show or self.day or self.batch or self.tag or self.name)


@dataclass(frozen=True)
class Spot:
    """Between two images of the gallery: next to the one that came at this moment, with this id."""

    at: datetime
    id: UUID

    @classmethod
    def beside(cls, image: Image) -> "Spot":
        return cls(image.received_at, image.pk)

    @classmethod
    def read(cls, text: str) -> "Spot | None":
        match = re.fullmatch(r"([0-9]{1,17})-([0-9a-f]{32})", text)
        if match is None:
            return None
        try:
            at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(match[1]))
        except OverflowError:
            return None
        return cls(at, UUID(match[2]))

    def __str__(self) -> str:
        since = self.at - datetime.fromtimestamp(0, UTC)
        return f"{since // timedelta(microseconds=1)}-{self.id.hex}"


@dataclass(frozen=True)
class Page:
    """`older` and `newer` are where the pages beside it begin; those may have an image where this
    one has none, as long as not every name has been looked at."""

    images: list[Image]
    older: Spot | None = None
    newer: Spot | None = None


def look_for(
    user: Any, wanted: Wanted, parts: Any, older: Spot | None = None, newer: Spot | None = None
) -> Page:
    """The page that is older than a spot, or newer than one; without either the first.

    `parts` adds to the images of the page what showing them takes.
    """
    images = _matching(user, wanted)
    near, stopped = _beyond(images, older, newer), None
    if wanted.name:
        ids, stopped = _named(near, wanted.name)
        near = near.filter(pk__in=ids)
    found = list(parts(near[: PAGE + 1]))
    page = found[:PAGE]
    onward = Spot.beside(page[-1]) if len(found) > PAGE else stopped
    begin = Spot.beside(page[0]) if page else older or newer
    if newer is None:
        before = older is not None and _beyond(images, None, begin).exists()
        return Page(page, older=onward, newer=begin if before else None)
    if onward is None:
        return look_for(user, wanted, parts)  # So new that it is the first.
    return Page(page[::-1], older=begin, newer=onward)


def numbers_of(user: Any) -> dict[str, int]:
    """All that they can see, and what of it is kept."""
    return images_of(user).aggregate(all=Count("pk"), kept=Count("pk", filter=Q(kept=True)))


def latest_batches(user: Any) -> list[dict[str, Any]]:
    """`batch`, `number` of its images, `at` when its last one came; of several images, newest
    first."""
    batches = images_of(user).filter(batch__isnull=False).values("batch")
    counted = batches.annotate(number=Count("pk"), at=Max("received_at")).filter(number__gt=1)
    return [dict(row) for row in counted.order_by("-at")[:BATCHES]]


def _matching(user: Any, wanted: Wanted) -> ImageQuerySet:
    images = images_of(user)
    if wanted.show == KEPT:
        images = images.filter(kept=True)
    elif wanted.show == ONCE:
        images = images.filter(erase_after_download=True)
    elif wanted.show in STATES:
        images = images.filter(_cut_out_is(STATES[wanted.show]))
    if wanted.day:
        begin = datetime.combine(wanted.day, time(), UTC) - wanted.zone
        images = images.filter(received_at__gte=begin, received_at__lt=begin + timedelta(days=1))
    if wanted.batch:
        images = images.filter(batch=wanted.batch)
    if wanted.tag:
        images = with_tag(images, wanted.tag, workspaces_of(user))
    return images


def _cut_out_is(state: JobState) -> Exists:
    return Exists(Job.objects.filter(image=OuterRef("pk"), task=Task.CUT_OUT, state=state))


def _beyond(images: ImageQuerySet, older: Spot | None, newer: Spot | None) -> "QuerySet[Image]":
    """Of the images those beyond a spot, the nearest first."""
    if newer is not None:
        after = Q(received_at__gt=newer.at) | Q(id__gt=newer.id)
        return images.filter(after, received_at__gte=newer.at).order_by(*OLDEST)
    if older is not None:
        before = Q(received_at__lt=older.at) | Q(id__lt=older.id)
        return images.filter(before, received_at__lte=older.at).order_by(*NEWEST)
    return images.order_by(*NEWEST)


def _named(images: "QuerySet[Image]", name: str) -> tuple[list[UUID], Spot | None]:
    """The nearest of them whose names have the words in them, one more than fills a page; and where
    the looking stopped, if that is not at their end."""
    keys, words = Opener(), _plain(name).split()
    found: list[UUID] = []
    last: Image | None = None
    rows = images.only(*_SEALED, "received_at", "prefix", "sealed_name")[: LOOKED + 1]
    for number, row in enumerate(rows.iterator(chunk_size=PAGE)):
        if last and (number == LOOKED or len(found) > PAGE):
            return found, Spot.beside(last)
        if _has(row, words, keys):
            found.append(row.pk)
        last = row
    return found, None


def _has(image: Image, words: Sequence[str], keys: Opener) -> bool:
    try:
        name = _plain(image.open_name(keys))
    except (KeyGone, SealBroken):
        return False  # Its epoch ended this moment.
    return all(word in name for word in words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
