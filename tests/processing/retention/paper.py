"""Images that have been erased, and their receipts, without erasing any."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from accounts.chain import canonical
from accounts.models import ConsentEntry, User
from processing.access import home_of
from processing.models import Blob, Image, Life, Reason, Receipt
from processing.retention import receipts
from processing.retention.signing import signer

NOW = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


def described(user: User, **fields: Any) -> dict[str, Any]:
    """The fields of an image that is being erased."""
    received = NOW - timedelta(hours=20)
    return {
        "workspace": home_of(user),
        "uploaded_by": user,
        "life": Life.ERASING,
        "received_at": received,
        "purge_at": received + timedelta(hours=19),
        "erasing_since": NOW - timedelta(minutes=30),
        "look_again_at": NOW,
        "objects_deleted": 7,
        "reason": Reason.DEADLINE,
        "epoch": 0,
        "kind": "png",
        "size": 123_456,
    } | fields


def erasing(user: User, **fields: Any) -> Image:
    return Image.objects.create(**described(user, **fields))


def write(*images: Image, now: datetime = NOW) -> list[Receipt]:
    with transaction.atomic():
        return receipts.write(images, now)


def erased(user: User, count: int = 1, now: datetime = NOW, **fields: Any) -> list[Receipt]:
    """Receipts of images that are gone."""
    images = [erasing(user, **fields) for _ in range(count)]
    for image in images:
        Blob.objects.create(image=image, kind="original", generation=0, stored=True)
    written = write(*images, now=now)
    Blob.objects.filter(image__in=images).delete()
    Image.objects.filter(pk__in=[image.pk for image in images]).delete()
    return written


def consent(user: User, number: int) -> ConsentEntry:
    return ConsentEntry.objects.create(
        number=number,
        user=user,
        on=True,
        wording_version="1",
        wording_hash="0" * 64,
        at=NOW - timedelta(days=9),
        how="page",
        previous_hash="0" * 64,
        hash=f"{number:064}",
    )


def ticket_of(receipt: Receipt, **fields: Any) -> dict[str, Any]:
    """As it was given out while the image was there; `fields` instead of what it says."""
    content = {
        "v": 1,
        "type": "ticket",
        "image": str(receipt.image_id),
        "name": "cup.png",
        "sha256": "ab" * 32,
        "size": receipt.size,
        "received_at": receipts.certificate(receipt)["received_at"],
        "due_at": receipts.certificate(receipt)["due_at"],
        "issued_at": receipts.certificate(receipt)["received_at"],
        "key": signer().id,
    } | fields
    return content | {"signature": signer().sign(canonical(content))}


def everything_in_the_database() -> str:
    """Every value of every row, as text; bytes as they are and in hexadecimal."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [
                text for row in cursor.fetchall() for value in row for text in _texts_of(value)
            ]
    return "\n".join(found)


def _texts_of(value: Any) -> list[str]:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return [raw.decode("utf-8", "replace"), raw.hex()]
    return [str(value)]
