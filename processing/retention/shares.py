"""How long links live: never longer than what they lead to.

Three things hold it: a link gets no later end than the earliest deadline of its images, an image
that is shortened takes its links along, and whoever reads through a link asks for images that are
readable at that moment. The rows go with the last of a link's images.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from processing.models import Image, Share, ShareDownload, ShareItem
from processing.retention import deadlines

REMEMBERED = timedelta(hours=24)


def latest_end(images: Iterable[Image], created_at: datetime) -> datetime:
    """The latest end of a link to these: the earliest deadline of them.

    What an opt-in keeps has none. A link to it lives for as long as a photo that came with it would
    be readable: kept for training is not published for good.
    """
    longest = created_at + deadlines.live_time(settings.RETENTION)
    return min((longest, *(image.purge_at for image in images if not image.kept)))


def shorten_with(image: Image) -> None:
    """An image that has got an earlier deadline gives it to its links. In the same transaction.

    One that is not there long enough for a link to have begun ends it right after its beginning.
    """
    theirs = Share.objects.filter(items__image=image, expires_at__gt=image.purge_at)
    # In one order, like everybody who locks several.
    ids = list(theirs.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    for share in Share.objects.filter(pk__in=ids):
        share.expires_at = max(image.purge_at, share.created_at + timedelta(microseconds=1))
        share.save(update_fields=["expires_at"])


def go_with(image_ids: Collection[UUID]) -> None:
    """The rows of links to images whose own rows go now; of a link without images, all of it.

    Needs a transaction. The links are locked: of two that each take one of its images, the second
    sees that it was the last.
    """
    items = ShareItem.objects.filter(image_id__in=image_ids)
    ids = set(items.values_list("share_id", flat=True))
    if ids:
        shares = Share.objects.filter(pk__in=ids)
        list(shares.select_for_update().order_by("pk").values_list("pk"))
        items.delete()
        _remove(list(shares.filter(items__isnull=True).values_list("pk", flat=True)))


def forget_old_shares(now: datetime) -> int:
    """Removes links that ended a day ago and whose images are kept; how many there were."""
    old = Share.objects.filter(expires_at__lte=now - REMEMBERED)
    ids = list(old.values_list("pk", flat=True))
    _remove(ids)
    return len(ids)


def _remove(share_ids: Collection[UUID]) -> None:
    for table in (ShareItem, ShareDownload):
        table.objects.filter(share_id__in=share_ids).delete()
    Share.objects.filter(pk__in=share_ids).only("pk").delete()
