"""Receipts as documents: what a row says, as it was signed, and the keys that signed it."""

from datetime import UTC, datetime
from typing import Any

from accounts.chain import ORIGIN, canonical
from accounts.models import ChainHead
from processing.models import Receipt, ReceiptKey
from processing.retention.documents import VERSION
from processing.retention.signing import Signer, signer

CHAIN = "receipts"


def certificate(receipt: Receipt) -> dict[str, Any]:
    """What is given out of a receipt: all that was signed, its hash and the signature."""
    return signed_part(receipt) | {"hash": receipt.hash, "signature": receipt.signature}


def signed_part(receipt: Receipt) -> dict[str, Any]:
    """What was signed, rebuilt from the row."""
    links = {"number": receipt.number, "previous_hash": receipt.previous_hash}
    return facts(receipt) | links


def in_text(at: datetime) -> str:
    """2026-03-04T05:06:07.089Z: to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def publish_key(now: datetime) -> Signer:
    """The key in force, its row there before the first thing that it signs."""
    key = signer()
    if not ReceiptKey.objects.filter(pk=key.id).exists():
        row = ReceiptKey(id=key.id, public_key=key.public_key, first_used_at=now)
        ReceiptKey.objects.bulk_create([row], ignore_conflicts=True)
    return key


def public_keys() -> dict[str, str]:
    """Id to public key in base64, of every key that was ever used and of the one in force."""
    used = dict(ReceiptKey.objects.values_list("id", "public_key"))
    return used | {signer().id: signer().public_key}


def head() -> tuple[int, str]:
    """Where the chain ends: the last number and its hash; 0 and 64 zeros before the first."""
    row = ChainHead.objects.filter(pk=CHAIN).first()
    return (row.number, row.hash) if row else (0, ORIGIN)


def signed_head(now: datetime) -> dict[str, Any]:
    """The chain's end for witnesses: who keeps it can prove that nothing before it was changed."""
    number, last = head()
    key = signer()
    content = {
        "v": VERSION,
        "type": "head",
        "number": number,
        "hash": last,
        "at": in_text(now),
        "key": key.id,
    }
    return content | {"signature": key.sign(canonical(content))}


def facts(receipt: Receipt) -> dict[str, Any]:
    return {
        "v": VERSION,
        "type": "receipt",
        "image": str(receipt.image_id),
        "workspace": str(receipt.workspace_id),
        "received_at": in_text(receipt.received_at),
        "due_at": in_text(receipt.due_at),
        "kept_until": in_text(receipt.kept_until) if receipt.kept_until else None,
        "unreadable_at": in_text(receipt.unreadable_at),
        "erased_at": in_text(receipt.erased_at),
        "size": receipt.size,
        "copies": receipt.copies,
        "objects_deleted": receipt.objects_deleted,
        "reason": receipt.reason,
        "key": receipt.key_id,
    }
