"""The HTML of every page: nothing inline, nothing from elsewhere, and what it names is there."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD, browser, fail, finish, opt_in, start, submit

VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}
SIGNED_IN = (
    "/",
    "/gallery/",
    "/shares/",
    "/account/",
    "/account/erase-all/",
    "/account/data/",
    "/account/closed/",
    "/privacy/",
    "/gallery/?show=kept",
    "/accounts/email/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/sessions/",
    "/nowhere",
)
SIGNED_OUT = (
    "/",
    "/privacy/",
    "/account/closed/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-junk/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/junk/",
    "/accounts/inactive/",
    "/nowhere",
)


class Page(HTMLParser):
    """What a browser would object to, and what the page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.uses: list[str] = []
        self.links: list[str] = []
        self.labels: list[str] = []
        self.headings: list[int] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        if self._open:
            self.wrong.append(f"never closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._check(tag, found)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "use":
            self.uses.append(found["href"].removeprefix("#"))
        if tag == "label" and "for" in found:
            self.labels.append(found["for"])
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))
        self.links += [found[name] for name in ("href", "src", "action") if name in found]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def _check(self, tag: str, found: dict[str, str]) -> None:
        inline = [name for name in found if name == "style" or name.startswith("on")]
        if inline:
            self.wrong.append(f"<{tag}> has {inline}")
        if tag == "style" or (tag == "script" and "src" not in found and not _is_data(found)):
            self.wrong.append(f"<{tag}> is inline")
        for name in ("href", "src", "action", "formaction", "poster"):
            if found.get(name, "").startswith(("http:", "https:", "//", "javascript:")):
                self.wrong.append(f"<{tag} {name}={found[name]}> leads elsewhere")


def _is_data(found: dict[str, str]) -> bool:
    """Data in a page is not run, so the policy lets it be."""
    return found.get("type") == "application/json"


def check(response: Any) -> None:
    assert response["Content-Type"] == "text/html; charset=utf-8"
    page = Page(response.content.decode())
    assert page.wrong == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.uses) <= set(page.ids)
    assert set(page.labels) <= set(page.ids)
    assert page.headings[:1] in ([1], [2])
    assert page.headings.count(1) <= 1
    for link in page.links:
        if link.startswith("/static/"):
            assert finders.find(link.removeprefix("/static/")), link
        elif link.startswith("#") and link != "#":
            assert link[1:] in page.ids, link


@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_page_of_somebody_signed_in(owner: User, path: str) -> None:
    finish(submit(owner, name='"><script>alert(1)</script>.png'))
    check(browser(owner).get(path))


@pytest.mark.parametrize("path", SIGNED_OUT)
def test_a_page_of_a_visitor(db: None, path: str) -> None:
    check(browser().get(path))


@pytest.mark.parametrize("word", ["", "close"])
def test_the_page_before_closing(owner: User, word: str) -> None:
    client = browser(owner)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    finish(submit(owner))
    check(
        client.post("/account/close/", {"word": "other"}) if word else client.get("/account/close/")
    )


@pytest.mark.parametrize("path", ["/", "/gallery/", "/images/{id}/", "/account/"])
def test_a_page_of_somebody_who_has_opted_in(owner: User, path: str) -> None:
    opt_in(owner)
    image = finish(submit(owner))
    check(browser(owner).get(path.format(id=image.pk)))


@pytest.mark.parametrize("path", ["/", "/gallery/", "/account/erase-all/", "/account/data/"])
def test_a_page_without_images(owner: User, path: str) -> None:
    check(browser(owner).get(path))


@pytest.mark.parametrize("path", ["/", "/gallery/", "/images/{id}/"])
@pytest.mark.parametrize("state", ["queued", "running", "done", "failed"])
def test_a_page_with_an_image_in_each_state(owner: User, path: str, state: str) -> None:
    image = submit(owner, name="a 'cup' & \"saucer\" <b>.png")
    if state == "running":
        start(image)
    elif state == "done":
        finish(image)
    elif state == "failed":
        fail(image, "decode_failed")
    check(browser(owner).get(path.format(id=image.pk)))


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_a_form_with_mistakes(db: None, path: str) -> None:
    check(browser().post(path, {"email": "<b>", "login": "<b>", "password": ""}))


def test_pages_of_refusals(owner: User) -> None:
    client = browser(owner)
    check(client.post("/images/"))
    check(client.delete("/gallery/"))
    check(browser(owner, enforce_csrf_checks=True).post("/gallery/"))


def test_the_parser_of_this_test_sees_what_it_looks_for() -> None:
    text = '<p style="x"><b onclick="y"></b><script>z</script><img src="//e"><style></style>'
    assert len(Page(text).wrong) == 6


def test_a_page_without_scripts_can_still_send_and_erase(client: Client, owner: User) -> None:
    client.force_login(owner)
    image = submit(owner)
    studio = Page(client.get("/").content.decode())
    assert any(link.startswith("/images/") and "request=" in link for link in studio.links)
    assert (
        f"/images/{image.pk}/erase/"
        in Page(client.get(f"/images/{image.pk}/").content.decode()).links
    )
