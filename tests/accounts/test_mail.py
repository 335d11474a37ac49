"""A mail server that refuses or is away: sign-up goes on, and no log tells whose address it was."""

from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from accounts.models import User
from tests.accounts.test_login import sign_in
from tests.accounts.test_signup import NEW, sign_up
from tests.cast import PASSWORD, browser

REFUSED = SMTPRecipientsRefused({NEW: (550, b"no such user nora")})
TROUBLES = [REFUSED, ConnectionRefusedError(111, "Connection refused"), TimeoutError("timed out")]


@pytest.fixture(params=TROUBLES, ids=lambda error: type(error).__name__)
def no_mail(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> int:
        raise request.param

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)


@pytest.mark.usefixtures("no_mail", "db")
def test_signing_up_goes_on_and_the_page_says_that_no_mail_comes(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = browser()
    response = sign_up(client)
    assert (response.status_code, response["Location"]) == (302, "/accounts/confirm-email/")
    assert User.objects.filter(email=NEW).exists()
    assert "could not be sent" in client.get("/accounts/confirm-email/").content.decode()
    (line,) = [record for record in caplog.records if record.name == "accounts.adapters"]
    assert "email_confirmation" in line.getMessage()
    assert "nora" not in caplog.text
    assert line.exc_info is None


@pytest.mark.usefixtures("no_mail")
def test_a_reset_is_answered_alike_for_known_and_unknown_addresses(owner: User) -> None:
    known, unknown = (
        browser().post("/accounts/password/reset/", {"email": email})
        for email in (owner.email, "nobody@example.org")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


@pytest.mark.usefixtures("no_mail")
def test_a_password_is_changed_even_if_its_owner_cannot_be_told(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    form = {"oldpassword": PASSWORD, "password1": "another horse", "password2": "another horse"}
    assert client.post("/accounts/password/change/", form).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password("another horse")
