"""The audit log: who did what, without names, kept for as long as is said."""

import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import audit
from accounts.audit import SYSTEM, Actor, blank_addresses, forget_old_entries, note, note_often
from accounts.models import Action, AuditEntry, User, Via
from tests.cast import at_page

IMAGE = uuid.UUID("eda42b02-71e3-45c8-aa7c-021fcd8d6636")
OTHER = uuid.UUID("eda42b02-71e3-45c8-aa7c-021fcd8d6637")
ELSEWHERE = "198.51.100.77"


def entries(action: Action | None = None) -> list[AuditEntry]:
    found = AuditEntry.objects.order_by("pk")
    return list(found.filter(action=action) if action else found)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        (" 203.0.113.77 ", "203.0.113.0/24"),
        ("2001:db8:abcd:1234::77", "2001:db8:abcd::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unknown", ""),
        ("203.0.113.77:4711", ""),
    ],
)
def test_an_address_is_kept_as_its_network_only(address: str, network: str) -> None:
    assert audit.network_of(address) == network


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, ELSEWHERE, "127.0.0.0/24"),
        (1, ELSEWHERE, "198.51.100.0/24"),
        (1, f"203.0.113.9, {ELSEWHERE}", "198.51.100.0/24"),
        (2, ELSEWHERE, ""),
    ],
)
def test_only_proxies_that_are_trusted_are_believed(
    owner: User, settings: Settings, proxies: int, forwarded: str, network: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    request.user = owner
    assert Actor.of(request) == Actor(owner, Via.PAGE, network)


def test_an_entry_says_who_did_what_to_whose(owner: User, outsider: User) -> None:
    by = Actor(outsider, Via.STAFF, "203.0.113.0/24")
    note(Action.STAFF_OPENED, owner=owner, by=by, image_id=IMAGE, count=2, detail="A reason")
    (entry,) = entries()
    assert (entry.owner, entry.actor, entry.via) == (owner, outsider, Via.STAFF)
    assert (entry.action, entry.image_id, entry.count) == (Action.STAFF_OPENED, IMAGE, 2)
    assert (entry.detail, entry.address, entry.once) == ("A reason", "203.0.113.0/24", None)
    assert abs(timezone.now() - entry.at) < timedelta(seconds=10)


@pytest.mark.django_db(transaction=True)
def test_an_act_that_did_not_happen_leaves_no_entry(owner: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        note(Action.IMAGE_UPLOADED, owner=owner, by=at_page(owner))
        raise RuntimeError
    assert entries() == []


def refuse(*args: Any, **kwargs: Any) -> None:
    raise DatabaseError("disk is full")


def test_an_act_that_cannot_be_noted_fails(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AuditEntry, "save", refuse)
    with pytest.raises(DatabaseError):
        note(Action.IMAGE_ERASED, owner=owner, by=at_page(owner))


class Clock:
    """Stands for django.utils.timezone."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@pytest.mark.django_db(transaction=True)
def test_what_happens_often_is_noted_once_an_hour(
    owner: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(datetime(2026, 11, 21, 10, 0, tzinfo=UTC))
    monkeypatch.setattr(audit, "timezone", clock)

    def view(user: User = owner, image: uuid.UUID = IMAGE, detail: str = "", **more: Any) -> int:
        action = more.get("action", Action.IMAGE_VIEWED)
        by = Actor(user, more.get("via", Via.PAGE))
        for _ in range(3):
            note_often(action, owner=owner, by=by, image_id=image, detail=detail)
        return AuditEntry.objects.count()

    assert view() == 1
    clock.moment += timedelta(minutes=59)
    assert view() == 1
    assert view(image=OTHER) == 2
    assert view(user=outsider) == 3
    assert view(detail="cutout.png") == 4
    assert view(action=Action.IMAGE_DOWNLOADED) == 5
    assert view(via=Via.API) == 6
    clock.moment += timedelta(minutes=1)
    assert view() == 7


@pytest.mark.django_db(transaction=True)
def test_another_process_notes_it_no_second_time(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        monkeypatch.setattr(audit, "_LATELY", audit._Lately(10))  # Remembers nothing yet.
        note_often(Action.IMAGE_VIEWED, owner=owner, by=at_page(owner), image_id=IMAGE)
    assert len(entries()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_not_remembered_as_noted(owner: User) -> None:
    def view() -> None:
        note_often(Action.IMAGE_VIEWED, owner=owner, by=at_page(owner), image_id=IMAGE)

    with pytest.raises(RuntimeError), transaction.atomic():
        view()
        raise RuntimeError
    view()
    assert len(entries()) == 1


def test_only_so_much_is_remembered() -> None:
    lately = audit._Lately(2)
    for key in ("a", "b", "c"):
        lately.add(key)
    assert [lately.knows(key) for key in ("a", "b", "c")] == [False, True, True]


def test_looking_goes_on_when_it_cannot_be_noted(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(AuditEntry.objects, "bulk_create", refuse)
    with caplog.at_level(logging.WARNING):
        note_often(Action.IMAGE_VIEWED, owner=owner, by=at_page(owner), image_id=IMAGE)
    assert "is not noted: DatabaseError" in caplog.text
    assert "disk is full" not in caplog.text


def test_staff_sees_nothing_that_cannot_be_noted(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuditEntry.objects, "bulk_create", refuse)
    by = Actor(owner, Via.STAFF)
    with pytest.raises(DatabaseError):
        note_often(Action.STAFF_VIEWED, owner=owner, by=by, image_id=IMAGE)


def test_entries_are_forgotten_when_their_time_is_over(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AUDIT_DAYS = 30
    monkeypatch.setattr(audit, "BATCH", 2)
    for _ in range(6):
        note(Action.IMAGE_VIEWED, owner=owner, by=at_page(owner))
    now = timezone.now()
    old, young = entries()[:5], entries()[5]
    AuditEntry.objects.filter(pk__in=[e.pk for e in old]).update(at=now - timedelta(days=31))
    AuditEntry.objects.filter(pk=young.pk).update(at=now - timedelta(days=29, hours=23))
    assert forget_old_entries(now) == 5
    assert entries() == [young]
    assert forget_old_entries(now) == 0


def test_no_network_can_be_found_again_by_trying_all(owner: User) -> None:
    """A visitor's is part of what notes a look at a link once an hour."""
    visitor = Actor(None, Via.LINK, "198.51.100.0/24")
    note_often(Action.SHARE_VIEWED, owner=owner, by=visitor, share_id=IMAGE)
    assert blank_addresses(owner) == 1
    assert [entry.once for entry in entries()] == [None]


def test_a_person_s_networks_can_be_taken_out(owner: User, outsider: User) -> None:
    note(Action.SIGNED_IN, owner=owner, by=at_page(owner))
    note(Action.IMAGE_VIEWED, owner=outsider, by=at_page(owner))
    note(Action.SIGNED_IN, owner=outsider, by=at_page(outsider))
    note(Action.IMAGE_EXPIRED, owner=owner, by=SYSTEM)
    assert blank_addresses(owner) == 2
    assert [entry.address for entry in entries()] == ["", "", "203.0.113.0/24", ""]
    assert blank_addresses(owner) == 0
