"""The headers of every page: nothing inline runs, nothing is framed, nothing is kept by a cache."""

from typing import Any

import pytest

from accounts.models import User
from tests.cast import JSON, browser, finish, submit

PATHS = (
    "/",
    "/gallery/",
    "/images/{id}/",
    "/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/nowhere",
    "/healthz",
)
DOORS = ("/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nowhere")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob: data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def check(response: Any) -> None:
    headers = response.headers
    directives = (
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert dict(tuple(pair) for pair in directives if pair != [""]) == POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    powers = headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(powers)
    assert "no-store" in headers["Cache-Control"]
    assert "private" in headers["Cache-Control"]
    assert "Server" not in headers
    assert "X-Powered-By" not in headers


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_a_page_has_all_of_them(owner: User, path: str, headers: dict[str, str]) -> None:
    image = finish(submit(owner))
    check(browser(owner).get(path.format(id=image.pk), headers=headers))


@pytest.mark.parametrize("path", DOORS)
def test_a_door_has_all_of_them(db: None, path: str) -> None:
    check(browser().get(path))


def test_a_refusal_has_all_of_them(owner: User) -> None:
    check(browser(owner, enforce_csrf_checks=True).post("/gallery/"))
    check(browser().get("/gallery/", headers=JSON))
    check(browser(owner).delete("/gallery/", headers=JSON))


def test_one_address_of_two_forms_says_that_the_answer_depends_on_the_question(
    owner: User,
) -> None:
    image = submit(owner)
    for path in ("/gallery/", f"/images/{image.pk}/", "/images/"):
        for headers in ({}, JSON):
            response = browser(owner).get(path, headers=headers)
            assert "Cookie" in response["Vary"]
