"""Authenticator app, recovery codes and passkeys."""

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.accounts.test_login import is_signed_in, sign_in
from tests.cast import PASSWORD, browser


def make_code(secret: str, moment: float | None = None) -> str:
    """The six digits that an authenticator app shows (RFC 6238: SHA-1, 30 seconds)."""
    counter = struct.pack(">Q", int(time.time() if moment is None else moment) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@pytest.fixture
def client(owner: User) -> Client:
    """Signed in, with a confirmed address, and having given the password once more."""
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client = browser()
    sign_in(client, owner.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def activate(client: Client) -> str:
    """Turns the app on; its secret."""
    secret: str = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    response = client.post("/accounts/2fa/totp/activate/", {"code": make_code(secret)})
    assert response.status_code == 302, response.context["form"].errors
    return secret


def recovery_codes(client: Client) -> list[str]:
    return list(client.get("/accounts/2fa/recovery-codes/").context["unused_codes"])


def test_the_test_s_own_codes_are_those_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert make_code(secret, 59) == "287082"
    assert make_code(secret, 1111111109) == "081804"


def test_a_real_code_turns_the_app_on_and_recovery_codes_come_with_it(
    client: Client, owner: User
) -> None:
    activate(client)
    kinds = set(Authenticator.objects.filter(user=owner).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    assert len(recovery_codes(client)) == 10
    summary = client.get("/account/").context["authenticators"]
    assert summary == {"totp": True, "recovery_codes_left": 10, "passkeys": 0}


def test_a_wrong_code_turns_nothing_on(client: Client) -> None:
    client.get("/accounts/2fa/totp/activate/")
    response = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert response.status_code == 200
    assert not Authenticator.objects.exists()


def test_an_address_that_is_not_confirmed_comes_first(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, verified=False, primary=True)
    client = browser()
    sign_in(client, owner.email)
    client.get("/accounts/2fa/totp/activate/")
    assert not Authenticator.objects.exists()


def test_the_app_s_secret_is_in_no_column_in_the_clear(client: Client) -> None:
    secret = activate(client)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = str(cursor.fetchall())
    assert secret not in stored
    for code in recovery_codes(client):
        assert code not in stored


def test_after_the_password_the_code_is_asked_for(client: Client, owner: User) -> None:
    secret = activate(client)
    other = browser()
    response = sign_in(other, owner.email)
    assert response["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(other)
    assert other.get("/accounts/2fa/authenticate/").status_code == 200
    wrong = other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert wrong.status_code == 200
    assert not is_signed_in(other)
    right = other.post("/accounts/2fa/authenticate/", {"code": make_code(secret, time.time() + 30)})
    assert right.status_code == 302
    assert is_signed_in(other)


def test_a_code_opens_once(client: Client, owner: User) -> None:
    secret = activate(client)
    code = make_code(secret, time.time() + 30)
    first, second = browser(), browser()
    for attempt in (first, second):
        sign_in(attempt, owner.email)
        attempt.post("/accounts/2fa/authenticate/", {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_a_recovery_code_opens_once(client: Client, owner: User) -> None:
    activate(client)
    code = recovery_codes(client)[0]
    first, second = browser(), browser()
    for attempt in (first, second):
        sign_in(attempt, owner.email)
        attempt.post("/accounts/2fa/authenticate/", {"code": code})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)
    assert client.get("/account/").context["authenticators"]["recovery_codes_left"] == 9


def test_guessing_codes_is_stopped(client: Client, owner: User) -> None:
    secret = activate(client)
    other = browser()
    sign_in(other, owner.email)
    for _ in range(6):
        other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    other.post("/accounts/2fa/authenticate/", {"code": make_code(secret, time.time() + 30)})
    assert not is_signed_in(other)


def test_new_recovery_codes_replace_the_old_ones(client: Client) -> None:
    activate(client)
    old = recovery_codes(client)
    assert client.post("/accounts/2fa/recovery-codes/generate/").status_code == 302
    assert not set(old) & set(recovery_codes(client))


def test_turned_off_the_password_is_enough_again(client: Client, owner: User) -> None:
    activate(client)
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.exists()
    other = browser()
    sign_in(other, owner.email)
    assert is_signed_in(other)


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
    ],
)
def test_a_page_about_it_opens(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    ["totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "recovery-codes/download/"],
)
def test_a_page_about_an_app_that_is_on_opens(client: Client, path: str) -> None:
    activate(client)
    assert client.get(f"/accounts/2fa/{path}").status_code == 200


def test_a_passkey_is_asked_for_with_what_a_browser_needs(client: Client) -> None:
    data: dict[str, Any] = client.get("/accounts/2fa/webauthn/add/").context["js_data"]
    key = data["creation_options"]["publicKey"]
    assert key["rp"]["id"] == "testserver"
    assert key["challenge"]
    assert key.get("attestation") in {"none", None}


def test_signing_in_by_passkey_is_offered(db: None) -> None:
    response = browser().get(
        "/accounts/2fa/webauthn/login/",
        headers={"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"},
    )
    assert response.status_code == 200
    assert response.json()["request_options"]["publicKey"]["challenge"]


@pytest.mark.parametrize("path", ["totp/activate/", "webauthn/add/"])
def test_changing_the_second_factor_asks_for_the_password_once_more(owner: User, path: str) -> None:
    client = browser()
    sign_in(client, owner.email)
    response = client.get(f"/accounts/2fa/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/reauthenticate/?next=")
    wrong = client.post(response["Location"], {"password": "not the right one"})
    assert wrong.status_code == 200
    right = client.post(response["Location"], {"password": PASSWORD})
    assert right["Location"] == f"/accounts/2fa/{path}"


def lose_secret_key(settings: Settings) -> None:
    """A new SECRET_KEY; the session goes on, so that one sees what its owner would see."""
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 9


def test_with_another_secret_key_a_code_is_wrong_and_nothing_fails(
    client: Client, owner: User, settings: Settings
) -> None:
    secret = activate(client)
    code = recovery_codes(client)[0]
    lose_secret_key(settings)
    other = browser()
    sign_in(other, owner.email)
    for tried in (make_code(secret, time.time() + 30), code, "000000"):
        response = other.post("/accounts/2fa/authenticate/", {"code": tried})
        assert response.status_code == 200
        assert "Sign in with a passkey" in response.content.decode()
    assert not is_signed_in(other)


@pytest.mark.parametrize(
    "path",
    [
        "/account/",
        "/accounts/2fa/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/download/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/totp/deactivate/",
    ],
)
def test_with_another_secret_key_every_page_opens(
    client: Client, settings: Settings, path: str
) -> None:
    activate(client)
    lose_secret_key(settings)
    response = client.get(path)
    assert response.status_code == 200
    page = response.content.decode()
    assert "<h1" in page
    assert ("<h1>Make new recovery codes</h1>" in page) == ("recovery-codes" in path)


def test_with_another_secret_key_new_codes_can_be_made(client: Client, settings: Settings) -> None:
    activate(client)
    lose_secret_key(settings)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert "Your recovery codes work no longer. Make new ones." in page
    assert client.get("/account/").context["authenticators"]["recovery_codes_left"] == 0
    assert client.post("/accounts/2fa/recovery-codes/generate/").status_code == 302
    assert len(recovery_codes(client)) == 10
