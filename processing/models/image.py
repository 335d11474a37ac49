"""Images and their blobs. No column holds anything that a person could recognise a photo by."""

import os
import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import ConsentEntry, User, Workspace
from processing.models.reason import Reason
from processing.storage import epoch_of, make_image_key, open_image_key, open_text, seal_text


class Life(models.TextChoices):
    RECEIVING = "receiving"
    LIVE = "live"
    ERASING = "erasing"


class ImageQuerySet(models.QuerySet["Image"]):
    def readable(self, now: datetime) -> Self:
        """Promise 4: past `purge_at` nothing reads, whether the sweeper lives or not.

        What its owner has opted in to keep has no end until they opt out.
        """
        return self.filter(Q(purge_at__gt=now) | Q(kept=True), life=Life.LIVE)

    def due(self, now: datetime) -> Self:
        """By time alone, never by state: what is stuck is due like everything else."""
        return self.filter(purge_at__lte=now, kept=False)


def random_prefix() -> str:
    return os.urandom(16).hex()


class Image(models.Model):
    """One upload and everything made from it: the unit that is shown, kept or erased."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="images")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    life = models.CharField(max_length=9, choices=Life.choices, default=Life.RECEIVING)
    received_at = models.DateTimeField()
    purge_at = models.DateTimeField()
    erase_after_download = models.BooleanField(default=False)

    # The opt-in: the entries of the ledger, the uploader's and the workspace owner's, under which
    # it came, and whether it still holds. It never begins to hold again (a trigger refuses).
    kept = models.BooleanField(default=False)
    consent = models.ForeignKey(ConsentEntry, models.PROTECT, null=True, related_name="+")
    owner_consent = models.ForeignKey(ConsentEntry, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    # Erasing, once it has begun: why, what was deleted, and when it is looked at again.
    erasing_since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=18, choices=Reason.choices, blank=True)
    quiet_at = models.DateTimeField(null=True)  # From then on no worker can still be writing.
    shredded_at = models.DateTimeField(null=True)
    objects_deleted = models.IntegerField(default=0)
    erase_tries = models.IntegerField(default=0)
    look_again_at = models.DateTimeField(null=True)

    prefix = models.CharField(max_length=32, unique=True, default=random_prefix)
    epoch = models.BigIntegerField()
    wrapped_key = models.BinaryField(null=True)  # By the epoch's key.
    kept_key = models.BinaryField(null=True)  # The same key, by the keys of both consents.
    sealed_name = models.BinaryField(null=True)

    kind = models.CharField(max_length=8)
    size = models.BigIntegerField(default=0)  # In bytes, as sent.
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)

    # The sender's key of a request and the file's place in it: sent twice, it is one image.
    request_key = models.CharField(max_length=64, null=True)  # noqa: DJ001  Unique where given.
    request_index = models.IntegerField(default=0)

    objects: ClassVar[models.Manager["Image"]] = ImageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["purge_at"],
                condition=Q(kept=False) & ~Q(life=Life.ERASING),
                name="image_by_deadline",
            ),
            models.Index(
                fields=["received_at"],
                condition=Q(life=Life.RECEIVING),
                name="image_arriving",
            ),
            models.Index(
                fields=["workspace", "received_at"], condition=Q(kept=True), name="image_kept"
            ),
            models.Index(fields=["workspace", "-received_at", "-id"], name="image_newest_first"),
            models.Index(
                fields=["look_again_at"],
                condition=Q(life=Life.ERASING),
                name="image_being_erased",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="purge_at_within_23_hours",
                condition=Q(purge_at__gt=F("received_at"))
                & Q(purge_at__lte=F("received_at") + timedelta(hours=23)),
            ),
            models.CheckConstraint(
                name="no_key_while_erasing",
                condition=~Q(life=Life.ERASING)
                | Q(wrapped_key__isnull=True, kept_key__isnull=True, sealed_name__isnull=True),
            ),
            models.CheckConstraint(
                name="erasing_is_looked_at_again",
                condition=~Q(life=Life.ERASING)
                | Q(erasing_since__isnull=False, look_again_at__isnull=False, kept=False)
                & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="kept_with_both_consents",
                condition=Q(kept=False)
                | Q(
                    consent__isnull=False,
                    owner_consent__isnull=False,
                    kept_key__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="no_kept_key_without_keeping",
                condition=Q(kept=True) | Q(kept_key__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["workspace", "request_key", "request_index"],
                name="one_image_per_file_of_a_request",
            ),
        ]

    def __str__(self) -> str:
        return f"image {self.id}"

    def give_key(self, name: str) -> None:
        """A key of its own, under the epoch of its deadline, and its file name sealed with it."""
        self.epoch = epoch_of(self.purge_at, settings.RETENTION)
        key, self.wrapped_key = make_image_key(self.id.bytes, self.epoch)
        self.sealed_name = seal_text(name, key, self._name_place)

    def open_key(self) -> bytes:
        """Raises storage.KeyGone once it was destroyed."""
        wrapped = bytes(self.wrapped_key) if self.wrapped_key else None
        return open_image_key(self.id.bytes, self.epoch, wrapped)

    def open_name(self) -> str:
        """Raises storage.KeyGone once the key was destroyed."""
        return open_text(bytes(self.sealed_name or b""), self.open_key(), self._name_place)

    @property
    def _name_place(self) -> bytes:
        return f"{self.prefix}/name".encode()


class Blob(models.Model):
    """One sealed object of an image; the row is there before the bytes, `stored` comes after."""

    image = models.ForeignKey(Image, models.PROTECT, related_name="blobs")
    kind = models.CharField(max_length=16)
    generation = models.IntegerField()
    size = models.BigIntegerField(default=0)
    stored = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["image", "kind", "generation"], name="one_blob_per_kind_and_generation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of image {self.image_id}"
