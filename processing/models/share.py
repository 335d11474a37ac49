"""Links to results, for whoever has one. Only a hash of the secret in a link's address is stored.

Nothing here outlives the images: what a share holds goes with the last of them.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User, Workspace
from processing.models.image import Image


class ShareQuerySet(models.QuerySet["Share"]):
    def open(self, now: datetime) -> Self:
        """Those that answer: not ended, paused, revoked or used up.

        By columns of their own alone: an update with this condition counts exactly, where a join
        would be looked up before the row is locked.
        """
        return self.going(now).filter(
            Q(download_limit__isnull=True) | Q(downloads__lt=F("download_limit"))
        )

    def going(self, now: datetime) -> Self:
        """The same with those that are used up: what was begun while there was room goes on."""
        return self.filter(
            expires_at__gt=now,
            paused_at__isnull=True,
            revoked_at__isnull=True,
        )


class Share(models.Model):
    """One link to one or many images: until when, for how many downloads, of which files."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # No index of its own: `share_newest_first` begins with it.
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="shares", db_index=False)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    token_hash = models.CharField(max_length=64)
    password_hash = models.CharField(max_length=128, blank=True)
    download_limit = models.IntegerField(null=True)
    downloads = models.IntegerField(default=0)
    # Words of processing.flows.share_terms.
    formats = models.JSONField(default=list)
    sizes = models.JSONField(default=list)
    originals = models.BooleanField(default=False)
    names = models.BooleanField(default=False)  # Whether visitors see the files' names.
    erase_after_last = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Share"]] = ShareQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="share_newest_first"),
            models.Index(fields=["expires_at"], name="share_by_end"),
        ]
        constraints: ClassVar = [
            # Not `unique=True`: on PostgreSQL that brings a second index, for LIKE.
            models.UniqueConstraint(fields=["token_hash"], name="one_share_per_address"),
            models.CheckConstraint(
                name="share_ends_after_it_began", condition=Q(expires_at__gt=F("created_at"))
            ),
            models.CheckConstraint(
                name="no_more_downloads_than_allowed",
                condition=Q(download_limit__isnull=True) | Q(downloads__lte=F("download_limit")),
            ),
            models.CheckConstraint(
                name="erased_after_a_last_download",
                condition=Q(erase_after_last=False) | Q(download_limit__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"share {self.id}"


class ShareItem(models.Model):
    """That an image is in a share, and as which: visitors see places, never ids."""

    # No index of its own: the constraint's begins with it.
    share = models.ForeignKey(Share, models.PROTECT, related_name="items", db_index=False)
    image = models.ForeignKey(Image, models.PROTECT, related_name="share_items")
    place = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["share", "place"], name="one_image_per_place")
        ]

    def __str__(self) -> str:
        return f"image {self.image_id} in share {self.share_id}"


class ShareDownload(models.Model):
    """One download that was counted. Its id is the ticket by which what broke off can go on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, models.PROTECT, related_name="taken")
    place = models.IntegerField(null=True)  # None: all of them, as one ZIP.
    format = models.CharField(max_length=8)
    size = models.CharField(max_length=8, blank=True)
    ends_at = models.DateTimeField()
    sent = models.BigIntegerField(default=0)  # Bytes, in however many pieces.
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"download {self.id}"
