"""Opening a link: by whoever has its address, and its password where it has one.

What never was, has ended, is paused, used up or erased, or was made by somebody who was shut out
since, is all the same from here: ShareGone.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.audit import Actor, note_often
from accounts.models import Action
from processing.access import shared_items
from processing.errors import PasswordNeeded, ShareGone, TooManyTries, WrongPassword
from processing.flows.attempts import Attempt, Limit
from processing.flows.share import hash_of
from processing.models import Share, ShareItem, ShareQuerySet, database_now

PER_LINK = Limit("link", most=30, seconds=600)
PER_NETWORK = Limit("link-network", most=10, seconds=600)


@dataclass(frozen=True)
class Visit:
    """A link that is open, with the images that can be read through it now."""

    share: Share
    items: list[ShareItem]
    now: datetime

    @property
    def ends_at(self) -> datetime:
        """Earlier than the link's own end where an image's is, whatever the link's row says."""
        deadlines = (item.image.purge_at for item in self.items if not item.image.kept)
        return min((self.share.expires_at, *deadlines))

    @property
    def downloads_left(self) -> int | None:
        limit = self.share.download_limit
        return None if limit is None else limit - self.share.downloads

    def item(self, place: int) -> ShareItem:
        """Raises ShareGone."""
        found = next((item for item in self.items if item.place == place), None)
        if found is None:
            raise ShareGone
        return found


def visit(token: str, key: str, place: int | None = None) -> Visit:
    """`key` is what `unlock` gave, or empty; with `place`, that image alone is looked up.

    Raises ShareGone, PasswordNeeded.
    """
    found = find(token, place)
    if not is_unlocked(found.share, key):
        raise PasswordNeeded
    return found


def find(token: str, place: int | None = None) -> Visit:
    """Whether it has a password or not. Raises ShareGone."""
    now = database_now()
    shares: ShareQuerySet = Share.objects.all()
    return visit_of(token, shares.open(now), now, place)


def visit_of(token: str, among: ShareQuerySet, now: datetime, place: int | None = None) -> Visit:
    """Raises ShareGone."""
    hashed = hash_of(token)
    found = among.filter(token_hash=hashed, created_by__is_active=True)
    share = found.select_related("workspace__owner").first()
    # The index has compared hashes of 192 random bits, which tells nobody how near a guess was.
    if share is None or not hmac.compare_digest(share.token_hash, hashed):
        raise ShareGone
    found_items = shared_items(share, now)
    items = list(found_items if place is None else found_items.filter(place=place))
    if not items:
        raise ShareGone
    return Visit(share, items, now)


def note_view(opened: Visit, by: Actor) -> None:
    """For the owner to read: once an hour for each network, however often a page is reloaded."""
    share = opened.share
    note_often(Action.SHARE_VIEWED, owner=share.workspace.owner, by=by, share_id=share.pk)


def unlock(token: str, password: str, by: Actor) -> str:
    """The key that `visit` takes.

    Raises ShareGone, WrongPassword, TooManyTries: 10 wrong ones from one network and 30 for one
    link in ten minutes are looked at, whoever sends them, and none after that.
    """
    share = find(token).share
    attempt = Attempt((PER_LINK, str(share.pk)), (PER_NETWORK, by.address))
    if not attempt.begin():
        raise TooManyTries
    if share.password_hash and not check_password(password, share.password_hash):
        raise WrongPassword
    attempt.take_back()
    return key_of(share)


def is_unlocked(share: Share, key: str) -> bool:
    return not share.password_hash or constant_time_compare(key, key_of(share))


def key_of(share: Share) -> str:
    """Another password has another key: whoever knew the one before is asked again."""
    value = f"{share.pk} {share.password_hash}"
    return salted_hmac("processing.share", value, algorithm="sha256").hexdigest()
