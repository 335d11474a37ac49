"""Downloads through a link: counted exactly, and gone on with when they break off.

A download is counted when it begins, by a conditional update: of fifty at the same moment a limit
of five lets five through. What is counted is not given back, so that the limit is a limit. The
counted download has a ticket, good for an hour and for whoever has it, by which its bytes can be
fetched in pieces and again after the line broke, from the beginning ten times at most, however many
ask at once. Once all of it was sent a ticket gives only the rest of a file, and no more than twice
its bytes in all: the end can have been lost on the way.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from pathlib import PurePosixPath
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.audit import Actor, note
from accounts.models import Action
from processing.engine import Options
from processing.errors import BadShare, ShareGone, TooManyDownloads
from processing.flows.attempts import Attempt, Limit
from processing.flows.bundle import bundle
from processing.flows.erase import erase_images
from processing.flows.names import safe_name
from processing.flows.reading import ReadOn, while_readable
from processing.flows.render import ask, kind_of, wait_for
from processing.flows.share_terms import listed
from processing.flows.share_visit import Visit, visit_of
from processing.models import (
    Blob,
    Image,
    Life,
    Reason,
    Share,
    ShareDownload,
    ShareItem,
    ShareQuerySet,
    database_now,
)
from processing.phrases import phrase
from processing.storage import KeyGone, SealBroken, read_blob

log = logging.getLogger(__name__)
TICKET_LIFE = timedelta(hours=1)
LOOK_EVERY = 1.0  # Seconds: how long what ended meanwhile is read at most.
ORIGINAL = "original"
# More than anybody downloads, through one link. Each is an entry in its owner's log, for months.
PER_NETWORK = Limit("link-downloads", most=600, seconds=600)
BEGINNINGS = Limit("link-beginnings", most=10, seconds=int(TICKET_LIFE.total_seconds()))


@dataclass(frozen=True)
class Wanted:
    """One of a link's files, or all of them (`place` is None) as one ZIP."""

    place: int | None
    format: str
    size: str = ""

    def options(self) -> Options:
        # By the names of the files that are stored already: "full" is never shrunk.
        size = "original" if self.size == "full" else self.size
        return Options(size=size, format=self.format)


def check_allowed(opened: Visit, wanted: Wanted) -> None:
    """Raises BadShare for what the link does not give out, ShareGone for a place without image."""
    share = opened.share
    if wanted.place is not None:
        opened.item(wanted.place)
    if wanted.format == ORIGINAL and share.originals:
        return
    for word, given in ((wanted.format, share.formats), (wanted.size, share.sizes)):
        if word not in given:
            words = listed(given)
            raise BadShare(
                phrase("This link gives out %(words)s. Choose one of them.", words=words)
            )


def gives(share: Share, wanted: Wanted) -> bool:
    """Whether a link gives out such a file by its terms of now: those of before may have been
    wider."""
    if wanted.format == ORIGINAL:
        return share.originals
    return wanted.format in share.formats and wanted.size in share.sizes


def prepare(image: Image, wanted: Wanted, seconds: float) -> str:
    """The kind of the blob that is wanted, once it is there.

    Raises what `render.ask` and `render.wait_for` raise.
    """
    if wanted.format == ORIGINAL:
        return ORIGINAL
    return wait_for(ask(image, wanted.options()), seconds).kind


def count(opened: Visit, wanted: Wanted, by: Actor) -> ShareDownload:
    """One more download, noted for the owner.

    Raises ShareGone when there is none left, TooManyDownloads.
    """
    share = opened.share
    if not Attempt((PER_NETWORK, f"{share.pk} {by.address}")).begin():
        raise TooManyDownloads
    with transaction.atomic():
        now = database_now()
        shares: ShareQuerySet = Share.objects.all()
        counted = shares.open(now).filter(pk=share.pk, token_hash=share.token_hash)
        if not counted.update(downloads=F("downloads") + 1):
            raise ShareGone
        note(
            Action.SHARE_DOWNLOADED,
            owner=share.workspace.owner,
            by=by,
            image_id=opened.item(wanted.place).image_id if wanted.place is not None else None,
            share_id=share.pk,
            count=1 if wanted.place is not None else len(opened.items),
            detail=" ".join(word for word in (wanted.format, wanted.size) if word),
        )
        return ShareDownload.objects.create(
            share=share,
            place=wanted.place,
            format=wanted.format,
            size=wanted.size,
            ends_at=min(now + TICKET_LIFE, opened.ends_at),
        )


def find_download(token: str, ticket: UUID) -> tuple[Visit, ShareDownload]:
    """What was counted, while its link goes on; one that is used up goes on. Raises ShareGone."""
    now = database_now()
    shares: ShareQuerySet = Share.objects.all()
    opened = visit_of(token, shares.going(now), now)
    found = opened.share.taken.filter(pk=ticket, ends_at__gt=now).first()
    if found is None or not gives(opened.share, wanted_by(found)):
        raise ShareGone
    return opened, found


def wanted_by(download: ShareDownload) -> Wanted:
    return Wanted(download.place, download.format, download.size)


def find_blob(image: Image, kind: str) -> Blob:
    """Raises ShareGone."""
    blob = image.blobs.filter(kind=kind, stored=True).order_by("-generation").first()
    if blob is None:
        raise ShareGone
    return blob


