"""POST /images/ from somebody who is not signed in, or from a page that is not ours."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from processing.models import Image
from tests import photos
from tests.cast import JSON, browser, nothing_is_left, send


@pytest.fixture
def client(owner: User) -> Client:
    """A browser whose tokens are checked, with one of the site's pages open."""
    client = browser(owner, enforce_csrf_checks=True)
    assert client.get("/gallery/", headers=JSON | {"Accept": "text/html"}).status_code == 200
    return client


def token_of(client: Client) -> str:
    return str(client.cookies["csrftoken"].value)


def test_a_visitor_is_told_to_sign_in(db: None) -> None:
    response = send(browser(), photos.draw())
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_signed_in"
    assert nothing_is_left()


def test_a_visitor_s_form_leads_to_the_sign_in_page(db: None) -> None:
    response = send(browser(), photos.draw(), headers={})
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=%2F")
    assert nothing_is_left()


def test_the_token_in_the_header_is_enough(client: Client) -> None:
    response = send(client, photos.draw(), headers=JSON | {"X-CSRFToken": token_of(client)})
    assert response.status_code == 201


def test_the_token_in_the_form_is_enough_even_behind_the_photo(client: Client) -> None:
    field = (
        f'--{photos.BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"'
        f"\r\n\r\n{token_of(client)}\r\n"
    ).encode()
    body = photos.multipart(photos.Part(photos.draw()), end=False) + field
    body += f"--{photos.BOUNDARY}--\r\n".encode()
    response = client.post("/images/", body, content_type=photos.CONTENT_TYPE, headers=JSON)
    assert response.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRFToken": ""},
        {"X-CSRFToken": "a" * 32},
        {"X-CSRFToken": "short"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("key", ["", "?request=key"])
def test_a_forged_request_is_refused_and_nothing_is_left(
    client: Client, headers: dict[str, str], key: str
) -> None:
    photo = photos.pad(photos.draw(), 400_000)
    response = send(client, photo, photo, address=f"/images/{key}", headers=JSON | headers)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "csrf_failed"
    assert nothing_is_left()


def test_a_foreign_page_with_a_good_token_is_refused(client: Client) -> None:
    headers = {"X-CSRFToken": token_of(client), "Origin": "https://evil.example"}
    assert send(client, photos.draw(), headers=JSON | headers).status_code == 403
    assert nothing_is_left()


def test_our_own_origin_is_welcome(client: Client) -> None:
    headers = {"X-CSRFToken": token_of(client), "Origin": "http://testserver"}
    assert send(client, photos.draw(), headers=JSON | headers).status_code == 201


def test_a_browser_without_the_cookie_is_refused(owner: User) -> None:
    client = browser(owner, enforce_csrf_checks=True)
    headers = JSON | {"X-CSRFToken": "a" * 32}
    assert send(client, photos.draw(), headers=headers).status_code == 403
    assert nothing_is_left()


def test_a_forged_form_gets_a_page_that_says_what_to_do(client: Client) -> None:
    response = send(client, photos.draw(), headers={})
    assert response.status_code == 403
    assert "Reload" in response.content.decode() or "reload" in response.content.decode()
    assert nothing_is_left()


def test_a_forged_request_does_not_take_back_what_the_owner_sent_under_the_same_key(
    client: Client,
) -> None:
    good = JSON | {"X-CSRFToken": token_of(client)}
    send(client, photos.draw(), address="/images/?request=key", headers=good)
    send(client, photos.draw(), photos.draw(), address="/images/?request=key", headers=JSON)
    assert Image.objects.filter(life="live").count() == 1


@pytest.mark.parametrize("address", ["/images/erase/", "/images/{id}/erase/"])
def test_erasing_needs_the_token_too(client: Client, address: str) -> None:
    good = JSON | {"X-CSRFToken": token_of(client)}
    (card,) = send(client, photos.draw(), headers=good).json()["images"]
    data: dict[str, Any] = {"id": card["id"]}
    forged = client.post(address.format(id=card["id"]), data, headers=JSON)
    assert forged.status_code == 403
    assert forged.json()["error"]["code"] == "csrf_failed"
    assert client.delete(card["url"], headers=JSON).status_code == 403
    assert Image.objects.filter(life="live").count() == 1
