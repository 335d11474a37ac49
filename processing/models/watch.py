"""What the site knows about its own health: pulses, the vault's mark, staff's way to an image."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import User


class Pulse(models.Model):
    """The last round of a loop (`sweeper`, `patrol`), with what it found: numbers and words."""

    name = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name


class VaultMark(models.Model):
    """The id that the storage has to carry: a sweep before another one would find nothing there,
    and take it for erased."""

    alias = models.CharField(max_length=16, primary_key=True)
    mark = models.CharField(max_length=32)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mark of {self.alias}"


class StaffAccess(models.Model):
    """Breaking the glass: somebody of the staff may look at one image, for a stated reason, for a
    short time that never goes beyond the image's own. Its owner sees all of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(User, models.PROTECT, related_name="+")
    image_id = models.UUIDField()  # No key: the row outlives the image, for its owner to read.
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["staff", "image_id", "ends_at"], name="staff_access_open"),
            models.Index(fields=["ends_at"], name="staff_access_by_age"),
        ]

    def __str__(self) -> str:
        return f"staff access {self.id}"
