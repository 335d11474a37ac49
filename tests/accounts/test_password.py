"""Changing and resetting a password, and how it is stored."""

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.test_login import is_signed_in, sign_in
from tests.accounts.test_production import read_settings
from tests.cast import PASSWORD, browser

NEXT = "another horse, another battery"


def ask_for_reset(email: str) -> Any:
    return browser().post("/accounts/password/reset/", {"email": email})


def open_link(client: Client, message: Any) -> str:
    """Follows the link of a message; where the form with the new password is."""
    found = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)
    assert found
    response = client.get(found[1])
    assert response.status_code == 302
    return str(response["Location"])


def test_a_changed_password_opens_and_the_old_one_does_not(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    form = {"oldpassword": PASSWORD, "password1": NEXT, "password2": NEXT}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert is_signed_in(client)
    old, new = browser(), browser()
    sign_in(old, owner.email)
    sign_in(new, owner.email, NEXT)
    assert (is_signed_in(old), is_signed_in(new)) == (False, True)


def test_a_changed_password_signs_out_every_other_device(owner: User) -> None:
    here, there = browser(), browser()
    sign_in(here, owner.email)
    sign_in(there, owner.email)
    form = {"oldpassword": PASSWORD, "password1": NEXT, "password2": NEXT}
    here.post("/accounts/password/change/", form)
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_the_old_password_is_asked_for(owner: User) -> None:
    client = browser(owner)
    form = {"oldpassword": "wrong", "password1": NEXT, "password2": NEXT}
    response = client.post("/accounts/password/change/", form)
    assert response.status_code == 200
    assert response.context["form"].errors["oldpassword"]


def test_a_forgotten_password_is_reset_by_the_link_in_a_message(
    owner: User, mailoutbox: list[Any]
) -> None:
    ask_for_reset(owner.email)
    (message,) = mailoutbox
    client = browser()
    form = open_link(client, message)
    response = client.post(form, {"password1": NEXT, "password2": NEXT})
    assert response["Location"] == "/accounts/password/reset/key/done/"
    sign_in(client, owner.email, NEXT)
    assert is_signed_in(client)


def test_a_link_works_once(owner: User, mailoutbox: list[Any]) -> None:
    ask_for_reset(owner.email)
    client = browser()
    form = open_link(client, mailoutbox[0])
    client.post(form, {"password1": NEXT, "password2": NEXT})
    link = re.search(r"/accounts/password/reset/key/\S+", mailoutbox[0].body)
    assert link
    again = browser().get(link[0])
    assert again.status_code == 200
    assert again.context["token_fail"]


def test_a_link_does_not_stand_in_the_address_of_the_form(
    owner: User, mailoutbox: list[Any]
) -> None:
    """A page's address goes into histories; the secret of the link is not in it."""
    ask_for_reset(owner.email)
    form = open_link(browser(), mailoutbox[0])
    link = re.search(r"/accounts/password/reset/key/\w+-(\S+)/", mailoutbox[0].body)
    assert link
    assert link[1] not in form


def test_an_unknown_address_is_answered_like_a_known_one(
    owner: User, mailoutbox: list[Any]
) -> None:
    known, unknown = ask_for_reset(owner.email), ask_for_reset("nobody@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert sorted(known.headers) == sorted(unknown.headers)
    assert [message.to for message in mailoutbox] == [[owner.email], ["nobody@example.org"]]
    assert "/password/reset/key/" in mailoutbox[0].body
    assert "/password/reset/key/" not in mailoutbox[1].body


def test_a_weak_password_is_no_way_out(owner: User, mailoutbox: list[Any]) -> None:
    ask_for_reset(owner.email)
    client = browser()
    form = open_link(client, mailoutbox[0])
    response = client.post(form, {"password1": "short", "password2": "short"})
    assert response.context["form"].errors


def test_asking_for_links_again_and_again_is_stopped(owner: User) -> None:
    statuses = {ask_for_reset(owner.email).status_code for _ in range(25)}
    assert 429 in statuses


def test_with_the_settings_of_a_real_site_a_password_is_kept_as_argon2(
    settings: Settings, db: None
) -> None:
    settings.PASSWORD_HASHERS = real_hashers()
    user = User.objects.create_user("olivia@example.org", PASSWORD)
    assert identify_hasher(user.password).algorithm == "argon2"
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)


def real_hashers() -> list[str]:
    """As the settings have them outside of test runs."""
    hashers: list[str] = read_settings({}, "PASSWORD_HASHERS")
    return hashers


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/password/set/"])
def test_a_visitor_changes_no_password(path: str, db: None) -> None:
    response = browser().post(path, {"password1": NEXT, "password2": NEXT})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
