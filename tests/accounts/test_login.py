"""/accounts/login/ and /accounts/logout/."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.cast import PASSWORD, browser

EVIL = (
    "https://evil.example",
    "https://evil.example/gallery/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "https:///evil.example",
    "//testserver@evil.example",
    " //evil.example",
    "/\t/evil.example",
    "http://testserver.evil.example/",
    "http://testserver/gallery/",  # This host, but a path is all that is ever needed.
)


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/gallery/").status_code == 200)


def test_the_right_password_opens_the_studio(owner: User) -> None:
    client = browser()
    response = sign_in(client, owner.email)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_letters_of_the_address_may_be_large_or_small(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email.upper())
    assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(owner: User) -> None:
    wrong = sign_in(browser(), owner.email, "not the right one")
    unknown = sign_in(browser(), "nobody@example.org", "not the right one")
    assert wrong.status_code == unknown.status_code == 200
    errors = [response.context["form"].errors for response in (wrong, unknown)]
    assert errors[0] == errors[1]
    assert errors[0]


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


def test_a_session_from_before_signing_in_is_not_taken_over(owner: User) -> None:
    client = browser()
    before = client.session
    before["planted"] = True
    before.save()
    sign_in(client, owner.email)
    assert client.session.session_key != before.session_key


def test_too_many_wrong_passwords_for_one_person_are_stopped(owner: User) -> None:
    for _ in range(5):
        sign_in(browser(), owner.email, "not the right one")
    client = browser()
    response = sign_in(client, owner.email)
    assert response.status_code == 200
    assert "too many attempts" in str(response.context["form"].errors)
    assert not is_signed_in(client)


def test_too_many_attempts_from_one_address_are_a_page_in_our_look(owner: User) -> None:
    for number in range(31):
        response = sign_in(browser(), f"nobody{number}@example.org", "not the right one")
    assert response.status_code == 429
    page = response.content.decode()
    assert "<h1" in page
    assert "css/tokens" in page


def test_a_wrong_password_does_not_stop_somebody_else(owner: User, outsider: User) -> None:
    for _ in range(6):
        sign_in(browser(), owner.email, "not the right one")
    client = browser()
    sign_in(client, outsider.email)
    assert is_signed_in(client)


@pytest.mark.parametrize("away", EVIL)
@pytest.mark.parametrize("how", ["address", "form"])
def test_signing_in_never_leads_away(owner: User, away: str, how: str) -> None:
    client = browser()
    if how == "form":
        response = sign_in(client, owner.email, next=away)
    else:
        query = urlencode({"next": away})
        data = {"login": owner.email, "password": PASSWORD}
        response = client.post(f"/accounts/login/?{query}", data)
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("away", EVIL)
def test_who_is_signed_in_already_is_not_led_away_either(owner: User, away: str) -> None:
    response = browser(owner).get("/accounts/login/", {"next": away})
    assert response["Location"] == "/"


@pytest.mark.parametrize("home", ["/gallery/", "/account/#devices", "/gallery/?page=2"])
def test_signing_in_leads_back_to_the_page_that_asked_for_it(owner: User, home: str) -> None:
    assert sign_in(browser(), owner.email, next=home)["Location"] == home


def test_signing_out_ends_the_session(owner: User) -> None:
    client = browser(owner)
    stolen = client.cookies["sessionid"].value
    response = client.post("/accounts/logout/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert not is_signed_in(client)
    client.cookies["sessionid"] = stolen
    assert not is_signed_in(client)


def test_a_link_alone_signs_nobody_out(owner: User) -> None:
    client = browser(owner)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)


@pytest.mark.parametrize("away", EVIL)
def test_signing_out_never_leads_away(owner: User, away: str) -> None:
    response = browser(owner).post("/accounts/logout/", {"next": away})
    assert response["Location"] == "/"


def test_somebody_shut_out_cannot_sign_in(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)
    client = browser()
    sign_in(client, owner.email)
    assert not is_signed_in(client)


def test_where_addresses_are_verified_signing_in_waits_for_it(
    owner: User, settings: Settings, mailoutbox: list[Any]
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = browser()
    response = sign_in(client, owner.email)
    assert response["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(client)
    assert [message.to for message in mailoutbox] == [[owner.email]]


def test_a_form_from_elsewhere_signs_nobody_in(owner: User) -> None:
    client = browser(enforce_csrf_checks=True)
    assert sign_in(client, owner.email).status_code == 403
