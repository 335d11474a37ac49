"""Turning the training opt-in on and off: by the signed-in user alone, on the wording shown now."""

import hashlib
import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts import consent
from accounts.audit import SYSTEM, Actor
from accounts.flows.consent import NotTheirs, StaleWording, turn_off, turn_on
from accounts.models import Action, AuditEntry, ConsentEntry, How, User, Via
from accounts.signals import Freed, consent_withdrawn
from tests.cast import browser
from tests.processing.threads import at_once

# Entries in ledgers point at these. A wording that changes gets a version of its own.
HASHES = {
    "1": "bac09f6dddf370b9a4ddccd9f8bb9322babc33d9214a24bb2435935ab3b90f6e",
    "1-de": "69cdd5e433cd6081c9b3f185aff506c23a13eb273017a295ed3ed7b885a4332e",
}


def page(user: User) -> Actor:
    return Actor(user, Via.PAGE, "203.0.113.0/24")


def on(user: User) -> ConsentEntry:
    return turn_on(user, page(user), consent.current().version)


def test_it_is_off_for_everybody_who_never_turned_it_on(owner: User) -> None:
    assert not consent.is_on(owner)
    assert consent.latest(owner) is None
    assert not consent.history(owner).exists()


def test_on_and_off_and_on_again_are_three_entries(owner: User, outsider: User) -> None:
    first = on(owner)
    assert consent.is_on(owner)
    assert turn_off(owner, page(owner)) is not None
    assert not consent.is_on(owner)
    last = on(owner)
    assert [entry.on for entry in consent.history(owner)] == [True, False, True]
    assert (consent.latest(owner), list(consent.grants())) == (last, [last])
    assert first.pk < last.pk
    assert not consent.is_on(outsider)


def test_an_entry_says_who_when_how_and_on_which_wording(owner: User) -> None:
    entry = on(owner)
    assert (entry.user, entry.on, entry.how) == (owner, True, How.PAGE)
    assert (entry.wording_version, entry.wording_hash) == ("1", consent.current().hash)
    assert entry.address == "203.0.113.0/24"
    withdrawn = turn_off(owner, page(owner), How.CLOSING)
    assert withdrawn is not None
    off = withdrawn.entry
    assert (off.on, off.how, off.wording_version) == (False, How.CLOSING, "1")
    assert off.at > entry.at


def test_doing_it_twice_is_doing_it_once(owner: User) -> None:
    assert on(owner) == on(owner)
    assert ConsentEntry.objects.count() == 1
    turn_off(owner, page(owner))
    assert turn_off(owner, page(owner)) is None
    assert ConsentEntry.objects.count() == 2
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == [Action.CONSENT_ON, Action.CONSENT_OFF]
    details = AuditEntry.objects.values_list("detail", flat=True)
    assert set(details) == {consent.current().version}


def test_turning_off_what_never_was_on_writes_nothing(owner: User) -> None:
    assert turn_off(owner, page(owner)) is None
    assert not ConsentEntry.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("version", ["", "0", "2", "1 "])
def test_another_wording_than_the_one_shown_now_agrees_to_nothing(
    owner: User, version: str
) -> None:
    with pytest.raises(StaleWording):
        turn_on(owner, page(owner), version)
    assert not consent.is_on(owner)


def test_nobody_turns_it_on_for_somebody_else(owner: User, outsider: User) -> None:
    outsider.is_staff = outsider.is_superuser = True
    outsider.save()
    others = [
        page(outsider),
        Actor(outsider, Via.STAFF),
        Actor(owner, Via.STAFF),
        Actor(owner, Via.API),
        Actor(owner, Via.SYSTEM),
        Actor(None, Via.PAGE),
        SYSTEM,
    ]
    for by in others:
        with pytest.raises(NotTheirs):
            turn_on(owner, by, consent.current().version)
    assert not ConsentEntry.objects.exists()


@pytest.mark.parametrize("state", ["closed", "not active"])
def test_an_account_that_is_closed_meanwhile_turns_nothing_on(
    owner: User, outsider: User, state: str
) -> None:
    by = page(owner)
    moment = owner.date_joined if state == "closed" else None
    User.objects.filter(pk=owner.pk).update(closed_at=moment, is_active=state == "closed")
    with pytest.raises(NotTheirs):
        turn_on(owner, by, consent.current().version)
    assert not ConsentEntry.objects.exists()


