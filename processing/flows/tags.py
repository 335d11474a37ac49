"""Tags: words of a person's own on images, to find them by.

They are sealed like names, and found by their digests (processing.storage.finding).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.audit import Actor, note
from accounts.models import Action
from processing.access import workspaces_of
from processing.errors import BadTag, TooManyTags
from processing.models import Image, ImageQuerySet, Tag, alike, database_now
from processing.storage import KeyGone, Opener, SealBroken, digests_alive

MOST = 20  # Of one image.
MOST_CHARACTERS = 40
BATCH = 100
LATEST = 1000  # So many taggings are looked at for the tags that a page offers.
OFFERED = 100  # So many different digests among them; a word has one for each epoch.
GONE = (KeyGone, SealBroken)


@dataclass
class Tagged:
    """`done` have the tag now (or have it no more), `full` have as many as one can have."""

    done: list[UUID] = field(default_factory=list)
    full: list[UUID] = field(default_factory=list)


def read_word(text: str) -> str:
    """A tag as it is written and compared. Raises BadTag."""
    word = " ".join(unicodedata.normalize("NFC", text).split())
    if not word or len(word) > MOST_CHARACTERS or not word.isprintable():
        raise BadTag
    return word


def tag(images: Iterable[Image], word: str, by: Actor) -> Tagged:
    """Puts the word on each of them that can still be read.

    Raises TooManyTags where there is room for it on none.
    """
    tagged = Tagged()
    for ids in _parts(images):
        with transaction.atomic():
            for image, tags in _locked(ids):
                if _with(word, tags):
                    tagged.done.append(image.pk)
                elif len(tags) >= MOST:
                    tagged.full.append(image.pk)
                else:
                    Tag.of(image, word).save(force_insert=True)
                    _note(image, "added", by)
                    tagged.done.append(image.pk)
    if tagged.full and not tagged.done:
        raise TooManyTags
    return tagged


def untag(images: Iterable[Image], word: str, by: Actor) -> Tagged:
    """Takes the word off each of them."""
    tagged = Tagged()
    for ids in _parts(images):
        with transaction.atomic():
            for image, tags in _locked(ids):
                if found := _with(word, tags):
                    Tag.objects.filter(pk__in=[each.pk for each in found]).delete()
                    _note(image, "removed", by)
                tagged.done.append(image.pk)
    return tagged


def words_of(image: Image) -> list[str]:
    """The image's tags, in the order of the alphabet."""
    found = Tag.objects.filter(image=image).select_related("image")
    return sorted((word for _, word in _opened(found)), key=alike)


def with_tag(images: ImageQuerySet, word: str, workspaces: Sequence[UUID]) -> ImageQuerySet:
    """Those of them that have the tag."""
    kept = Image.objects.filter(workspace_id__in=workspaces, kept=True)
    pairs = list(kept.values_list("consent_id", "owner_consent_id").distinct())
    digests = [
        digest for one in workspaces for digest in digests_alive(alike(word), one.bytes, pairs)
    ]
    found = Tag.objects.filter(Q(digest__in=digests) | Q(kept_digest__in=digests))
    return images.filter(pk__in=found.values("image"))


def latest_words(user: object) -> list[str]:
    """The tags that a user and theirs have given last, in the order of the alphabet."""
    readable = Image.objects.readable(database_now())
    theirs = Tag.objects.filter(
        Exists(readable.filter(pk=OuterRef("image"))), workspace_id__in=workspaces_of(user)
    )
    first: dict[str | None, int] = {}
    for key, digest, kept_digest in theirs.order_by("-id").values_list(
        "pk", "digest", "kept_digest"
    )[:LATEST]:
        first.setdefault(kept_digest or digest, key)
    some = Tag.objects.filter(pk__in=list(first.values())[:OFFERED]).select_related("image")
    words = {alike(word): word for _, word in _opened(some)}
    return [words[key] for key in sorted(words)]


def _parts(images: Iterable[Image]) -> Iterator[list[UUID]]:
    """In one order, so that two who tag the same images wait for each other and not in a circle."""
    ids = sorted(image.pk for image in images)
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _locked(ids: Sequence[UUID]) -> Iterator[tuple[Image, dict[str, list[Tag]]]]:
    """Those that can be read, behind the lock that erasing takes, each with its tags by word."""
    readable = Image.objects.readable(database_now()).select_related("workspace__owner")
    locked = readable.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    images = list(locked.order_by("pk"))
    tags: dict[UUID, dict[str, list[Tag]]] = defaultdict(lambda: defaultdict(list))
    for each, word in _opened(Tag.objects.filter(image__in=images).select_related("image")):
        tags[each.image_id][alike(word)].append(each)
    return ((image, tags[image.pk]) for image in images)


def _with(word: str, tags: dict[str, list[Tag]]) -> list[Tag]:
    return tags.get(alike(word), [])


def _opened(tags: Iterable[Tag]) -> Iterator[tuple[Tag, str]]:
    keys = Opener()
    for each in tags:
        try:
            yield each, each.open(keys)
        except GONE:
            continue  # Its epoch ended this moment.


def _note(image: Image, detail: str, by: Actor) -> None:
    owner = image.workspace.owner
    note(Action.IMAGE_TAGGED, owner=owner, by=by, image_id=image.pk, detail=detail)
