"""Turning the training opt-in on and off."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import audit, chain, consent
from accounts.audit import Actor
from accounts.clock import entry_time
from accounts.consent import Wording, wording_of
from accounts.models import Action, ConsentEntry, How, User, Via
from accounts.signals import Freed, consent_withdrawn


@dataclass(frozen=True)
class Withdrawn:
    """An opt-in that was turned off, and how many photos are not kept any more: those whose
    deadline has passed, and those whose deadline comes later."""

    entry: ConsentEntry
    due: int
    later: int


class StaleWording(ValueError):
    """What was confirmed is not what is agreed to now: the wording has changed meanwhile."""


class NotTheirs(PermissionError):
    """Only the signed-in user turns the opt-in on, on the account page."""


def turn_on(user: User, by: Actor, wording_version: str) -> ConsentEntry:
    """The entry that holds from now on; the one that is there already where it is on. The version
    says what was read, in whichever language that was.

    Raises StaleWording, and NotTheirs for anybody but the user at a page of the site.
    """
    if by.user != user or by.via != Via.PAGE:
        raise NotTheirs
    wording = next(
        (one for one in consent.in_force().values() if one.version == wording_version), None
    )
    if wording is None:
        raise StaleWording
    with transaction.atomic():
        consent.lock_users([user.pk])
        if not User.objects.filter(pk=user.pk, is_active=True, closed_at=None).exists():
            raise NotTheirs
        held = consent.latest(user)
        if held is not None and held.on:
            return held
        audit.note(Action.CONSENT_ON, owner=user, by=by, detail=wording.version)
        return _append(user, by, wording, How.PAGE, on=True)


def turn_off(user: User, by: Actor, how: How = How.PAGE) -> Withdrawn | None:
    """What became of the opt-in; None where it was off already.

    Whatever has to follow at once does so in the same transaction, by `consent_withdrawn`.
    """
    with transaction.atomic():
        consent.lock_users([user.pk])
        held = consent.latest(user)
        if held is None or not held.on:
            return None
        entry = _append(user, by, wording_of(held.wording_version), how, on=False)
        audit.note(Action.CONSENT_OFF, owner=user, by=by, detail=held.wording_version)
        answers: Any = consent_withdrawn.send(sender=ConsentEntry, user=user, at=entry.at)
        freed = [answer for _, answer in answers if isinstance(answer, Freed)]
        return Withdrawn(entry, sum(one.due for one in freed), sum(one.later for one in freed))


def _append(user: User, by: Actor, wording: Wording, how: How, *, on: bool) -> ConsentEntry:
    """Adds an entry to the chain. The user's row is locked already: this is the second lock."""
    head = chain.lock_head(consent.CHAIN)
    entry = ConsentEntry(
        number=head.number + 1,
        user=user,
        on=on,
        wording_version=wording.version,
        wording_hash=wording.hash,
        at=entry_time(),
        how=how,
        address=by.address,
        previous_hash=head.hash,
    )
    chain.link(head, consent.as_entry(entry))
    entry.hash = head.hash
    entry.save(force_insert=True)
    head.save()
    return entry
