"""Claim tickets: proof, in a person's own hands, of which file an image was.

A ticket holds the file's name and SHA-256, which nothing on this site may: it is made, signed and
given out, and nothing of it is kept. Beside the receipt it later says which file was erased.
"""

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import Actor, note
from accounts.chain import canonical
from accounts.models import Action
from processing.errors import TicketMismatch
from processing.models import Image, database_now
from processing.retention.certificates import in_text, publish_key
from processing.retention.documents import VERSION
from processing.storage import read_blob


def issue_ticket(image: Image, by: Actor, sha256: str = "") -> dict[str, Any]:
    """The signed ticket of an image that can be read. `sha256`: as the asker has computed it.

    Raises TicketMismatch when it is not that of the original; Image.DoesNotExist,
    storage.KeyGone or FileNotFoundError when the image went meanwhile.
    """
    found, size = _look_at_original(image)
    if sha256 and sha256.strip().lower() != found:
        raise TicketMismatch
    name = image.open_name()
    with transaction.atomic():
        now = database_now()
        readable = Image.objects.readable(now).select_for_update(no_key=True)
        current = readable.get(pk=image.pk)
        note(Action.TICKET_SAVED, owner=image.workspace.owner, by=by, image_id=image.pk)
        return _sign(current, {"name": name, "sha256": found, "size": size}, now)


def _look_at_original(image: Image) -> tuple[str, int]:
    """SHA-256 and length, of one opened chunk after the other: it is never whole in memory."""
    digest, size = hashlib.sha256(), 0
    blob = image.blobs.filter(kind="original", stored=True).first()
    if blob is None:
        raise Image.DoesNotExist
    for chunk in read_blob(image.open_key(), image.prefix, blob.generation, "original"):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _sign(image: Image, file: dict[str, Any], now: datetime) -> dict[str, Any]:
    key = publish_key(now)
    content = file | {
        "v": VERSION,
        "type": "ticket",
        "image": str(image.pk),
        "received_at": in_text(image.received_at),
        "due_at": in_text(image.purge_at),
        "issued_at": in_text(now),
        "key": key.id,
    }
    return content | {"signature": key.sign(canonical(content))}
