"""From a photo to its receipt, as a person goes: ticket, erase, receipt, print, verify."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Request, expect

from tests import photos
from tests.browser.conftest import Site, run_site, sign_in
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PHOTO = photos.draw()
GONE = 60_000  # Milliseconds: a sweep every second, on a machine that has other things to do.


@pytest.fixture(scope="module")
def sweeping_site() -> Iterator[Site]:
    with run_site(MODEL="synthetic", SWEEP_EVERY="1s") as running:
        yield running


@pytest.fixture
def page(visit: BrowserContext, sweeping_site: Site) -> Page:
    sign_in(visit, sweeping_site)
    return visit.new_page()


def send(page: Page, site: Site) -> None:
    """Leads to the page of an image that is done."""
    page.goto(f"{site.url}/")
    photo: FilePayload = {"name": "cup.png", "mimeType": "image/png", "buffer": PHOTO}
    page.set_input_files("[data-input]", [photo])
    card = page.locator("[data-card]").first
    expect(card).to_have_attribute("data-state", "done", timeout=30_000)
    page.goto(f"{site.url}{card.get_attribute('data-url')}")


def save(page: Page, name: str, folder: Path) -> Path:
    """Presses what saves a file, and waits for it."""
    with page.expect_download() as download:
        page.get_by_text(name, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def erase(page: Page) -> None:
    page.get_by_role("button", name="Erase now").click()
    expect(page).to_have_url(re.compile(r"/gallery/$"))


def open_receipt(page: Page, site: Site) -> None:
    """Its receipt, once the sweeper has looked again."""
    row = page.locator(".receipts-row a")
    for _ in range(GONE // 500):
        page.goto(f"{site.url}/receipts/")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing of this image is left.")


def test_a_photo_is_erased_and_anybody_can_verify_which_it_was(
    page: Page, sweeping_site: Site, browser: Browser, tmp_path: Path
) -> None:
    send(page, sweeping_site)
    ticket = save(page, "Save claim ticket", tmp_path)
    assert ticket.name == "cup-claim-ticket.json"
    said = json.loads(ticket.read_text())
    assert (said["name"], said["sha256"]) == ("cup.png", hashlib.sha256(PHOTO).hexdigest())
    expect(page.get_by_text("Keep it beside the photo")).to_be_visible()
    erase(page)
    open_receipt(page, sweeping_site)
    assert findings(page) == []
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    receipt = save(page, "Save as JSON", tmp_path)
    page.get_by_role("button", name="Verify it").click()
    expect(page.get_by_role("heading", name="This receipt is genuine.")).to_be_visible()
    assert findings(page) == []
    stranger = browser.new_context()
    sent: list[Request] = []

    def note(request: Request) -> None:
        sent.append(request)

    stranger.on("request", note)
    verify(stranger.new_page(), sweeping_site, [ticket, receipt], tmp_path / "cup.png")
    bodies = b"".join(request.post_data_buffer or b"" for request in sent)
    assert said["sha256"].encode() in bodies
    assert b"PNG" not in bodies  # The file itself stays where it is.
    stranger.close()


def verify(page: Page, site: Site, papers: list[Path], photo: Path) -> None:
    photo.write_bytes(PHOTO)
    page.goto(f"{site.url}/receipts/verify/")
    page.set_input_files("[data-choose-json]", papers)
    expect(page.get_by_label("Receipt as JSON", exact=True)).not_to_be_empty()
    expect(page.get_by_label("Claim ticket")).not_to_be_empty()
    page.set_input_files("[data-choose-original]", photo)
    expect(page.get_by_text("Its SHA-256 is filled in.")).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    verdict = page.get_by_role("heading", name="it is for this file")
    expect(verdict).to_have_text("The receipt is genuine, and it is for this file.")
    # The file on the disk says more than the studio has sent of it.
    photo.write_bytes(PHOTO + b"what no pixel needs")
    page.set_input_files("[data-choose-original]", photo)
    expect(page.get_by_text("as the studio sends it")).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    expect(verdict).to_have_text("The receipt is genuine, and it is for this file.")
    photo.write_bytes(photos.draw(65, 48))
    page.set_input_files("[data-choose-original]", photo)
    expect(page.get_by_text("Its SHA-256 is filled in.")).to_be_visible()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="This does not hold.")).to_be_visible()


def test_a_ticket_is_saved_without_scripts_too(
    page: Page, sweeping_site: Site, browser: Browser, tmp_path: Path
) -> None:
    send(page, sweeping_site)
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url)
    ticket = save(plain, "Save claim ticket", tmp_path)
    said: dict[str, Any] = json.loads(ticket.read_text())
    assert said["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    context.close()
