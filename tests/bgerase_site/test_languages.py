"""Pages speak the reader's language, and programs are answered in English."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from accounts.models import User
from tests.cast import JSON, browser, finish, submit
from tests.links import share

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


def spoken(response: Any) -> tuple[str, str]:
    """What the header says, and what the page itself says."""
    found = re.search(r'<html lang="([^"]+)"', response.content.decode())
    assert found
    return response["Content-Language"], found[1]


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("en-GB,de;q=0.9", "en"),
        ("de", "de"),
        ("de-CH,en;q=0.9", "de"),
        ("fr,de;q=0.3", "de"),
        ("fr", "en"),
        ("not a language;;q=x", "en"),
    ],
)
def test_a_page_speaks_what_the_browser_asks_for(db: None, asked: str, language: str) -> None:
    response = Client().get("/privacy/", headers={"Accept-Language": asked})
    assert spoken(response) == (language, language)
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


def test_the_operator_s_language_is_for_whoever_asks_for_neither(
    db: None, settings: Settings
) -> None:
    settings.LANGUAGE_CODE = "de"
    for asked, language in (("fr", "de"), ("en", "en")):
        response = Client().get("/privacy/", headers={"Accept-Language": asked})
        assert spoken(response) == (language, language)


def test_a_choice_is_kept_and_leads_back_to_the_page(db: None) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    page = client.get("/accounts/login/?next=/gallery/").content.decode()
    form = re.search(r'<form class="language".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    assert fields["language"] == "de"
    chosen = client.post("/language/", fields)
    assert (chosen.status_code, chosen["Location"]) == (302, "/accounts/login/?next=/gallery/")
    cookie = chosen.cookies["language"]
    assert (cookie.value, cookie["max-age"]) == ("de", 365 * 86_400)
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)
    assert spoken(client.get(chosen["Location"])) == ("de", "de")
    client.post("/language/", fields | {"language": "en"})
    assert spoken(client.get("/", headers=GERMAN)) == ("en", "en")


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_a_choice_leads_nowhere_else(db: None, away: str) -> None:
    response = Client().post("/language/", {"language": "de", "next": away})
    assert response["Location"] == "/"


def test_another_site_chooses_nothing(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/language/", {"language": "de"})
    assert response.status_code == 403
    assert "language" not in response.cookies


def test_what_is_no_language_of_the_site_chooses_nothing(db: None) -> None:
    client = Client()
    assert "language" not in client.post("/language/", {"language": "xx"}).cookies
    client.cookies["language"] = "../../etc"
    assert spoken(client.get("/privacy/")) == ("en", "en")


def test_only_pages_in_other_languages_load_a_catalog(db: None) -> None:
    script = '<script defer src="/static/words/de.js"></script>'
    assert "static/words" not in Client().get("/").content.decode()
    page = Client().get("/", headers=GERMAN).content.decode()
    assert script in page
    assert page.index(script) < page.index('type="module"')


def test_one_answer_s_language_is_not_the_next_one_s(db: None) -> None:
    Client().get("/privacy/", headers=GERMAN)
    assert spoken(Client().get("/privacy/")) == ("en", "en")
    assert spoken(Client().get("/nowhere", headers=GERMAN)) == ("de", "de")


# ---- programs ----

DATA = ("/privacy.json", "/receipts/keys.json", "/account/training/history.json")


@pytest.mark.parametrize("path", DATA)
def test_a_file_for_programs_does_not_depend_on_the_reader(owner: User, path: str) -> None:
    one, other = (browser(owner).get(path, headers=headers) for headers in ({}, GERMAN))
    assert one.status_code == 200
    assert one.content == other.content
    assert other["Content-Language"] == "en"


def test_json_is_english_for_programs_errors_too(owner: User) -> None:
    image = finish(submit(owner))
    client = browser(owner, headers=GERMAN | JSON)
    client.cookies["language"] = "de"
    for path in ("/images/", f"/images/{image.pk}/", "/gallery/", "/nowhere", "/shares/"):
        german = client.get(path)
        assert german["Content-Language"] == "en", path
    refused = client.get("/nowhere").json()["error"]
    assert refused["message"].startswith("There is nothing at this address")
    signed_out = Client().get("/gallery/", headers=GERMAN | JSON).json()["error"]
    assert signed_out["message"] == "You are signed out. Sign in and try again."
    broken = client.post("/images/", {}).json()
    assert "photo" in str(broken).lower()


def test_json_that_a_page_shows_is_in_the_page_s_language(owner: User) -> None:
    headers = GERMAN | JSON | {"X-Page-Language": "de"}
    response = browser(owner).get("/nowhere", headers=headers)
    assert response["Content-Language"] == "de"
    assert "X-Page-Language" in response["Vary"]
    other = browser(owner).get("/nowhere", headers=headers | {"X-Page-Language": "xx"})
    assert other["Content-Language"] == "en"


def test_a_link_s_page_speaks_the_visitor_s_language_and_sets_no_cookie(owner: User) -> None:
    link = share(owner)
    for path in (f"/s/{link.token}/", "/s/" + "x" * 43 + "/"):
        response = Client().get(path, headers=GERMAN)
        assert spoken(response) == ("de", "de")
        assert not response.cookies


def test_nothing_stays_switched_on_for_what_has_no_reader() -> None:
    assert translation.get_language() == "en"
