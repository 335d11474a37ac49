"""Receipts: what is left of an erased image, signed and chained (docs/receipts.md).

A receipt is written in the transaction that removes the image's row, so there is never one without
the other. What is signed is the canonical JSON of what it says: its hash is the next receipt's
link, and changing, leaving out or cutting off one shows in `verify_all`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from accounts.chain import canonical, link, lock_head
from processing.models import Blob, Image, Receipt
from processing.retention.certificates import CHAIN, certificate, facts, publish_key
from processing.retention.signing import Signer
from processing.retention.walk import Walked, verify_all

__all__ = ["Walked", "certificate", "verify_all", "write"]

IDS_PER_QUERY = 10_000


def write(images: Sequence[Image], now: datetime) -> list[Receipt]:
    """One receipt for each image, to be called in the transaction that removes its row.

    Returns those that were written now, in the order of the images: one that has a receipt
    already keeps it. The images are unreadable by now, and nothing is stored of them any more.
    """
    chain = lock_head(CHAIN)
    new = list(_without_receipt(images))
    if not new:
        return []
    copies, key = _copies_of(new), publish_key(now)
    receipts = []
    for image in new:
        receipt = _receipt_of(image, copies[image.pk], key, now)
        linked = link(chain, facts(receipt))
        receipt.number, receipt.previous_hash = linked["number"], linked["previous_hash"]
        receipt.hash, receipt.signature = chain.hash, key.sign(canonical(linked))
        receipts.append(receipt)
    Receipt.objects.bulk_create(receipts)
    chain.save()
    return receipts


def _receipt_of(image: Image, copies: Counter[str], key: Signer, now: datetime) -> Receipt:
    kept_until = _kept_until(image)
    return Receipt(
        image_id=image.pk,
        workspace_id=image.workspace_id,
        received_at=_whole(image.received_at),
        due_at=_whole(image.purge_at),
        kept_until=_whole(kept_until) if kept_until else None,
        unreadable_at=_whole(image.erasing_since or now),
        erased_at=_whole(now),
        size=image.size,
        copies=dict(sorted(copies.items())),
        objects_deleted=image.objects_deleted,
        reason=image.reason,
        key_id=key.id,
    )


def _kept_until(image: Image) -> datetime | None:
    """When an opt-in ended that had kept the image past its deadline.

    Of an image that somebody erased while it was kept, that is the moment of erasing.
    """
    was_kept = image.consent_id is not None and image.owner_consent_id is not None
    ended = image.withdrawn_at or image.erasing_since
    return ended if was_kept and ended and ended > image.purge_at else None


def _whole(at: datetime) -> datetime:
    """To the millisecond, as it is signed: the row says no more than the signature covers."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _without_receipt(images: Sequence[Image]) -> Iterator[Image]:
    ids = [image.pk for image in images]
    known: set[UUID] = set()
    for part in _parts(ids):
        found = Receipt.objects.filter(image_id__in=part)
        known.update(found.values_list("image_id", flat=True))
    for image in images:
        if image.pk not in known:
            known.add(image.pk)
            yield image


def _copies_of(images: Sequence[Image]) -> dict[UUID, Counter[str]]:
    """Kind to number of all blobs that were ever recorded of each image."""
    copies: dict[UUID, Counter[str]] = defaultdict(Counter)
    for part in _parts([image.pk for image in images]):
        kinds = Blob.objects.filter(image_id__in=part).values_list("image_id", "kind")
        for image_id, kind, number in kinds.annotate(Count("pk")).order_by():
            copies[image_id][kind] = number
    return copies


def _parts(ids: list[UUID]) -> Iterator[list[UUID]]:
    """No database takes any number of parameters."""
    for start in range(0, len(ids), IDS_PER_QUERY):
        yield ids[start : start + IDS_PER_QUERY]
