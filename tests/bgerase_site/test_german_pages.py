"""No page says in English to a German reader what it says in English to an English one."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

from accounts.models import User
from processing.engine import Options
from processing.errors import sentence_of
from processing.jobs.results import PICTURE, RESULT_KINDS, STROKES
from processing.models import Blob, Image, Job, JobState, Life, Pulse, Reason, database_now
from processing.retention import erase
from processing.templatetags.states import STATES
from processing.views.words import said as words_of
from tests.cast import (
    JSON,
    browser,
    fail,
    finish,
    finish_with_renderings,
    opt_in,
    render,
    submit,
)
from tests.links import share

GERMAN, ENGLISH = {"Accept-Language": "de"}, {"Accept-Language": "en"}
SAID_IN = ("aria-label", "title", "alt", "placeholder", "content")
UNSAID = {"script", "style", "svg", "code", "pre", "kbd", "textarea"}
# Names, units, ids, and what people call by one word in both languages.
SAME = re.compile(
    r"(?:Background|Erase|BackgroundErase|Studio|Links?|[12]\.png)(?: · BackgroundErase)?"
    r"|PNG|WebP|AVIF|JPEG|ZIP|JSON|CSV|SHA-256|Hash \(SHA-256|UTC|synthetic 1"
    r"|English|Deutsch|API|Hash|Browser|Status|System"
    r"|Passkeys?|Cookies|Original|Name|Version|Downloads?|Format|Zoom|Training|Anime"
    r"|Instagram, story|Etsy|eBay|Shopify|Walmart Marketplace|Google Merchant Center"
    r"|Tag"  # A label on an image there, a day here.
    r"|[\d.]+ (?:MP|MB|kB)|[\d:]+ UTC|[0-9a-f-]{36}|http://\S+|\w+\.json|\S+@example\.org"
    r"|sessionid, csrftoken, share, language, messages"
    r"|width=device-width.*|light dark|#[0-9a-f]{6}|no-referrer|noindex.*|\d+;url=.*"
)


class Texts(HTMLParser):
    """What a page says: its text, and the attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.decimals: set[str] = set()  # Of attributes, which programs read: none has a comma.
        self._unsaid: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in UNSAID or (tag == "blockquote" and said.get("lang")):
            self._unsaid.append(tag)
        others = {value or "" for name, value in attrs if name not in SAID_IN}
        self.decimals |= {value for value in others if re.fullmatch(r"\d+,\d+", value)}
        if not self._unsaid and said.get("name") not in {"csrf-token", "csrfmiddlewaretoken"}:
            self.found |= {said[name] or "" for name in SAID_IN if name in said}
            if tag == "input" and said.get("type") == "submit":
                self.found.add(said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self._unsaid and self._unsaid[-1] == tag:
            self._unsaid.pop()

    def handle_data(self, data: str) -> None:
        if not self._unsaid:
            self.found.add(data)


def said(response: Any) -> set[str]:
    texts = Texts()
    texts.feed(response.content.decode().replace("<wbr>", ""))
    assert texts.decimals == set()
    plain = {" ".join(text.split()) for text in texts.found}
    return {text.strip(" .,:;()·–“”„") for text in plain if re.search(r"[A-Za-z]{2}", text)}


def left_in_english(client: Client, path: str, status: int = 200) -> set[str]:
    english, german = (client.get(path, headers=headers) for headers in (ENGLISH, GERMAN))
    assert english.status_code == german.status_code == status, path
    assert '<html lang="de"' in german.content.decode()
    return {text for text in said(english) & said(german) if not SAME.fullmatch(text)}


DOORS = (
    "/",
    "/privacy/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-junk/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/junk/",
    "/accounts/inactive/",
    "/account/closed/",
    "/receipts/verify/",
)


@pytest.mark.parametrize("path", DOORS)
def test_a_door_speaks_german(db: None, path: str) -> None:
    assert left_in_english(Client(), path) == set()


PAGES = (
    "/",
    "/gallery/",
    "/gallery/?name=nothing",
    "/gallery/?show=kept",
    "/images/{image}/",
    "/images/{image}/edit/",
    "/shares/",
    "/shares/new/?id={image}",
    "/shares/{share}/",
    "/receipts/",
    "/receipts/?since=junk",
    "/receipts/{erased}/",
    "/receipts/{image}/",
    "/account/",
    "/account/activity/",
    "/account/activity/?kind=junk&from=junk&image=junk",
    "/account/training/",
    "/account/training/history/",
    "/account/data/",
    "/account/erase-all/",
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/reauthenticate/",
)


@pytest.fixture
def facts(owner: User) -> dict[str, str]:
    """Names that are no words: what a person gave is the same in every language."""
    erased = finish(submit(owner, name="1.png"))
    client = browser(owner)
    client.delete(f"/images/{erased.pk}/")
    opt_in(owner)
    image = finish(submit(owner, name="2.png"))
    link = share(owner, image, password="a good password", download_limit=3)
    return {"image": str(image.pk), "erased": str(erased.pk), "share": str(link.share.pk)}


STATUS = {"/receipts/?since=junk": 400}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_german(owner: User, facts: dict[str, str], path: str) -> None:
    left = left_in_english(browser(owner), path.format(**facts), STATUS.get(path, 200))
    assert left - {"nothing"} == set()  # What is looked for.


@pytest.fixture
def staff(owner: User) -> Client:
    owner.is_staff = True
    owner.save()
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={})
    return browser(owner)


