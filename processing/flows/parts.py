"""A photo that comes in parts: what has arrived stays when the connection breaks, for a while.

`begin` commits the image's row, its deadline and its key; no byte is stored before it, and nothing
moves the deadline afterwards. Each part is a blob of that image, sealed with its key under its
prefix: first its row, then its bytes, then `stored`, behind the lock on the image's row. Parts
follow each other without a gap, so what is there is their sum. `flows.whole` makes the original of
them.

Whoever sends a part again has given up on the first: of two at once the one that began later
counts. A part that breaks off is kept as far as it came: nobody but its sender says what is next.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, transaction

from accounts.audit import Actor
from processing.engine import HEAD_BYTES, EmptyFile, Header, PhotoError, TooLarge, check_head
from processing.errors import Interrupted, PartTooLarge, PartTooSmall, TooManyUploads, WrongOffset
from processing.flows.arriving import drop, hear, lock, next_blob, received, told_as_it_is
from processing.flows.erase import erase_images
from processing.flows.shorten import shorten
from processing.flows.submit import Sender, bare_name, check_room, find_earlier, promise
from processing.limits import photo_limits
from processing.models import PART, Arrival, Blob, Image, Life, Reason, database_now
from processing.phrases import phrase
from processing.retention import erase, gates
from processing.storage import BlobWriter

log = logging.getLogger(__name__)
LEAST_BYTES = HEAD_BYTES  # Of a part: the first one says what the photo is. The last can be less.
USUAL_BYTES = 4 * 1024 * 1024
MOST_BYTES = 2 * USUAL_BYTES
MOST_ARRIVING = 50  # Uploads of one person that have begun and not ended.
BROKE_OFF = phrase("The upload broke off. Ask how much is there, and go on from that.")


def begin(sender: Sender, name: str, size: int) -> Image:
    """The upload, ready for its first part; or what an earlier request with the same key has begun,
    as far as it has come.

    Raises EmptyFile, TooLarge, TooManyUploads, StorageFull, Paused, RequestInProgress.
    """
    if not size:
        raise EmptyFile
    if size > settings.MAX_UPLOAD_BYTES:
        raise TooLarge.over(settings.MAX_UPLOAD_BYTES)
    earlier = _find_earlier(sender, size)
    if earlier is not None:
        shorten(earlier, sender.shorter, sender.by, sender.stored_key)
        return earlier
    now = database_now()
    gates.check_open(now)
    check_room()

    def record(image: Image) -> None:
        # Behind the lock on the sender's row, so that two at once are counted one after the other.
        arriving = Image.objects.filter(uploaded_by=sender.user, life=Life.RECEIVING)
        if arriving.count() >= MOST_ARRIVING:
            raise TooManyUploads
        image.save(force_insert=True)
        Arrival.objects.create(image=image, size=size, model_asked=sender.model, heard_at=now)

    began_at = sender.began_at or now
    return promise(sender, bare_name(name), began_at, 0, record)


def add(image: Image, offset: int, length: int, pieces: Iterable[bytes]) -> int:
    """Stores the part of `length` bytes that begins at `offset`; how many bytes are there now.

    Raises PhotoError, Image.DoesNotExist. Where the pieces end early, what came stays unless it is
    too small for a part, and Interrupted is raised.
    """
    gates.check_open(database_now())
    check_room()
    if image.life == Life.LIVE or offset != received(image):
        raise WrongOffset
    _check_length(image.arrival.size - offset, length)
    rest = iter(pieces)
    head = _take(rest, min(HEAD_BYTES, length))
    header = None if offset else _look_at(image, head)
    with told_as_it_is(image):
        part = _reserve(image, offset, header)
        try:
            size = _write(image, part, head, rest)
            _record(image, part, offset, size)
        except BaseException:
            drop(image, part)
            raise
    if size < length:
        raise Interrupted(BROKE_OFF)
    return offset + size


def cancel(image: Image, by: Actor) -> None:
    """The sender does not want it any more: erased, also when it has gone live this moment.

    Raises DatabaseError when it cannot be made unreadable: nobody is told that it is gone.
    """
    if not _condemn(image):
        erase_images([image], by)
        return
    try:
        erase.finish(image, database_now())
    except Exception:
        log.exception("%s could not be removed now; the sweeper will", image)


def _find_earlier(sender: Sender, size: int) -> Image | None:
    if not sender.request_key:
        return None
    arriving = Image.objects.select_related("workspace__owner", "arrival").filter(
        workspace=sender.workspace,
        request_key__in=sender.stored_keys(),
        request_index=0,
        life=Life.RECEIVING,
        purge_at__gt=database_now(),
        arrival__size=size,
    )
    return arriving.first() or find_earlier(sender, 0)


def _check_length(left: int, length: int) -> None:
    if length > min(left, MOST_BYTES):
        raise PartTooLarge
    if length < min(left, LEAST_BYTES):
        raise PartTooSmall


def _take(pieces: Iterator[bytes], size: int) -> bytes:
    """The first `size` bytes or a little more. Nothing is stored of less: raises Interrupted."""
    taken = bytearray()
    while len(taken) < size:
        piece = next(pieces, b"")
        if not piece:
            raise Interrupted(BROKE_OFF)
        taken += piece
    return bytes(taken)


def _look_at(image: Image, head: bytes) -> Header:
    """What its first bytes disqualify goes before one of them is stored. Raises PhotoError."""
    try:
        return check_head(head[:HEAD_BYTES], photo_limits())
    except PhotoError:
        with suppress(DatabaseError):  # The answer stays the reason; the sweeper sees to the rest.
            _condemn(image)
            erase.finish(image, database_now())
        raise


def _condemn(image: Image) -> bool:
    """False for one that is live. Another request can be at a part of it this moment: then its row
    stays for one more look."""
    with transaction.atomic():
        Image.objects.select_for_update(no_key=True).filter(pk=image.pk).first()
        quiet = not Blob.objects.filter(image=image, stored=False).exists()
        reason, now = Reason.BROKEN_OFF, database_now()
        return erase.condemn(image, now, reason, spare_live=True, by_uploader=quiet)


def _reserve(image: Image, offset: int, header: Header | None) -> Blob:
    """The row of a part; in the same transaction what its first bytes have told of the photo."""
    with transaction.atomic():
        row = lock(image)
        if offset != received(row):
            raise WrongOffset
        if header:
            row.kind, row.width, row.height = header.kind, header.width, header.height
            row.save(update_fields=["kind", "width", "height"])
        hear(row)
        return next_blob(row, PART, first=1)


def _write(image: Image, part: Blob, head: bytes, rest: Iterator[bytes]) -> int:
    """How many bytes came."""
    size = len(head)
    with BlobWriter(image.open_key(), image.prefix, part.generation, PART) as writer:
        writer.write(head)
        for piece in rest:
            writer.write(piece)
            size += len(piece)
    return size


def _record(image: Image, part: Blob, offset: int, size: int) -> None:
    with transaction.atomic():
        row = lock(image)
        later = Blob.objects.filter(image=row, kind=PART, generation__gt=part.generation)
        if later.exists() or offset != received(row):
            raise WrongOffset
        if not Blob.objects.filter(pk=part.pk).update(stored=True, size=size):
            raise WrongOffset
        hear(row)
