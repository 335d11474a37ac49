"""Versions of an image: what somebody has made of its mask, and how they want it shown.

Version 0 is the model's mask, and has no row. A version never changes; going back to an earlier one
is a change of the image's `head` alone.
"""

import re
from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from processing.models.image import Image

_VERSIONED = re.compile(r"v([1-9][0-9]{0,8})\..+")


class Edit(models.Model):
    """A small version. Its strokes outline what is in the photo: they are a sealed blob, like a
    picture that is put behind it. Here are only numbers, and options in words of lists.
    """

    # No index of its own: the constraints' begin with it.
    image = models.ForeignKey(Image, models.PROTECT, related_name="edits", db_index=False)
    number = models.IntegerField()
    base = models.IntegerField()  # The version that it was made from.
    options = models.JSONField(default=dict)
    # The versions that brought the strokes and the picture, which are stored once; 0 is none.
    strokes = models.IntegerField(default=0)
    picture = models.IntegerField(default=0)
    # Saved twice it is one version. Made with the image's key, so that it tells nothing without it.
    fingerprint = models.CharField(max_length=64)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["image", "number"], name="one_edit_per_number"),
            models.UniqueConstraint(
                fields=["image", "base", "fingerprint"], name="one_edit_per_content"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of image {self.image_id}"


def kind_at(version: int, file: str) -> str:
    """The kind of the blob that holds this file of a version."""
    return f"v{version}.{file}" if version else file


def version_of(kind: str) -> int:
    """The version whose file a kind is."""
    found = _VERSIONED.fullmatch(kind)
    return int(found[1]) if found else 0


def options_at(image_id: UUID, version: int) -> dict[str, Any]:
    """How a version is shown. Raises Edit.DoesNotExist."""
    if not version:
        return {}
    found: dict[str, Any] = Edit.objects.values_list("options", flat=True).get(
        image_id=image_id, number=version
    )
    return found