@pytest.mark.parametrize("path", ["/staff/", "/staff/images/{image}/"])
def test_staff_read_german_too(staff: Client, facts: dict[str, str], path: str) -> None:
    assert left_in_english(staff, path.format(**facts)) == set()


def test_staff_read_of_every_state_and_reason_in_german(staff: Client, owner: User) -> None:
    images = [submit(owner) for _ in (*JobState, *Reason, Life.RECEIVING)]
    for image, state in zip(images, JobState, strict=False):
        Job.objects.filter(image=image).update(state=state)
    for image, reason in zip(images[len(JobState) :], Reason, strict=False):
        erase.condemn(image, database_now(), reason)
    Image.objects.filter(pk=images[-1].pk).update(life=Life.RECEIVING)
    for path in ("/staff/", *(f"/staff/images/{image.pk}/" for image in images)):
        assert left_in_english(staff, path) == set(), path
    page = staff.get("/staff/", headers=GERMAN).content.decode()
    for word in (*Life, *JobState):
        assert str(STATES[word.value]) == word.value
        assert f", {word.value}<" not in page


def test_staff_read_what_failed_and_what_is_stored_in_german(staff: Client, owner: User) -> None:
    image, broken = finish_with_renderings(submit(owner)), submit(owner)
    fail(broken, "truncated")
    render(image, Options.parse({"format": "jpg", "size": "preview"}))
    Blob.objects.bulk_create(
        Blob(image=image, kind=kind, generation=1)
        for kind in ("part", *(f"v3.{file}" for file in (*RESULT_KINDS, STROKES, PICTURE)))
    )
    for one in (image, broken):
        assert left_in_english(staff, f"/staff/images/{one.pk}/") == set()
    page = staff.get(f"/staff/images/{broken.pk}/", headers=GERMAN).content.decode()
    with translation.override("de"):
        assert words_of(sentence_of("truncated")) in page
    assert "truncated" in page  # By which docs/api.md and the log know it.


def test_staff_read_alarms_in_german(staff: Client) -> None:
    facts = {"vault": "other", "versioning": "on", "skew": 99.0}
    Pulse.objects.create(name="sweeper", at=database_now(), facts=facts)
    Pulse.objects.create(name="patrol", at=database_now(), facts={"objects": 3})
    assert {text for text in left_in_english(staff, "/staff/") if " " in text} == set()


def test_what_a_link_shows_is_german(owner: User) -> None:
    image = finish(submit(owner))
    for link in (share(owner, image), share(owner, image, password="a good password")):
        assert left_in_english(Client(), f"/s/{link.token}/") == set()
    assert left_in_english(Client(), f"/s/{'x' * 43}/", 410) == set()


@pytest.mark.parametrize(
    "code", ["400", "403", "403_csrf", "404", "405", "410", "413", "429", "500", "503"]
)
def test_a_refusal_is_german(db: None, code: str) -> None:
    page = get_template(f"{code}.html")
    texts = []
    for language in ("en", "de"):
        parser = Texts()
        with translation.override(language):
            parser.feed(page.render({}))
        texts.append({" ".join(text.split()) for text in parser.found})
    same = {text for text in texts[0] & texts[1] if re.search(r"[A-Za-z]{2}", text)}
    assert {text for text in same if not SAME.fullmatch(text)} == set()


def test_what_a_page_s_script_is_told_is_german(owner: User) -> None:
    headers = JSON | {"X-Page-Language": "de"}
    refused = browser(owner).post("/images/", {}, headers=headers).json()["error"]
    assert refused["message"] == "Bitte mindestens ein Foto wählen."
    gone = browser(owner).get("/nowhere", headers=headers).json()["error"]
    assert gone["message"].startswith("Unter dieser Adresse ist nichts")


def test_a_message_after_an_act_is_german(owner: User) -> None:
    image = finish(submit(owner))
    client = browser(owner, headers=GERMAN)
    page = client.post(f"/images/{image.pk}/erase/", follow=True).content.decode()
    assert "1 Bild gelöscht." in page
    assert "Zum Löschbeleg" in page


def test_a_mail_is_german(owner: User, mailoutbox: list[Any]) -> None:
    Client(headers=GERMAN).post("/accounts/password/reset/", {"email": owner.email})
    Client(headers=ENGLISH).post("/accounts/password/reset/", {"email": owner.email})
    german, english = mailoutbox
    assert german.subject != english.subject
    assert "Passwort" in german.subject
    lines = {line for line in german.body.splitlines() if re.search(r"[A-Za-z]{3}", line)}
    shared = lines & set(english.body.splitlines())
    assert {
        line for line in shared if "http" not in line and "BackgroundErase" not in line
    } == set()