def test_turning_off_is_told_in_its_transaction(owner: User) -> None:
    heard: list[tuple[Any, ...]] = []

    def hear(*, sender: Any, user: User, at: Any, **kwargs: Any) -> Freed:
        heard.append((sender, user, at, transaction.get_connection().in_atomic_block))
        return Freed(3, 4)

    on(owner)
    consent_withdrawn.connect(hear)
    try:
        withdrawn = turn_off(owner, page(owner))
        turn_off(owner, page(owner))
    finally:
        consent_withdrawn.disconnect(hear)
    assert withdrawn is not None
    assert heard == [(ConsentEntry, owner, withdrawn.entry.at, True)]
    assert (withdrawn.due, withdrawn.later) == (3, 4)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_follow_leaves_it_on(owner: User) -> None:
    """All of a withdrawal or nothing of it: nobody is told that it is off while photos are kept."""

    def fail(**kwargs: Any) -> None:
        raise OSError("the disk")

    on(owner)
    consent_withdrawn.connect(fail)
    try:
        with pytest.raises(OSError, match="the disk"):
            turn_off(owner, page(owner))
    finally:
        consent_withdrawn.disconnect(fail)
    assert consent.is_on(owner)
    assert consent.verify_ledger() == 0
    assert AuditEntry.objects.count() == 1


def test_locked_grants_are_those_that_hold(owner: User, outsider: User) -> None:
    held = on(owner)
    on(outsider)
    turn_off(outsider, page(outsider))
    with transaction.atomic():
        assert consent.lock_grants([outsider, owner, owner]) == {owner.pk: held}
        assert consent.lock_grants([]) == {}


def test_those_that_are_there_are_locked_in_the_order_of_their_ids(
    owner: User, outsider: User
) -> None:
    assert consent.lock_users([outsider.pk, uuid4(), owner.pk]) == sorted([owner.pk, outsider.pk])


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(owner: User, outsider: User) -> None:
    def flip(user: User) -> None:
        for _ in range(5):
            on(user)
            turn_off(user, page(user))

    at_once(*[lambda user=user: flip(user) for user in (owner, outsider) for _ in range(2)])
    assert consent.verify_ledger() == 0
    for user in (owner, outsider):
        states = [entry.on for entry in consent.history(user)]
        assert states == [False, True] * (len(states) // 2)


@pytest.mark.django_db(transaction=True)
def test_the_same_button_twice_at_once_is_one_entry(owner: User) -> None:
    entries = at_once(lambda: on(owner), lambda: on(owner), lambda: on(owner))
    assert len({entry.pk for entry in entries}) == ConsentEntry.objects.count() == 1


def test_every_wording_keeps_its_hash() -> None:
    assert {wording.version: wording.hash for wording in consent.WORDINGS} == HASHES
    assert (
        consent.wording_of("1").hash == hashlib.sha256(consent.current().text.encode()).hexdigest()
    )
    with pytest.raises(KeyError):
        consent.wording_of("0")


def test_the_wording_says_all_that_it_has_to() -> None:
    text = consent.current().text
    for words in ("beyond 24 hours", "train background-removal models", "this site’s own machines"):
        assert words in text
    for words in ("works at once", "earlier is covered", "brings nothing back"):
        assert words in text
    assert " may " not in text


def test_each_language_of_the_site_has_the_same_version() -> None:
    in_force = consent.in_force()
    assert set(in_force) == {code for code, _ in settings.LANGUAGES}
    assert len({wording.version.partition("-")[0] for wording in in_force.values()}) == 1
    assert len({wording.text.count("\n\n") for wording in in_force.values()}) == 1


@pytest.mark.parametrize("language", ["fr", None])
def test_who_reads_another_language_agrees_to_the_english_one(language: str | None) -> None:
    with translation.override(language):
        assert consent.current() == consent.in_force()["en"]


def test_what_a_german_reader_agrees_to_is_the_german_wording(owner: User) -> None:
    """And what is recorded says so: its version, its hash, and a ledger that holds."""
    client = browser(owner, headers={"Accept-Language": "de"})
    german = consent.in_force()["de"]
    shown = client.get("/account/training/").content.decode()
    assert german.hash in shown
    assert german.text.partition("\n")[0] in shown
    sent = re.search(r'name="wording" value="([^"]+)"', shown)
    assert sent
    assert client.post("/account/training/", {"wording": sent[1]}).status_code == 302
    entry = consent.latest(owner)
    assert entry is not None
    assert (entry.wording_version, entry.wording_hash) == ("1-de", german.hash)
    turn_off(owner, page(owner))
    on(owner)
    assert [one.wording_version for one in consent.history(owner)] == ["1", "1-de", "1-de"]
    assert consent.verify_ledger() == 0
    history = browser(owner).get("/account/training/history/").content.decode()
    assert german.hash in history
    assert consent.in_force()["en"].hash in history


def test_what_was_agreed_to_is_shown_as_it_was_read(owner: User) -> None:
    """Switching the language of the page does not change what somebody has agreed to."""
    on(owner)
    german = browser(owner, headers={"Accept-Language": "de"})
    assert consent.wording_of("1").hash in german.get("/account/training/").content.decode()
