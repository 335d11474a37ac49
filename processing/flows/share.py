"""Links: made, changed, paused and ended by those whose images they lead to.

The secret of a link's address is told once, when it is made; a hash of it is all that stays.
Whoever has lost it makes the link a new address, and the old one leads nowhere.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.audit import Actor, note
from accounts.models import Action, User, Workspace
from processing.access import images_of, shared_items, shares_of
from processing.errors import BadShare, NotCutOut, ShareEnded, ShareTooLong, TooManyShares
from processing.flows.share_terms import AS_USUAL, Terms
from processing.models import Image, Job, JobState, Share, ShareItem, Task, database_now
from processing.phrases import phrase
from processing.retention.shares import latest_end

MOST_IMAGES = 500  # Of one link.
MOST_SHARES = 200  # Of one workspace, those that have ended left out.
SECRET_BYTES = 24


@dataclass(frozen=True)
class Made:
    """A link with its secret, which is known at this moment and never again."""

    share: Share
    token: str


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def create(user: User, image_ids: Sequence[UUID], terms: Terms, by: Actor) -> Made:
    """A link to these images, in this order.

    Raises Image.DoesNotExist where one of them is not theirs to read, NotCutOut, BadShare,
    ShareTooLong, TooManyShares.
    """
    ids = list(dict.fromkeys(image_ids))
    if not 0 < len(ids) <= MOST_IMAGES:
        raise BadShare.named("id", phrase("1 to %(most)s images", most=MOST_IMAGES))
    chosen: Terms = {**AS_USUAL, **terms}
    token = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        images = _lock_images(user, ids)
        now = database_now()
        share = Share(
            workspace=images[0].workspace,
            created_by=user,
            created_at=now,
            expires_at=_end(chosen["life"], latest_end(images, now), now),
            token_hash=hash_of(token),
        )
        _check_room(share, now)
        _apply(share, chosen)
        share.save(force_insert=True)
        places = {image_id: place for place, image_id in enumerate(ids, start=1)}
        ShareItem.objects.bulk_create(
            ShareItem(share=share, image=image, place=places[image.pk]) for image in images
        )
        _note(Action.SHARE_CREATED, share, by, count=len(images))
    return Made(share, token)


def change(user: User, share_id: UUID, terms: Terms, by: Actor) -> Share:
    """Other terms for a link; only those that are given. `life` counts from now.

    Raises Share.DoesNotExist, ShareEnded, BadShare, ShareTooLong.
    """
    with transaction.atomic():
        share, now = _lock(user, share_id), database_now()
        images = [item.image for item in shared_items(share, now)]
        if not images or _is_over(share, now):
            raise ShareEnded
        if "life" in terms:
            share.expires_at = _end(terms["life"], latest_end(images, share.created_at), now)
        _apply(share, terms)
        share.save()
        if terms.get("password"):
            # Whoever had begun has to enter it too: what is under way is read no further.
            share.taken.filter(ends_at__gt=now).update(ends_at=now)
        _note(Action.SHARE_CHANGED, share, by, detail=_changed(terms))
    return share


def pause(user: User, share_id: UUID, by: Actor) -> Share:
    """From now on nobody sees anything through it. Raises Share.DoesNotExist, ShareEnded."""
    with transaction.atomic():
        share, now = _lock(user, share_id), database_now()
        if _is_over(share, now):
            raise ShareEnded
        if share.paused_at is None:
            share.paused_at = now
            share.save(update_fields=["paused_at"])
            _note(Action.SHARE_PAUSED, share, by)
    return share


def resume(user: User, share_id: UUID, by: Actor) -> Share:
    """Raises Share.DoesNotExist, ShareEnded."""
    with transaction.atomic():
        share = _lock(user, share_id)
        if _is_over(share, database_now()):
            raise ShareEnded
        if share.paused_at is not None:
            share.paused_at = None
            share.save(update_fields=["paused_at"])
            _note(Action.SHARE_CHANGED, share, by, detail="resumed")
    return share


def revoke(user: User, share_id: UUID, by: Actor) -> Share:
    """For good; one that is over already stays as it is. Raises Share.DoesNotExist."""
    with transaction.atomic():
        share, now = _lock(user, share_id), database_now()
        if share.revoked_at is None:
            share.revoked_at = now
            share.save(update_fields=["revoked_at"])
            _note(Action.SHARE_REVOKED, share, by)
    return share


def renew(user: User, share_id: UUID, by: Actor) -> Made:
    """Another address for the same link: the one before leads nowhere from now on.

    Raises Share.DoesNotExist, ShareEnded.
    """
    token = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        share = _lock(user, share_id)
        if _is_over(share, database_now()):
            raise ShareEnded
        share.token_hash = hash_of(token)
        share.save(update_fields=["token_hash"])
        _note(Action.SHARE_CHANGED, share, by, detail="new address")
    return Made(share, token)


def _lock(user: User, share_id: UUID) -> Share:
    return shares_of(user).select_for_update(no_key=True, of=("self",)).get(pk=share_id)


def _lock_images(user: User, ids: Sequence[UUID]) -> list[Image]:
    """All of them, cut out and of one workspace; none is erased while a link to it is made."""
    theirs = images_of(user).filter(pk__in=ids).select_related("workspace__owner")
    images = list(theirs.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    if len(images) < len(ids):
        raise Image.DoesNotExist
    done = Job.objects.filter(image__in=ids, task=Task.CUT_OUT, state=JobState.DONE)
    if done.values("image").distinct().count() < len(ids):
        raise NotCutOut
    if len({image.workspace_id for image in images}) > 1:
        raise BadShare.named("id", phrase("images of one workspace"))
    return images


def _check_room(share: Share, now: datetime) -> None:
    """With the workspace locked, so that two at once are counted one after the other."""
    Workspace.objects.select_for_update(no_key=True).get(pk=share.workspace_id)
    others = Share.objects.filter(workspace=share.workspace, revoked_at__isnull=True)
    if others.filter(expires_at__gt=now).count() >= MOST_SHARES:
        raise TooManyShares


def _end(life: timedelta | None, latest: datetime, now: datetime) -> datetime:
    if life is None:
        return latest
    if now + life > latest:
        raise ShareTooLong
    return now + life


def _is_over(share: Share, now: datetime) -> bool:
    """What ended at its time or was ended stays so; used up is only as long as its limit holds."""
    return share.revoked_at is not None or share.expires_at <= now


def _apply(share: Share, terms: Terms) -> None:
    for name in ("download_limit", "formats", "sizes", "originals", "names", "erase_after_last"):
        if name in terms:
            setattr(share, name, terms[name])
    if "password" in terms:
        share.password_hash = make_password(terms["password"]) if terms["password"] else ""
    if share.download_limit is None and share.erase_after_last:
        raise BadShare(
            phrase("Without a limit no download is the last one. Choose one for “downloads”.")
        )
    if share.download_limit is not None and share.download_limit < share.downloads:
        more = phrase("%(number)s or more: there were as many already", number=share.downloads)
        raise BadShare.named("downloads", more)


def _changed(terms: Terms) -> str:
    """What was changed, in words of a list."""
    return ", ".join(sorted(name.replace("_", " ") for name in terms))


def _note(action: Action, share: Share, by: Actor, *, count: int = 1, detail: str = "") -> None:
    owner = share.workspace.owner
    note(action, owner=owner, by=by, share_id=share.pk, count=count, detail=detail)
