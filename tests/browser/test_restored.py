"""What "Back" brings up again as it was can tell of what is gone: every such page asks anew."""

import pytest
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, drop

pytestmark = pytest.mark.browser
PATIENCE = 30_000
PAGES = (
    "/",
    "/gallery/",
    "/images/{image}/",
    "/images/{image}/edit/",
    "/images/edit/new/?id={image}",
    "/shares/",
    "/shares/new/?id={image}",
    "{shared}",
    "/receipts/",
    "/receipts/{image}/",
    "/account/",
    "/account/activity/",
    "/account/training/",
    "/account/training/history/",
    "/accounts/sessions/",
)
SHARE = """
async (id) => {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const body = new URLSearchParams({ id });
  const answer = await fetch("/shares/", { method: "POST", headers, body });
  return new URL((await answer.json()).url).pathname;
}
"""
# As a browser says it; Chromium keeps no page that is not to be stored, others do.
BRING_UP_AGAIN = """
() => {
  window.before = true;
  setTimeout(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
}
"""


def test_what_back_brings_up_again_is_asked_for_anew(signed_in_page: Page, live_site: str) -> None:
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("cup.png", photos.draw(), "image/png"))
    card = page.locator("[data-cards] [data-state=done]")
    expect(card).to_have_count(1, timeout=PATIENCE)
    image = card.get_attribute("data-id")
    facts = {"image": image, "shared": page.evaluate(SHARE, image)}
    for path in PAGES:
        page.goto(live_site + path.format(**facts))
        page.evaluate(BRING_UP_AGAIN)
        page.wait_for_function("!window.before", timeout=PATIENCE)
