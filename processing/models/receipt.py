"""Receipts: what is left of an erased image. Ids, times, sizes, numbers; no name, no content."""

from typing import ClassVar

from django.db import models

from accounts.models import AppendOnly, Workspace
from processing.models.reason import Reason


class ReceiptKey(AppendOnly):
    """A public key that receipts were signed with. Old ones stay, so that old receipts verify."""

    id = models.CharField(max_length=16, primary_key=True)  # Of the key's SHA-256, hexadecimal.
    public_key = models.CharField(max_length=64)  # Ed25519, base64.
    first_used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt key {self.id}"


class Receipt(AppendOnly):
    """Signed and hash-chained; see processing/retention/receipts.py for what is signed."""

    number = models.BigIntegerField(primary_key=True)  # Its place in the chain, from 1.
    image_id = models.UUIDField(unique=True)  # No key: the image is gone.
    # No index of its own: `receipt_newest_first` begins with it.
    workspace = models.ForeignKey(
        Workspace, models.PROTECT, related_name="receipts", db_index=False
    )
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()  # The image's purge_at.
    kept_until = models.DateTimeField(null=True)  # When a training opt-in that kept it ended.
    unreadable_at = models.DateTimeField()
    erased_at = models.DateTimeField()  # Absence was checked.
    size = models.BigIntegerField()  # Of the photo, in bytes.
    copies = models.JSONField()  # Kind to number, of everything that was ever recorded of it.
    objects_deleted = models.IntegerField()  # In the storage, known to a row or not.
    reason = models.CharField(max_length=18, choices=Reason.choices)
    key = models.ForeignKey(ReceiptKey, models.PROTECT, related_name="+", db_index=False)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=88)  # Ed25519, base64.

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-number"], name="receipt_newest_first")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hash"], name="one_receipt_per_hash")
        ]

    def __str__(self) -> str:
        return f"receipt {self.number}"
