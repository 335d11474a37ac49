"""Pages speak the reader's language, and programs are answered in English."""

import re
import uuid
from typing import Any
from urllib.parse import urljoin, urlsplit

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


def chooser(page: str) -> tuple[str, str]:
    """Where the choice of a link's page is sent, and the language that it offers."""
    forms = re.findall(r'<form class="language".*?</form>', page, re.DOTALL)
    assert len(forms) == 1
    action, language = (re.findall(rf'{name}="([^"]*)"', forms[0]) for name in ("action", "value"))
    assert "csrf" not in forms[0]
    return action[0], language[0]


@pytest.mark.parametrize("password", ["", "a good password"])
def test_a_visitor_chooses_on_a_link_s_page_and_comes_back_to_it(
    owner: User, password: str
) -> None:
    link = f"/s/{share(owner, password=password).token}/"
    client = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    action, language = chooser(client.get(link).content.decode())
    assert (action, language) == (f"{link}language/", "de")
    chosen = client.post(action, {"language": language}, headers={"Sec-Fetch-Site": "same-origin"})
    assert (chosen.status_code, chosen["Location"], chosen.content) == (303, link, b"")
    assert chosen["Referrer-Policy"] == "no-referrer"
    assert chosen["X-Robots-Tag"].startswith("noindex")
    assert list(chosen.cookies) == ["language"]
    cookie = chosen.cookies["language"]
    assert (cookie.value, cookie["path"], cookie["max-age"]) == ("de", "/", 365 * 86_400)
    assert (cookie["samesite"], cookie["httponly"]) == ("Lax", True)
    german = client.get(link)
    assert spoken(german) == ("de", "de")
    assert not german.cookies
    assert chooser(german.content.decode()) == (action, "en")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", "take/"), ("POST", "unlock/"), ("GET", f"get/{uuid.UUID(int=1)}/")],
)
def test_a_choice_on_the_page_gone_leads_to_the_link_too_though_it_names_none(
    db: None, method: str, path: str
) -> None:
    client, link = Client(enforce_csrf_checks=True), "/s/" + "x" * 43 + "/"
    page = client.generic(method, link + path)
    assert page.status_code == 410
    action, language = chooser(page.content.decode())
    chosen = client.post(urljoin(link + path, action), {"language": language})
    assert (chosen.status_code, chosen["Location"]) == (303, link)
    assert spoken(client.get(link)) == ("de", "de")


def test_a_link_s_choice_leads_nowhere_else(db: None) -> None:
    for away in ("https://elsewhere.example/", "//elsewhere.example", "/gallery/"):
        fields = {"language": "de", "next": away}
        headers = {"Referer": away}
        assert Client().post("/s/abc/language/", fields, headers=headers)["Location"] == "/s/abc/"
    for token in ("%0A", "%5C%5Celsewhere.example", "..", "%2e%2e", "a b", "é"):
        where = urlsplit(Client().post(f"/s/{token}/language/", {"language": "de"})["Location"])
        assert (where.scheme, where.netloc, where.path[:3]) == ("", "", "/s/")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_site_chooses_nothing_for_a_link_s_visitor(db: None, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}
    response = Client().post("/s/abc/language/", {"language": "de"}, headers=headers)
    assert (response.status_code, response["Location"]) == (303, "/s/abc/")
    assert not response.cookies


def test_what_is_no_language_of_the_site_chooses_nothing_for_a_visitor(db: None) -> None:
    for fields in ({}, {"language": "xx"}, {"language": "de\r\nSet-Cookie: a=b"}):
        assert not Client().post("/s/abc/language/", fields).cookies


def test_nothing_stays_switched_on_for_what_has_no_reader() -> None:
    assert translation.get_language() == "en"
