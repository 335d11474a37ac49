"""Closing an account: nothing personal is left in any row of it."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import OperationalError, transaction
from django.test import Client

from accounts import consent
from accounts.audit import Actor
from accounts.flows import close as flow
from accounts.flows.close import close
from accounts.models import AuditEntry, Membership, User, Via, Workspace
from tests.cast import PASSWORD, at_page, browser, make_user, opt_in

NETWORK = "192.0.2.0/24"


@pytest.fixture
def full(owner: User) -> User:
    """An account with everything that an account can have."""
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    EmailAddress.objects.create(user=owner, email="second@example.org")
    Authenticator.objects.create(user=owner, type="totp", data={"secret": "JBSWY3DP"})
    owner.groups.add(Group.objects.create(name="editors"))
    owner.user_permissions.add(Permission.objects.all()[0])
    for number in range(2):
        browser(owner).get("/", headers={"User-Agent": f"Firefox/{number}"})
    Workspace.objects.filter(owner=owner).update(retention_seconds=3600)
    opt_in(owner)
    AuditEntry.objects.create(
        at=owner.date_joined, owner=owner, actor=owner, via="page", action="account.signed_in",
        address=NETWORK,
    )  # fmt: skip
    User.objects.filter(pk=owner.pk).update(is_staff=True, last_login=owner.date_joined)
    owner.refresh_from_db()
    return owner


def at_network(user: User) -> Actor:
    return Actor(user, Via.PAGE, NETWORK)


def test_nothing_personal_is_left(full: User) -> None:
    close(full, at_network(full))
    row = User.objects.get(pk=full.pk)
    assert row.email == f"closed-{row.pk}@invalid"
    assert not row.has_usable_password()
    assert (row.is_active, row.is_staff, row.is_superuser) == (False, False, False)
    assert row.last_login is None
    assert row.closed_at == row.date_joined
    assert not row.groups.exists()
    assert not row.user_permissions.exists()
    for model in (EmailAddress, Authenticator, UserSession, Membership):
        assert not model.objects.filter(user=row).exists()
    assert not Session.objects.exists()
    assert not AuditEntry.objects.exclude(address="").exists()
    assert Workspace.objects.get(owner=row).retention_seconds is None


def test_its_opt_in_ends_by_closing_and_without_a_network(full: User) -> None:
    close(full, at_network(full))
    last = consent.latest(full)
    assert last is not None
    assert (last.on, last.how, last.address) == (False, "closing", "")
    assert consent.verify_ledger() == 0


def test_it_is_noted(full: User) -> None:
    close(full, at_network(full))
    entry = AuditEntry.objects.get(action="account.closed")
    assert (entry.owner, entry.actor, entry.address) == (full, full, "")


def test_what_somebody_else_s_things_say_of_them_is_blanked_too(full: User) -> None:
    other = make_user("oscar@example.org")
    AuditEntry.objects.create(
        at=full.date_joined, owner=other, actor=full, via="page", action="image.viewed",
        address=NETWORK,
    )  # fmt: skip
    close(full, at_network(full))
    assert AuditEntry.objects.get(owner=other, action="image.viewed").address == ""


def test_nobody_gets_in_any_more(full: User) -> None:
    before = browser(full)
    close(full, at_network(full))
    assert before.get("/account/").status_code == 302
    for login in ("olivia@example.org", full.email):
        client = Client()
        client.post("/accounts/login/", {"login": login, "password": PASSWORD})
        assert client.get("/account/").status_code == 302
    assert not Client().login(username=full.email, password=PASSWORD)


def test_the_address_is_free_again(full: User) -> None:
    close(full, at_network(full))
    again = make_user("olivia@example.org")
    assert again.pk != full.pk
    assert consent.latest(again) is None


def test_closed_twice_it_is_closed_once(full: User) -> None:
    close(full, at_network(full))
    first = User.objects.values().get(pk=full.pk)
    close(full, at_network(full))
    assert User.objects.values().get(pk=full.pk) == first
    assert AuditEntry.objects.filter(action="account.closed").count() == 1


STEPS = ("turn_off", "_sign_out_everywhere", "_leave_workspaces", "_blank")


@pytest.mark.parametrize("step", STEPS)
def test_what_breaks_on_the_way_leaves_it_open_and_it_can_be_closed_again(
    full: User, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(flow, step)

    def breaks(*args: Any, **more: Any) -> None:
        real(*args, **more)
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(flow, step, breaks)
        with pytest.raises(OperationalError), transaction.atomic():
            close(full, at_network(full))
    row = User.objects.get(pk=full.pk)
    assert (row.email, row.is_active, row.closed_at) == ("olivia@example.org", True, None)
    assert EmailAddress.objects.filter(user=row).count() == 2
    assert consent.is_on(row)
    close(row, at_page(row))
    assert User.objects.get(pk=full.pk).closed_at is not None


def test_others_are_left_alone(full: User) -> None:
    other = make_user("oscar@example.org")
    opt_in(other)
    browser(other).get("/")
    close(full, at_network(full))
    row = User.objects.get(pk=other.pk)
    assert (row.email, row.is_active) == ("oscar@example.org", True)
    assert row.has_usable_password()
    assert consent.is_on(row)
    assert UserSession.objects.filter(user=row).exists()