def check_rest(download: ShareDownload, start: int, size: int) -> None:
    """Raises ShareGone for what was sent wholly and is asked for from its beginning again."""
    if download.finished_at is not None and (start == 0 or download.sent >= 2 * size):
        raise ShareGone


def check_beginning(download: ShareDownload) -> None:
    """Before its first byte. Raises ShareGone: a line breaks often, but one download is no ten."""
    if not Attempt((BEGINNINGS, str(download.pk))).begin():
        raise ShareGone


def open_blob(image: Image, blob: Blob, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """Its bytes from `first` to `last`, that one too, for as long as its image can be read.

    Raises ShareGone when it went this moment.
    """
    chunks = _read(image, blob)
    return _cut(chunks, first, blob.size - 1 if last is None else last)


def _read(image: Image, blob: Blob) -> Iterator[bytes]:
    try:
        chunks = read_blob(image.open_key(), image.prefix, blob.generation, blob.kind)
        return while_readable(image, next(chunks), chunks)
    except (KeyGone, FileNotFoundError):
        raise ShareGone from None


def _cut(chunks: Iterator[bytes], first: int, last: int) -> Iterator[bytes]:
    at = 0
    for chunk in chunks:
        if piece := chunk[max(0, first - at) : max(0, last + 1 - at)]:
            yield piece
        at += len(chunk)
        if at > last:
            return


def bundle_of(opened: Visit, wanted: Wanted, given: list[UUID]) -> Iterator[bytes]:
    """All of a link's images as one ZIP, made while it is sent; `given` fills with those in it."""
    images = [item.image for item in opened.items]
    options = None if wanted.format == ORIGINAL else wanted.options()
    kind = ORIGINAL if options is None else kind_of(options)
    stems = {item.image_id: stem_of(item, shown=opened.share.names) for item in opened.items}

    def stem(image: Image) -> str:
        return stems[image.pk]

    return bundle(images, kind, lambda _: None, given.extend, options=options, stem=stem)


def stem_of(item: ShareItem, *, shown: bool) -> str:
    """The file's own name without its ending, where the link shows names; or which one it is."""
    name = ""
    if shown:
        with suppress(KeyGone, SealBroken):  # Its epoch ended this moment.
            name = PurePosixPath(item.image.open_name().replace("\\", "/")).stem
    return safe_name(name) if name else f"image-{item.place}"


@dataclass(frozen=True)
class Sending:
    """A download on its way. `size` is that of the whole file; None where only the end tells.
    `given`: the images that are in it, at its end."""

    opened: Visit
    download: ShareDownload
    size: int | None
    given: list[UUID]
    by: Actor

    def send(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks, noting how many bytes were taken, and doing what follows their end."""
        sent, looked, ended = 0, -inf, False  # The file can have been waited for until now.
        try:
            for chunk in chunks:
                if time.monotonic() - looked >= LOOK_EVERY:
                    looked = time.monotonic()
                    self._look_for_share()
                yield chunk
                sent += len(chunk)
            ended = self.size is None
        finally:
            self._settle(sent, ended=ended)

    def _look_for_share(self) -> None:
        """Raises ReadOn where the link does not give out what is being read any more."""
        began = self.opened.share
        shares: ShareQuerySet = Share.objects.filter(pk=began.pk)
        going = shares.going(database_now()).filter(token_hash=began.token_hash)
        now = going.filter(created_by__is_active=True).first()
        if now is None and not shares.exists():
            return  # It went with its images: how long those are read is flows.reading's to say.
        if now is None or _is_narrower(now, began) or not gives(now, wanted_by(self.download)):
            raise ReadOn

    def _settle(self, sent: int, *, ended: bool) -> None:
        try:
            erased = self._add_up(sent, ended=ended)
            there = Image.objects.filter(pk__in=erased, life=Life.LIVE)
            if erased:
                erase_images(there.select_related("workspace__owner"), self.by, Reason.DOWNLOADED)
        except Exception:  # They have their file; the images still have their deadline.
            log.exception("the end of %s could not be noted", self.download)

    def _add_up(self, sent: int, *, ended: bool) -> list[UUID]:
        """Notes the bytes; the ids of the images that go with the end of this download."""
        with transaction.atomic():
            shares = Share.objects.select_for_update(no_key=True)
            share = shares.filter(pk=self.download.share_id).first()
            if share is None:
                return []
            mine = ShareDownload.objects.filter(pk=self.download.pk)
            mine.update(sent=F("sent") + sent)
            row = mine.get()
            whole = ended or (self.size is not None and row.sent >= self.size)
            if row.finished_at is not None or not whole:
                return []
            now = database_now()
            mine.update(finished_at=now)
            if _was_the_last(share, now):
                return list(share.items.values_list("image_id", flat=True))
            if row.format == ORIGINAL:
                return []
            once = share.items.filter(image__in=self.given, image__erase_after_download=True)
            return list(once.values_list("image_id", flat=True))


def _is_narrower(now: Share, began: Share) -> bool:
    """Whether it asks for another password, or tells no names any more."""
    return now.password_hash not in {"", began.password_hash} or began.names > now.names


def _was_the_last(share: Share, now: datetime) -> bool:
    """No download is left, and none that was counted can still be under way."""
    if not share.erase_after_last or share.downloads < (share.download_limit or 0):
        return False
    return not share.taken.filter(finished_at__isnull=True, ends_at__gt=now).exists()
