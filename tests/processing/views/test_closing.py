"""/account/close/: after the password and a word, for good; and the page that says so."""

import json
import re
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from processing.retention import erase
from processing.views import closing
from tests.cast import PASSWORD, browser, finish, nothing_is_left, opt_in, submit

PATH = "/account/close/"


@pytest.fixture
def client(owner: User) -> Client:
    """Somebody who has just typed their password."""
    client = browser(owner)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def close(client: Client, word: str = "close") -> Any:
    return client.post(PATH, {"word": word})


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_for_first(owner: User, method: str) -> None:
    response = getattr(browser(owner), method)(PATH, {"word": "close"})
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/reauthenticate/?next=")
    owner.refresh_from_db()
    assert owner.closed_at is None


def test_it_says_what_will_happen(client: Client, owner: User) -> None:
    page = client.get(PATH).content.decode()
    assert "There are no images to erase." in page
    assert "AI Training Data is turned off" not in page
    opt_in(owner)
    for _ in range(2):
        finish(submit(owner))
    page = client.get(PATH).content.decode()
    assert "<strong>2 images</strong>" in page
    assert "AI Training Data is turned off" in page
    assert 'href="/receipts/"' in page
    assert 'href="/account/data/"' in page


@pytest.mark.parametrize("word", ["", "yes", "closed", "close my account"])
def test_another_word_closes_nothing(client: Client, owner: User, word: str) -> None:
    finish(submit(owner))
    response = close(client, word)
    assert response.status_code == 400
    assert "That is another word." in response.content.decode()
    owner.refresh_from_db()
    assert owner.closed_at is None
    assert not nothing_is_left()


@pytest.mark.parametrize("word", ["close", " Close ", "CLOSE"])
def test_with_the_word_it_is_closed_and_signed_out(client: Client, owner: User, word: str) -> None:
    finish(submit(owner))
    response = close(client, word)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/closed/?for=")
    said = [str(message) for message in get_messages(response.wsgi_request)]
    assert said == ["Your account is closed, and 1 image is erased."]
    owner.refresh_from_db()
    assert owner.closed_at is not None
    assert nothing_is_left()
    assert client.get("/account/").status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert said[0] in page
    assert 'href="/receipts/verify/"' in page
    assert not Session.objects.exists()


def test_a_database_that_cannot_be_written_leaves_it_open(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    finish(submit(owner))
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(erase, "condemn_locked", locked)
        assert close(client).status_code == 500
    owner.refresh_from_db()
    assert owner.closed_at is None
    assert close(client).status_code == 302
    assert nothing_is_left()


def test_the_page_after_it_is_nobody_s_secret(db: None) -> None:
    assert Client().get("/account/closed/").status_code == 200


def test_whoever_closed_it_can_save_the_receipts_for_an_hour(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = finish(submit(owner))
    closed = close(client)["Location"]
    stranger = Client()
    page = stranger.get(closed).content.decode()
    found = re.search(r'href="(/account/closed/receipts[.]json[?]for=[^"]+)"', page)
    assert found
    answer = stranger.get(found[1])
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    (receipt,) = json.loads(b"".join(answer))
    assert (receipt["image"], receipt["reason"]) == (str(image.pk), "account_closed")
    monkeypatch.setattr(closing, "AN_HOUR", -1)
    assert stranger.get(found[1]).status_code == 404
    assert "Save all receipts" not in stranger.get(closed).content.decode()


def test_no_word_opens_the_receipts_of_an_account_that_is_open(owner: User) -> None:
    finish(submit(owner))
    word = signing.dumps(str(owner.pk), salt=closing.SALT)
    for forged in ("", "x", word, word[:-1], signing.dumps(str(owner.pk))):
        answer = Client().get("/account/closed/receipts.json", {"for": forged})
        assert answer.status_code == 404
