"""Uploads that come in parts: what is known of one until the whole is there."""

from django.db import models

from processing.models.image import Image

PART = "part"  # The kind of their blobs; the generation counts them from 1.


class Arrival(models.Model):
    """Of an image that arrives in parts, and of one whose parts are still to be removed."""

    image = models.OneToOneField(Image, models.PROTECT, primary_key=True, related_name="arrival")
    size = models.BigIntegerField()  # In bytes, of the whole, as its sender said before the first.
    model_asked = models.CharField(max_length=64, blank=True, default="")
    heard_at = models.DateTimeField()  # When a part last began or ended.

    def __str__(self) -> str:
        return f"arrival of image {self.pk}"
