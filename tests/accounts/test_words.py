"""What accounts say is said in this site's voice, and once."""

import re
from typing import Any

import pytest
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError

from accounts.adapters import AccountAdapter, MFAAdapter
from accounts.models import User
from tests.accounts.test_login import sign_in
from tests.accounts.test_password import NEXT, ask_for_reset, open_link
from tests.cast import browser

# Texts for what this site does not have: telephone numbers and user names.
ABSENT = re.compile(r"phone|username")
SAID = {
    **{key: text for key, text in AccountAdapter.error_messages.items() if not ABSENT.search(key)},
    **MFAAdapter.error_messages,
}


THEIRS = {
    str(sentence)
    for adapter in (DefaultAccountAdapter, DefaultMFAAdapter)
    for sentence in adapter.error_messages.values()
}


@pytest.mark.parametrize("key", sorted(SAID))
def test_every_refusal_is_ours(key: str) -> None:
    sentence = str(SAID[key])
    assert sentence not in THEIRS
    assert sentence.endswith(".")
    assert not re.search(r"(?i)\b(email|please|invalid|incorrect|two-factor|may)\b", sentence)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("horse", "10 characters or more"),
        ("1234567890", "Many people"),
        ("8362950174", "only digits"),
        ("olivia@example.org", "too much like your e-mail address"),
    ],
)
def test_a_weak_password_is_refused_in_plain_words(password: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, User(email="olivia@example.org"))
    assert any(words in message for message in refused.value.messages)
    assert not re.search("entirely|must|too common|similar", " ".join(refused.value.messages))


def test_the_rules_for_passwords_are_told_in_plain_words() -> None:
    assert password_validators_help_texts() == [
        "Not your e-mail address or a part of it.",
        "10 characters or more.",
        "Not one that many people use.",
        "Not only digits.",
    ]


def test_passkeys_are_called_passkeys_and_no_two_the_same(owner: User) -> None:
    webauthn, name = Authenticator.Type.WEBAUTHN, MFAAdapter().generate_authenticator_name
    names = []
    for _ in range(3):
        names.append(name(owner, webauthn))
        Authenticator.objects.create(user=owner, type=webauthn, data={"name": names[-1]})
    assert names == ["Passkey", "Passkey 2", "Passkey 3"]
    Authenticator.objects.filter(data__name="Passkey 2").delete()
    assert name(owner, webauthn) == "Passkey 2"


def test_an_address_that_is_not_confirmed_is_said_once_and_leads_to_the_addresses(
    owner: User,
) -> None:
    address = EmailAddress.objects.create(user=owner, email=owner.email, primary=True)
    client = browser()
    sign_in(client, owner.email)
    page = client.get("/accounts/2fa/totp/activate/", follow=True).content.decode()
    main = page[page.index("<main") :]
    assert main.count("Confirm your e-mail address first") == 1
    assert re.search(r'notice-words.*?href="/accounts/email/"', main, re.DOTALL)
    address.set_verified()
    assert "Confirm your" not in client.get("/accounts/2fa/").content.decode()


def test_a_password_that_was_reset_is_said_once(owner: User, mailoutbox: list[Any]) -> None:
    ask_for_reset(owner.email)
    client = browser()
    form = open_link(client, mailoutbox[0])
    page = client.post(form, {"password1": NEXT, "password2": NEXT}, follow=True).content.decode()
    assert "<h1>Password changed</h1>" in page
    assert "Your password is changed." not in page
