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
from processing.storage import (
    KeyGone,
    Opener,
    epoch_of,
    make_image_key,
    make_kept_key,
    open_image_key,
    open_text,
    rewrap_image_key,
    rewrap_kept_key,
    seal_text,
    wrap_image_key,
)

DUE_SHARE = 23 / 24  # As retention.deadlines has it, which lies above.


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

    def because_of(self, user: User) -> Self:
        """A user's own in any workspace, and whatever is in workspaces that are theirs.

        By two indexes: joined to their owner, the workspaces would be looked up for every image.
        """
        owned = Workspace.objects.filter(owner=user)
        return self.filter(Q(uploaded_by=user) | Q(workspace__in=owned))


def random_prefix() -> str:
    return os.urandom(16).hex()


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


class Image(models.Model):
    """One upload and everything made from it: the unit that is shown, kept or erased."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: `image_newest_first` begins with it.
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="images", db_index=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    life = models.CharField(max_length=9, choices=Life.choices, default=Life.RECEIVING)
    received_at = models.DateTimeField()
    purge_at = models.DateTimeField()
    erase_after_download = models.BooleanField(default=False)

    # The opt-in: the entries of the ledger, the uploader's and the workspace owner's, under which
    # it came, and whether it still holds. It never begins to hold again (a trigger refuses).
    kept = models.BooleanField(default=False)
    consent = models.ForeignKey(
        ConsentEntry, models.PROTECT, null=True, related_name="+", db_index=False
    )
    owner_consent = models.ForeignKey(
        ConsentEntry, models.PROTECT, null=True, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)

    # Erasing, once it has begun: why, what was deleted, and when it is looked at again.
    erasing_since = models.DateTimeField(null=True)
    reason = models.CharField(max_length=18, choices=Reason.choices, blank=True)
    quiet_at = models.DateTimeField(null=True)  # From then on no worker can still be writing.
    shredded_at = models.DateTimeField(null=True)
    objects_deleted = models.IntegerField(default=0)
    erase_tries = models.IntegerField(default=0)
    look_again_at = models.DateTimeField(null=True)

    prefix = models.CharField(max_length=32, default=random_prefix)
    epoch = models.BigIntegerField()
    wrapped_key = models.BinaryField(null=True)  # By the epoch's key.
    kept_key = models.BinaryField(null=True)  # The same key, by the keys of both consents.
    sealed_name = models.BinaryField(null=True)

    kind = models.CharField(max_length=8)
    size = models.BigIntegerField(default=0)  # In bytes, as sent.
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)

    # Versions (see Edit): whose files are given out, and which was saved or chosen last. The first
    # follows the second once a worker has made its files.
    version = models.IntegerField(default=0)
    head = models.IntegerField(default=0)

    # The sender's key of a request and the file's place in it: sent twice, it is one image.
    request_key = models.CharField(max_length=64, null=True)  # noqa: DJ001  Unique where given.
    request_index = models.IntegerField(default=0)
    # A random number of the sender's: what was dropped, or sent in one request, is one batch.
    batch = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["Image"]] = ImageQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["purge_at", "id"],
                condition=Q(kept=False) & ~Q(life=Life.ERASING),
                name="image_by_deadline",
            ),
            models.Index(
                fields=["received_at", "id"],
                condition=Q(life=Life.RECEIVING),
                name="image_arriving",
            ),
            models.Index(
                fields=["workspace", "received_at"], condition=Q(kept=True), name="image_kept"
            ),
            models.Index(fields=["workspace", "-received_at", "-id"], name="image_newest_first"),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="image_of_batch"),
            # Of a sweep all have the same time: without the id they come in the order of the rows,
            # with it each would be written to a place of its own.
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
            # Not `unique=True`: on PostgreSQL that brings a second index, for LIKE.
            models.UniqueConstraint(fields=["prefix"], name="one_image_per_prefix"),
            models.UniqueConstraint(
                fields=["workspace", "request_key", "request_index"],
                condition=Q(request_key__isnull=False),
                name="one_image_per_file_of_a_request",
            ),
        ]

    def __str__(self) -> str:
        return f"image {self.id}"

    def give_key(self, name: str) -> None:
        """A key of its own, under the epoch of its deadline, and its file name sealed with it."""
        self.epoch = self._epoch()
        key, self.wrapped_key = make_image_key(self.id.bytes, self.epoch)
        self.sealed_name = seal_text(name, key, self._name_place)

    def keep(self, consent: ConsentEntry, owner_consent: ConsentEntry) -> None:
        """Both have opted in: its key is wrapped once more, for as long as they let it.

        After `give_key`, before it is saved for the first time: nothing begins to be kept later.
        Raises storage.KeyGone for an opt-in whose secret was destroyed: it was withdrawn.
        """
        grants = (consent.pk, owner_consent.pk)
        self.kept_key = make_kept_key(self.id.bytes, self.open_key(), grants)
        self.consent, self.owner_consent, self.kept = consent, owner_consent, True

    def shorten(self, to: datetime) -> None:
        """An earlier deadline, and the key under its epoch. The caller saves, with the row locked.

        The digest of its request dies with the epoch that it leaves. Raises ValueError for a later
        one, storage.KeyGone when the key's epoch has ended. What is kept for training stays kept.
        """
        if to > self.purge_at:
            raise ValueError("nothing lengthens the life of an image")
        key = open_image_key(self.id.bytes, self.epoch, _bytes(self.wrapped_key))
        before, self.purge_at = self.epoch, to
        self.epoch = self._epoch()
        self.request_key = self.request_key if self.epoch == before else None
        self.wrapped_key = wrap_image_key(self.id.bytes, key, self.epoch)

    def rewrap(self) -> bool:
        """Its key under the master key of now; False where it is already. The caller saves.

        Raises storage.KeyGone when nothing opens it any more.
        """
        changed = False
        try:
            again = rewrap_image_key(self.id.bytes, self.epoch, _bytes(self.wrapped_key))
            self.wrapped_key, changed = again or self.wrapped_key, again is not None
        except KeyGone:
            if not self.kept:
                raise
        if self.kept:
            again = rewrap_kept_key(self.id.bytes, _bytes(self.kept_key), self.grants)
            self.kept_key, changed = again or self.kept_key, changed or again is not None
        return changed

    def open_key(self, keys: Opener | None = None) -> bytes:
        """Raises storage.KeyGone once it was destroyed.

        What is kept opens by its consents when its epoch has ended. With `keys` many open faster.
        """
        keys = keys or Opener()
        try:
            return keys.image_key(self.id.bytes, self.epoch, _bytes(self.wrapped_key))
        except KeyGone:
            if not self.kept:
                raise
            return keys.kept_key(self.id.bytes, _bytes(self.kept_key), self.grants)

    def open_name(self, keys: Opener | None = None) -> str:
        """Raises storage.KeyGone once the key was destroyed."""
        return open_text(bytes(self.sealed_name or b""), self.open_key(keys), self._name_place)

    def _epoch(self) -> int:
        """Of a shorter life the epochs are narrower too."""
        retention = min(settings.RETENTION, (self.purge_at - self.received_at) / DUE_SHARE)
        return epoch_of(self.purge_at, retention)

    @property
    def grants(self) -> tuple[int, int]:
        """The entries of the ledger that it is kept under; 0, which none has, for a missing one."""
        return (self.consent_id or 0, self.owner_consent_id or 0)

    @property
    def _name_place(self) -> bytes:
        return f"{self.prefix}/name".encode()


class Blob(models.Model):
    """One sealed object of an image; the row is there before the bytes, `stored` comes after."""

    # No index of its own: the constraint's begins with it.
    image = models.ForeignKey(Image, models.PROTECT, related_name="blobs", db_index=False)
    kind = models.CharField(max_length=24)
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
