"""The digest that a tag is found by dies with its image's epoch: of another epoch it is another."""

from collections.abc import Iterable

from processing.models import Image, Tag
from processing.storage import KeyGone


def digest_again(images: Iterable[Image]) -> None:
    """After the keys of these were wrapped anew, and that was saved. What opens no more keeps the
    digest that it has: the secret of it is gone."""
    tags = Tag.objects.filter(image__in=[image.pk for image in images]).select_related("image")
    changed = [tag for tag in tags if _is_digested(tag)]
    Tag.objects.bulk_update(changed, ["digest", "kept_digest"])


def _is_digested(tag: Tag) -> bool:
    try:
        tag.digest_again()
    except KeyGone:
        return False
    return True
