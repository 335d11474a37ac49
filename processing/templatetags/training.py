"""What the account page says of kept photos, which it cannot know: accounts knows no images."""

from datetime import datetime
from typing import TypedDict

from django import template
from django.db.models import Count, Min, Q, Sum

from accounts.models import User
from processing.models import Blob, Image, ImageQuerySet, database_now

register = template.Library()


class Kept(TypedDict):
    count: int
    due: int  # Of these, the ones that go at once when the opt-in is turned off.
    later: int
    size: int  # In bytes, of the photos and all that was made from them.
    oldest: datetime | None


@register.simple_tag
def kept_for_training(user: User) -> Kept:
    """What is kept now because of this user's opt-in, in two queries."""
    images: ImageQuerySet = Image.objects.all()
    kept = images.because_of(user).filter(kept=True)
    found = kept.aggregate(
        count=Count("pk"),
        due=Count("pk", filter=Q(purge_at__lte=database_now())),
        oldest=Min("received_at"),
    )
    size = 0
    if found["count"]:
        blobs = Blob.objects.filter(image__in=kept, stored=True)
        size = blobs.aggregate(size=Sum("size"))["size"] or 0
    return Kept(
        count=found["count"],
        due=found["due"],
        later=found["count"] - found["due"],
        size=size,
        oldest=found["oldest"],
    )
