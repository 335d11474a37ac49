"""The studio, and photos for it."""

import pytest
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, card

PATIENCE = 30_000


def photo(name: str = "cup.png", width: int = 320) -> Held:
    return Held(name, photos.draw(width, 240), "image/png")


@pytest.fixture
def studio(signed_in_page: Page, live_site: str) -> Page:
    signed_in_page.goto(f"{live_site}/")
    expect(signed_in_page.locator("[data-studio][data-empty]")).to_be_visible()
    return signed_in_page


def expect_done(page: Page, name: str) -> None:
    expect(card(page, name)).to_have_attribute("data-state", "done", timeout=PATIENCE)
    expect(card(page, name).locator("[data-after] img")).to_be_visible()
