"""The whole promise at a site whose retention is one minute: the switch, an upload, its end, proof.

Whoever wants to see it: BGERASE_RETENTION=60s make run.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import photos
from tests.browser.conftest import Site, run_site, sign_in
from tests.browser.gestures import Held, card, drop

pytestmark = pytest.mark.browser
PHOTO = photos.draw()
MINUTE = 60_000  # Milliseconds.
SWEPT = 15_000


@pytest.fixture(scope="module")
def short_site() -> Iterator[Site]:
    with run_site(MODEL="synthetic", RETENTION="60s") as running:
        yield running


@pytest.fixture
def mine(page: Page, short_site: Site) -> Page:
    sign_in(page.context, short_site)
    return page


@pytest.fixture
def keepers(browser: Browser, short_site: Site) -> Iterator[Page]:
    """A page of somebody else, who leaves the switch on."""
    context = browser.new_context(locale="en-GB")
    sign_in(context, short_site)
    yield context.new_page()
    context.close()


def _switch(page: Page, site: Site, *, on: bool) -> None:
    page.goto(f"{site.url}/account/")
    switch = page.get_by_role("switch", name="AI Training Data")
    expect(switch).to_have_attribute("aria-checked", "false" if on else "true")
    switch.click()
    if on:
        # One deliberate step more, before the exact wording.
        expect(switch).to_have_attribute("aria-checked", "false")
        page.get_by_role("button", name="Turn on AI Training Data").click()
    switch = page.get_by_role("switch", name="AI Training Data")
    expect(switch).to_have_attribute("aria-checked", "true" if on else "false")


def _upload(page: Page, site: Site, name: str) -> str:
    """The address of the image's page, once it is cut out."""
    page.goto(site.url)
    page.wait_for_load_state("load")
    drop(page, Held(name, PHOTO, "image/png"))
    photo = card(page, name)
    expect(photo).to_have_attribute("data-state", "done", timeout=30_000)
    return str(photo.get_attribute("data-url"))


def _save(page: Page, button: str) -> dict[str, str]:
    with page.expect_download() as download:
        page.get_by_text(button, exact=True).click()
    saved: dict[str, str] = json.loads(Path(download.value.path()).read_text())
    return saved


def _verify(page: Page, site: Site, receipt: object, ticket: object) -> None:
    """As a stranger would, with the file itself, which does not leave the page."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(f"{site.url}/receipts/verify/")
    page.get_by_label(re.compile("^Receipt")).fill(json.dumps(receipt))
    page.get_by_label(re.compile("^Claim ticket")).fill(json.dumps(ticket))
    page.locator("[data-choose-original]").set_input_files(
        {"name": "photo.png", "mimeType": "image/png", "buffer": PHOTO}
    )
    expect(page.get_by_label(re.compile("^SHA-256"))).to_have_value(
        hashlib.sha256(PHOTO).hexdigest()
    )
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The receipt is genuine, and it is for this file.")).to_be_visible()
    assert not any("PNG" in body or "IHDR" in body for body in sent)


def _reload_until(page: Page, words: str) -> None:
    """What the next sweep brings; the page does not wait for it by itself."""
    for _ in range(SWEPT // 1000):
        if page.get_by_text(words).first.is_visible():
            return
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.get_by_text(words).first).to_be_visible()


def test_a_photo_goes_within_its_minute_and_that_can_be_proved(
    mine: Page, keepers: Page, short_site: Site
) -> None:
    _switch(keepers, short_site, on=True)
    kept = _upload(keepers, short_site, "kept.png")
    expect(card(keepers, "kept.png")).to_contain_text("Kept for training")

    _switch(mine, short_site, on=True)
    _switch(mine, short_site, on=False)
    address = _upload(mine, short_site, "photo.png")
    expect(card(mine, "photo.png")).to_contain_text(re.compile(r"Erased in \d+ s"))
    mine.goto(short_site.url + address)
    ticket = _save(mine, "Save claim ticket")
    assert ticket["sha256"] == hashlib.sha256(PHOTO).hexdigest()

    mine.goto(f"{short_site.url}/gallery/")
    expect(card(mine, "photo.png")).to_have_attribute("data-state", "done")
    expect(card(mine, "photo.png")).to_have_attribute("data-state", "erased", timeout=MINUTE)
    mine.reload()
    expect(mine.locator("[data-card]")).to_have_count(0)
    assert mine.request.get(f"{short_site.url}{address}preview.webp").status == 404
    mine.goto(f"{short_site.url}/receipts/{address.strip('/').rpartition('/')[2]}/")
    _reload_until(mine, "Nothing of this image is left.")
    receipt = _save(mine, "Save as JSON")
    assert receipt["reason"] == "deadline"
    mine.context.clear_cookies()
    _verify(mine, short_site, receipt, ticket)

    # The other photo is older, and is here: its owner has said so, and can take it back at once.
    keepers.goto(f"{short_site.url}/gallery/")
    expect(card(keepers, "kept.png")).to_contain_text("Kept: you opted in on")
    assert keepers.request.get(f"{short_site.url}{kept}preview.webp").status == 200
    _switch(keepers, short_site, on=False)
    assert keepers.request.get(f"{short_site.url}{kept}preview.webp").status == 404
    keepers.goto(f"{short_site.url}/receipts/{kept.strip('/').rpartition('/')[2]}/")
    _reload_until(keepers, "Nothing of this image is left.")
    assert _save(keepers, "Save as JSON")["reason"] == "consent_withdrawn"
