"""What two people were told about their photos, in plain Python, and how the site compares with it.

Ada has a workspace, Ben has one and is a member of Ada's.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import consent
from accounts.models import User
from processing.flows.tags import words_of
from processing.models import Image, Life, Receipt
from processing.retention import backoff
from processing.training.eligible import eligible
from tests import cast, photos
from tests.promises.machine import tables
from tests.promises.machine.links import Link
from tests.promises.machine.simulation import Clock
from tests.promises.machine.tables import Row, Wrapped

ADA, BEN = 0, 1
PHOTO = photos.draw(8, 8)
PLACES = ((ADA, ADA), (BEN, BEN), (BEN, ADA))  # Who uploads, and into whose workspace.


@dataclass
class OptIn:
    number: int
    at: datetime


@dataclass
class Photo:
    """`erased`: somebody was told so. `whole`: somebody was told that it is here."""

    pk: UUID
    prefix: str
    people: tuple[int, int]
    received_at: datetime
    purge_at: datetime
    came_under: tuple[int, int] | None  # Opt-ins, both on when it came.
    content: bytes = PHOTO
    kept: bool = False  # As long as both hold, and nobody wants it gone earlier.
    whole: bool = False
    erased: bool = False
    freed_at: datetime | None = None
    strays: bool = False  # Somebody has died with a file half recorded.
    backups: set[Wrapped] = field(default_factory=set)  # That can open, for all that is known.
    heard_at: datetime | None = None  # Of one that comes in parts.
    made: set[int] = field(default_factory=set)  # The versions whose files are there.
    head: int = 0
    version: int = 0
    tags: set[str] = field(default_factory=set)

    def due_at(self) -> datetime:
        return max(self.purge_at, self.freed_at or self.purge_at)


@dataclass
class Household:
    clock: Clock
    people: list[User]
    vault: Path
    photos: dict[UUID, Photo] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    opt_ins: list[OptIn | None] = field(default_factory=lambda: [None, None])
    crashed_at: datetime | None = None
    left_over: bool = False  # Keys, by somebody who has died; until the sweeper comes round.
    asked: Any = None  # For what state the training data were looked at last.
    turned: bool = True  # An opt-in, a moment ago.
    first_receipt: int = field(default_factory=Receipt.objects.count)
    _dated: set[str] = field(default_factory=set)

    # What is to be expected.

    def agreed(self, people: Iterable[int], received_at: datetime) -> tuple[int, int] | None:
        """The opt-ins under which a photo is kept that comes now; None where it is not."""
        held = [self.opt_ins[one] for one in people]
        numbers = [one.number for one in held if one and one.at <= received_at]
        return (numbers[0], numbers[1]) if len(numbers) == len(held) else None

    def kept(self, photo: Photo) -> bool:
        return photo.kept and self.hold(photo)

    def hold(self, photo: Photo) -> bool:
        """Whether the opt-ins that a photo came under are still on."""
        held = [self.opt_ins[one] for one in photo.people]
        return photo.came_under == tuple(one.number if one else 0 for one in held)

    def readable(self, photo: Photo) -> bool:
        in_time = photo.purge_at > self.clock.now or self.kept(photo)
        return photo.whole and not photo.erased and in_time

    def due(self) -> list[Photo]:
        now = self.clock.now
        return [one for one in self.photos.values() if one.purge_at <= now and not self.kept(one)]

    # What people did.

    def adopt(self, image: Image, people: tuple[int, int], *, may_be_kept: bool) -> Photo:
        """A photo whose row is there. It is as its sender wanted it, or that is a fault."""
        row = Image.objects.get(pk=image.pk)
        expected = self.agreed(people, row.received_at) if may_be_kept else None
        assert row.kept == (expected is not None)
        photo = Photo(row.pk, row.prefix, people, row.received_at, row.purge_at, expected)
        photo.whole, photo.kept = row.life == Life.LIVE, row.kept
        return self.photos.setdefault(row.pk, photo)

    def turn_on(self, person: int) -> None:
        entry = cast.opt_in(self.people[person])
        self.turn(person, OptIn(entry.number, entry.at))

    def turn(self, person: int, opt_in: OptIn | None) -> None:
        before, self.opt_ins[person], self.turned = self.opt_ins[person], opt_in, True
        if before and not opt_in:
            for photo in self.photos.values():
                if photo.kept and person in photo.people:
                    self.free(photo)

    def shorten(self, photo: Photo, until: datetime) -> None:
        if until < photo.purge_at:
            photo.purge_at = until
            for link in self.links:
                if photo.pk in link.photos:
                    link.ends_by(until)

    def free(self, photo: Photo) -> None:
        if photo.kept:
            photo.kept, photo.freed_at = False, self.clock.now

    # After somebody died half-way: it is done, or it is not.

    def learn(self, *photos: Photo) -> None:
        """What was asked of these photos, and of the opt-ins, has happened wholly or not at all."""
        self.crashed_at, self.left_over = self.clock.now, True
        for photo in photos:
            row = Image.objects.filter(pk=photo.pk).first()
            if row is None or row.life == Life.ERASING:
                photo.erased = photo.whole or photo.erased
                self.free(photo)  # Somebody wants it gone: no opt-in keeps it from then on.
                continue
            photo.whole = row.life == Life.LIVE
            assert row.purge_at <= photo.purge_at
            self.shorten(photo, row.purge_at)
            if not row.kept:
                self.free(photo)
            photo.head, photo.version, photo.made = row.head, row.version, tables.made(row)
            photo.heard_at = tables.heard_at(row)
            if self.readable(photo):
                photo.tags = set(words_of(row))
        for person, user in enumerate(self.people):
            entry = consent.latest(user)
            found = OptIn(entry.number, entry.at) if entry and entry.on else None
            if found != self.opt_ins[person]:
                self.turn(person, found)

    # What is stored.

    def objects(self) -> dict[str, set[str]]:
        """Prefix to names; what is new is as old as the simulated clock says."""
        found: dict[str, set[str]] = {}
        moment = self.clock.now.timestamp()
        for path in _files(str(self.vault)):
            if path not in self._dated:
                os.utime(path, (moment, moment))
                self._dated.add(path)
            parts = Path(path).relative_to(self.vault).parts
            if len(parts) > 1:
                found.setdefault(parts[1], set()).add("/".join(parts[2:]))
        return found

    # What has to hold after every step.

    def compare(self) -> None:
        rows, objects = {row.pk: row for row in tables.rows()}, self.objects()
        assert set(objects) <= {row.prefix for row in rows.values()}, "stored without a row"
        assert set(rows) <= set(self.photos), "a row that nobody sent"
        for pk, row in rows.items():
            photo = self.photos[pk]
            assert row.purge_at == photo.purge_at, "a deadline has moved"
            assert row.life != Life.LIVE or row.shown == (photo.head, photo.version)
        self._compare_readers(rows)
        receipts = Counter(tables.ids_of("processing_receipt", "number > %s", self.first_receipt))
        gone = {pk: 1 for pk in self.photos if pk not in rows}
        assert receipts == gone, "a receipt for each that is gone, and no other"
        self._compare_blobs(rows, objects)
        self._compare_backups(rows)

    def _compare_readers(self, rows: dict[UUID, Row]) -> None:
        if not rows:
            return
        readable = {one.pk for one in self.photos.values() if self.readable(one)}
        assert set(_ids(Image.objects.readable(self.clock.now))) == readable
        for link in self.links:
            assert link.shows() == [pk for pk in link.photos if link.is_open() and pk in readable]
        expected = {pk for pk in readable if self.kept(self.photos[pk])}
        state = (set(rows), list(self.opt_ins), readable, expected)
        if state != self.asked and (self.turned or any(self.opt_ins)):  # It takes long to ask.
            self.asked, self.turned = state, False
            with transaction.atomic():
                assert set(_ids(eligible(self.clock.now))) == expected

    def _compare_blobs(self, rows: dict[UUID, Row], objects: dict[str, set[str]]) -> None:
        """Of what can be read: what is recorded is stored, and the other way round."""
        recorded: dict[UUID, set[str]] = {}
        for pk, generation, kind in tables.select(
            "image_id, generation, kind", "processing_blob", "stored"
        ):
            recorded.setdefault(tables.as_uuid(pk), set()).add(f"{generation}/{kind}")
        for pk, row in rows.items():
            if row.life == Life.LIVE:
                stored, photo = objects.get(row.prefix, set()), self.photos[pk]
                assert recorded[pk] <= stored or not self.readable(photo)
                assert stored <= recorded[pk] or photo.strays

    def _compare_backups(self, rows: dict[UUID, Row]) -> None:
        """Somebody makes a backup after every step. By the keys of now it opens what is still in
        its first time, whatever became of it, and what is kept for training; nothing else.
        """
        late = (settings.BUDGET.keys - settings.BUDGET.epoch).total_seconds()
        for photo in self.photos.values():
            row = rows.get(photo.pk)
            photo.backups |= {row.wrapped} if row else set()
            there = row is not None and row.life != Life.ERASING
            kept = (there and self.kept(photo)) or self.left_over
            for backup in list(photo.backups):
                young = self.clock.now.timestamp() <= backup.epoch + late
                assert young or not backup.opens_by_epoch()
                assert kept or not backup.opens_by_opt_in()
                if not young and not kept:
                    photo.backups.discard(backup)

    def compare_swept(self) -> None:
        """After a sweep that nobody has killed: nothing is left of what was due, or broken off.

        But for what a sweeper was at that died a moment ago: it is left to it for that long.
        """
        self.left_over = False
        if self.crashed_at and self.clock.now - self.crashed_at <= backoff.lease():
            return
        objects = self.objects()
        stale = self.clock.now - settings.BUDGET.stale_upload
        arriving = [one for one in self.photos.values() if not one.whole]
        late = [one for one in arriving if (one.heard_at or one.received_at) <= stale]
        assert not [photo for photo in (*self.due(), *late) if photo.prefix in objects]
        assert not self.forgotten(timedelta())

    def overdue(self, late: timedelta) -> list[Photo]:
        return [one for one in self.due() if one.due_at() + late < self.clock.now]

    def forgotten(self, late: timedelta) -> set[UUID]:
        """Overdue, and nobody has even begun to erase them."""
        begun = {row.pk for row in tables.rows() if row.life == Life.ERASING}
        there = {row.pk for row in tables.rows()} - begun
        return {photo.pk for photo in self.overdue(late)} & there


def _ids(images: Any) -> Iterator[UUID]:
    found: Iterator[UUID] = images.values_list("pk", flat=True)
    return found


def _files(folder: str) -> Iterator[str]:
    for inner, _, names in os.walk(folder):
        yield from (f"{inner}/{name}" for name in names)
