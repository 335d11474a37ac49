"""A shorter life: chosen for a workspace, for an upload, or for an image that is here already.

Only ever shorter: what is asked for beyond the life in force is refused, and the database refuses
it too. Whoever chooses a shorter life for a photo also chooses that it is not kept for training.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.audit import Actor, note
from accounts.models import Action, Workspace
from processing.errors import BadEraseAfter
from processing.models import Image, Life, database_now
from processing.phrases import phrase
from processing.retention import deadlines, shares, tags
from processing.storage import KeyGone, destroy_kept

StoredKey = Callable[[int], str | None]  # By the epoch: flows.submit.Sender.stored_key.
DOWNLOAD = "download"
MINUTE = 60
OFFERED = (43_200, 21_600, 3_600)  # Seconds: what a page offers, where the site's life is longer.
_UNITS = {"s": 1, "m": MINUTE, "h": 3600}


@dataclass(frozen=True)
class Shorter:
    """What a sender asked for: a life of its own, counted from the first byte, or the download."""

    life: timedelta | None = None
    after_download: bool = False

    def __bool__(self) -> bool:
        return self.life is not None or self.after_download


AS_USUAL = Shorter()


def read_choice(text: str, most: timedelta) -> Shorter:
    """`10m`, `1h`, `90s` or `download`; nothing asked for is the life in force.

    Raises BadEraseAfter for anything else, for less than a minute and for more than `most`.
    """
    if not text:
        return AS_USUAL
    if text == DOWNLOAD:
        return Shorter(after_download=True)
    life = _length(text)
    if life is None or life < deadlines.SHORTEST:
        raise BadEraseAfter
    if life > most:
        raise BadEraseAfter.longer_than(in_short(most))
    return Shorter(life)


def life_in_force(workspace: Workspace | None) -> timedelta:
    """The site's, or the workspace's where that is shorter."""
    chosen = workspace.retention_seconds if workspace else None
    return min(settings.RETENTION, timedelta(seconds=chosen)) if chosen else settings.RETENTION


def offered_lives() -> list[int]:
    """Seconds: the lives shorter than the site's that a page offers."""
    return [one for one in OFFERED if one < settings.RETENTION.total_seconds()]


def _unknown(epoch: int) -> None:
    """The sender's key of the request is not at hand: of another epoch it has no digest."""


def shorten(image: Image, choice: Shorter, by: Actor, stored_key: StoredKey = _unknown) -> None:
    """Gives an image that has just come the life that was asked for, counted from its first byte.

    One that is gone already, or has come to its time, stays as it is. `stored_key`: of the request
    that asks for it, by which it is found when that is sent again. Raises DatabaseError.
    """
    if choice:
        until = deadlines.purge_at(image.received_at, choice.life) if choice.life else None
        with suppress(Image.DoesNotExist, KeyGone):
            _change(image, until, choice, by, stored_key)


def let_go(image: Image) -> None:
    """Not kept for training: the request broke off before it was read what was chosen for it.

    Raises DatabaseError.
    """
    kept = Image.objects.filter(pk=image.pk, kept=True)
    if kept.update(kept=False, kept_key=None, withdrawn_at=database_now()):
        transaction.on_commit(lambda: destroy_kept([image.pk]), robust=True)


def shorten_from_now(image: Image, choice: Shorter, by: Actor) -> None:
    """The same for an image that has been here for a while: a length counts from now.

    Raises BadEraseAfter when its time comes earlier than that anyway, or has come.
    """
    now = database_now()
    until = now + choice.life if choice.life else None
    if not choice or image.purge_at <= (until or now):
        raise BadEraseAfter(
            phrase("It is erased earlier than that already. To be rid of it, erase it now.")
        )
    _change(image, until, choice, by, _unknown)


def choose_life(workspace: Workspace, seconds: int | None, by: Actor) -> None:
    """The life of what is uploaded from now on; None is the site's. Raises BadEraseAfter."""
    if seconds is not None and seconds < deadlines.SHORTEST.total_seconds():
        raise BadEraseAfter
    if seconds is not None and seconds > settings.RETENTION.total_seconds():
        raise BadEraseAfter.longer_than(in_short(settings.RETENTION))
    with transaction.atomic():
        other = Workspace.objects.filter(pk=workspace.pk).exclude(retention_seconds=seconds)
        if other.update(retention_seconds=seconds):
            detail = in_short(timedelta(seconds=seconds)) if seconds else "site"
            note(Action.RETENTION_CHANGED, owner=workspace.owner, by=by, detail=detail)
    workspace.retention_seconds = seconds


def in_short(length: timedelta) -> str:
    """24h, 90m, 61s: as `read_choice` reads it."""
    seconds = int(length.total_seconds())
    unit = next(unit for unit in "hms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def _change(
    image: Image, until: datetime | None, choice: Shorter, by: Actor, stored_key: StoredKey
) -> None:
    """Raises Image.DoesNotExist, and storage.KeyGone when the key's time ended this moment."""
    with transaction.atomic():
        held = (
            Image.objects.select_for_update(no_key=True, of=("self",))
            .select_related("workspace__owner")
            .get(pk=image.pk)
        )
        if held.life == Life.ERASING:
            return
        if until and until < held.purge_at:
            held.shorten(until)
            held.request_key = held.request_key or stored_key(held.epoch)
        held.erase_after_download |= choice.after_download
        if held.kept:
            held.kept, held.kept_key, held.withdrawn_at = False, None, database_now()
            transaction.on_commit(lambda: destroy_kept([held.pk]), robust=True)
        held.save()
        tags.digest_again([held])  # Theirs are of the epoch before, and of the opt-in.
        shares.shorten_with(held)
        detail = in_short(choice.life) if choice.life else DOWNLOAD
        owner = held.workspace.owner
        note(Action.IMAGE_SHORTENED, owner=owner, by=by, image_id=held.pk, detail=detail)


def _length(text: str) -> timedelta | None:
    match = re.fullmatch(r"([0-9]{1,6})([smh])", text)
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else None
