"""Who looks at the pages, each brought to where they are by the pages that everybody uses."""

import base64
import hashlib
import hmac
import re
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import Site
from tests.browser.gestures import Held, card, drop
from tests.conftest import ROOT
from tests.look import acts


class Who(StrEnum):
    """The name in front of their address's @."""

    VISITOR = "nobody"  # Signed out.
    NEWCOMER = "nora"  # Has just signed up.
    OWNER = "olivia"  # Has photos: done, failed, erased.
    CONTRIBUTOR = "carla"  # Has opted in, and a photo is kept.
    CONFIRMED = "stefan"  # Has confirmed the address; of the staff, but without a second factor.
    GUARDED = "gloria"  # Has an authenticator app, recovery codes and a passkey; of the staff.


@dataclass
class Cast:
    """`photos` are two good ones and one that cannot be cut out.

    `facts` are ids and links that paths name in braces.
    """

    site: Site
    browser: Browser
    photos: Sequence[Held]
    facts: dict[str, str] = field(default_factory=lambda: {"unknown": str(uuid.uuid4())})
    states: dict[Who, StorageState] = field(default_factory=dict)

    def gather(self) -> None:
        """Makes them all. Links that end somebody's account or password come last."""
        for who, live in _LIVES.items():
            page = self.browser.new_context(locale="en-GB").new_page()
            acts.open_page(page, f"{self.site.url}/accounts/signup/")
            acts.sign_up(page, who)
            live(self, page)
            self.states[who] = page.context.storage_state()
            page.context.close()
        self.states[Who.VISITOR] = {"cookies": [], "origins": []}
        page = self.browser.new_context(locale="en-GB").new_page()
        _ask_for_a_new_password(self, page)
        _close_an_account(self, page)
        page.context.close()

    def send(self, page: Page, photo: Held, state: str = "done") -> str:
        """Drops a photo in the studio, waits for its end; its id."""
        acts.open_page(page, f"{self.site.url}/")
        drop(page, photo)
        sent = card(page, photo.name)
        expect(sent).to_have_attribute("data-state", state, timeout=acts.PATIENCE)
        return sent.get_attribute("data-id") or ""

    def link_mailed_to(self, who: str, pattern: str) -> str:
        """The path of the newest link in a message to them."""
        messages = sorted(self.site.mail.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for path in reversed(messages):
            text = path.read_text()
            link = re.search(rf"https?://[^/\s]+({pattern}\S*)", text)
            if f"To: {acts.address_of(who)}" in text and link:
                return link[1]
        raise LookupError(f"No message to {who} has a link to {pattern}")

    def manage(self, *words: str) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        subprocess.run(command, env=self.site.environment, cwd=ROOT, check=True)


def _is_new(cast: Cast, page: Page) -> None:
    cast.facts["confirm_link"] = cast.link_mailed_to(Who.NEWCOMER, "/accounts/confirm-email/")


def _has_photos(cast: Cast, page: Page) -> None:
    good, other, bad = cast.photos
    cast.facts["erased"] = cast.send(page, other)
    card(page, other.name).get_by_role("button", name="Erase now").click()
    expect(card(page, other.name)).to_have_count(0, timeout=acts.PATIENCE)
    cast.facts["failed"] = cast.send(page, bad, "failed")
    cast.send(page, other)
    cast.facts["image"] = cast.send(page, good)
    cast.facts["locked"] = _share(cast, page, acts.make_a_locked_link)
    cast.facts["token"] = _share(cast, page, acts.make_a_link)
    link = page.locator("[data-made]").get_attribute("data-share-url") or ""
    cast.facts["share"] = link.rstrip("/").split("/")[-1]
    receipt = f"{cast.site.url}/receipts/{cast.facts['erased']}/"
    deadline = time.monotonic() + 60
    while not page.get_by_text("Nothing of this image is left.").count():
        assert time.monotonic() < deadline, "there is no receipt"
        page.wait_for_timeout(500)
        page.goto(receipt)


def _share(cast: Cast, page: Page, make: Callable[[Page], None]) -> str:
    """The secret in the link's address."""
    acts.open_page(page, f"{cast.site.url}/shares/new/?id={cast.facts['image']}")
    make(page)
    return page.get_by_label("The address").input_value().rstrip("/").split("/")[-1]


def _has_opted_in(cast: Cast, page: Page) -> None:
    page.goto(f"{cast.site.url}/account/training/")
    page.get_by_role("button", name="Turn on AI Training Data").click()
    expect(page.get_by_role("switch")).to_be_checked()
    cast.facts["kept"] = cast.send(page, cast.photos[0])


def _has_a_confirmed_address(cast: Cast, page: Page) -> None:
    _confirm(cast, page, Who.CONFIRMED)
    cast.manage("staff", "add", acts.address_of(Who.CONFIRMED))


def _is_guarded(cast: Cast, page: Page) -> None:
    _confirm(cast, page, Who.GUARDED)
    _add_authenticator_app(cast, page)
    _add_passkey(cast, page)
    cast.manage("staff", "add", acts.address_of(Who.GUARDED))


def _confirm(cast: Cast, page: Page, who: Who) -> None:
    page.goto(cast.site.url + cast.link_mailed_to(who, "/accounts/confirm-email/"))
    acts.press_submit(page)
    page.wait_for_load_state("networkidle")


def _add_authenticator_app(cast: Cast, page: Page) -> None:
    acts.open_page(page, f"{cast.site.url}/accounts/2fa/totp/activate/")
    secret = page.locator("#authenticator_secret").inner_text()
    page.locator("#id_code").fill(_code(secret))
    acts.press_submit(page)
    expect(page.locator("#recovery_codes")).to_be_visible()


def _code(secret: str) -> str:
    """The six digits that an authenticator app shows (RFC 6238: SHA-1, 30 seconds)."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def _add_passkey(cast: Cast, page: Page) -> None:
    """With an authenticator that is built into the browser, and always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    acts.open_page(page, f"{cast.site.url}/accounts/2fa/webauthn/add/")
    page.locator("#id_name").fill("Laptop")
    page.get_by_role("button", name="Add key").click()
    page.wait_for_url(re.compile(r"/accounts/2fa/(recovery-codes/)?$"))
    page.goto(f"{cast.site.url}/accounts/2fa/webauthn/")
    edit = page.locator('main a[href*="/webauthn/keys/"]').first.get_attribute("href") or ""
    cast.facts["passkey"] = edit.split("/keys/")[1].split("/")[0]


def _ask_for_a_new_password(cast: Cast, page: Page) -> None:
    acts.open_page(page, f"{cast.site.url}/accounts/password/reset/")
    page.locator("#id_email").fill(acts.address_of(Who.NEWCOMER))
    acts.press_submit(page)
    page.wait_for_url("**/password/reset/done/")
    cast.facts["reset_link"] = cast.link_mailed_to(Who.NEWCOMER, "/accounts/password/reset/key/")


def _close_an_account(cast: Cast, page: Page) -> None:
    acts.open_page(page, f"{cast.site.url}/accounts/signup/")
    acts.sign_up(page, "ludwig")
    cast.send(page, cast.photos[0])
    acts.open_page(page, f"{cast.site.url}/account/close/")
    page.get_by_label("Type close to confirm").fill("close")
    page.get_by_role("button", name="Close my account").click()
    page.wait_for_url("**/account/closed/**")
    cast.facts["closed_link"] = page.url.removeprefix(cast.site.url)


_LIVES: dict[Who, Callable[[Cast, Page], None]] = {
    Who.NEWCOMER: _is_new,
    Who.OWNER: _has_photos,
    Who.CONTRIBUTOR: _has_opted_in,
    Who.CONFIRMED: _has_a_confirmed_address,
    Who.GUARDED: _is_guarded,
}
