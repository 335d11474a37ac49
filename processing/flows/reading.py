"""Reading the bytes of an image for somebody who may be slow: for as long as it can be read."""

import time
from collections.abc import Iterator

from processing.models import Image, Reason, Receipt, database_now

LOOK_EVERY = 1.0  # Seconds.


class ReadOn(Exception):
    """Somebody was still reading when the image was erased or its time came: they are cut off."""


def with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks of which the first was asked for before the answer began."""
    yield first
    yield from rest


def while_readable(found: Image, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, for as long as the image can be read; looked at every second of a slow reader."""
    looked = time.monotonic()
    yield first
    for chunk in rest:
        if time.monotonic() - looked >= LOOK_EVERY:
            looked = time.monotonic()
            if not _can_read_on(found):
                raise ReadOn
        yield chunk


def _can_read_on(found: Image) -> bool:
    """What goes with its download is not torn from somebody else who is downloading it as well."""
    now = database_now()
    if Image.objects.readable(now).filter(pk=found.pk).exists():
        return True
    if not found.erase_after_download or found.purge_at <= now:
        return False
    downloaded = Image.objects.filter(pk=found.pk, reason=Reason.DOWNLOADED)
    receipts = Receipt.objects.filter(image_id=found.pk, reason=Reason.DOWNLOADED)
    return downloaded.exists() or receipts.exists()
