"""What the audit log says of signing in and out, passwords, second factors and addresses."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import Action, AuditEntry, User, Via
from tests.accounts.test_login import sign_in
from tests.accounts.test_second_factor import activate
from tests.cast import PASSWORD, browser


def entries(action: Action | None = None) -> list[AuditEntry]:
    found = AuditEntry.objects.order_by("pk")
    return list(found.filter(action=action) if action else found)


def refuse(*args: Any, **kwargs: Any) -> None:
    raise DatabaseError("disk is full")


def test_signing_in_and_out_are_noted(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/logout/")
    assert [entry.action for entry in entries()] == [Action.SIGNED_IN, Action.SIGNED_OUT]
    for entry in entries():
        assert (entry.owner, entry.actor, entry.via) == (owner, owner, Via.PAGE)
        assert entry.address == "127.0.0.0/24"


def test_a_closed_account_signs_out_without_an_entry(owner: User) -> None:
    client = browser(owner)
    User.objects.filter(pk=owner.pk).update(closed_at=timezone.now())
    client.post("/accounts/logout/")
    assert entries() == []


def test_signing_out_another_device_is_noted(owner: User) -> None:
    here, there = browser(), browser()
    for client in (here, there):
        sign_in(client, owner.email)
    device = UserSession.objects.get(session_key=there.session.session_key)
    here.post(f"/account/devices/{device.pk}/sign-out/")
    (entry,) = entries(Action.SIGNED_OUT)
    assert (entry.owner, entry.actor, entry.detail) == (owner, owner, "another device")


@pytest.mark.parametrize("as_typed", ["olivia@example.org", "OLIVIA@Example.ORG"])
def test_a_refused_sign_in_is_noted_to_the_owner_of_the_account(owner: User, as_typed: str) -> None:
    sign_in(browser(), as_typed, "not the right one")
    (entry,) = entries()
    assert (entry.action, entry.owner, entry.actor) == (Action.SIGN_IN_FAILED, owner, None)
    assert (entry.detail, entry.address) == ("password", "127.0.0.0/24")


def test_by_a_second_address_too(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email="liv@example.org", verified=True)
    sign_in(browser(), "liv@example.org", "not the right one")
    assert [entry.owner for entry in entries(Action.SIGN_IN_FAILED)] == [owner]


def test_an_address_without_an_account_leaves_no_trace(owner: User) -> None:
    sign_in(browser(), "nobody@example.org", "not the right one")
    assert entries() == []


def test_a_refusal_that_cannot_be_noted_stays_a_refusal(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AuditEntry, "save", refuse)
    response = sign_in(browser(), owner.email, "not the right one")
    assert response.status_code == 200
    assert response.context["form"].errors


@pytest.mark.django_db(transaction=True)
def test_changes_of_password_and_second_factor_are_noted(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    activate(client)
    client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")
    new = "another horse battery staple"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    details = [entry.detail for entry in entries(Action.SECURITY_CHANGED)]
    assert sorted(details[:2]) == ["recovery_codes added", "totp added"]
    assert details[2:] == [
        "recovery_codes made anew",
        "totp removed",
        "recovery_codes removed",
        "password",
    ]
    assert {entry.actor for entry in entries(Action.SECURITY_CHANGED)} == {owner}


def test_a_wrong_code_after_the_password_is_noted(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    activate(client)
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    (entry,) = entries(Action.SIGN_IN_FAILED)
    assert (entry.owner, entry.actor, entry.detail) == (owner, None, "code")


def test_a_password_that_was_reset_by_mail_is_noted(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = browser()
    client.post("/accounts/password/reset/", {"email": owner.email})
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert link is not None
    form = client.get(link[0], follow=True).request["PATH_INFO"]
    new = "another horse battery staple"
    client.post(form, {"password1": new, "password2": new})
    (entry,) = entries(Action.SECURITY_CHANGED)
    assert (entry.owner, entry.actor, entry.detail) == (owner, owner, "password")


def test_changes_of_addresses_are_noted_without_the_address(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"action_add": "", "email": "liv@example.org"})
    EmailAddress.objects.filter(email="liv@example.org").update(verified=True)
    client.post("/accounts/email/", {"action_primary": "", "email": "liv@example.org"})
    client.post("/accounts/email/", {"action_remove": "", "email": owner.email})
    details = [entry.detail for entry in entries(Action.SECURITY_CHANGED)]
    assert details == ["address added", "address changed", "address removed"]
    assert not AuditEntry.objects.filter(detail__contains="@").exists()
