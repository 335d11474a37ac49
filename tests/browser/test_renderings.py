"""Another size and format, from the page of an image: with and without its scripts."""

import zipfile

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests import photos
from tests.browser.gestures import Held, card, drop

pytestmark = pytest.mark.browser
PATIENCE = 30_000


@pytest.fixture
def at_image(signed_in_page: Page, live_site: str) -> Page:
    """The page of an image that is done."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("cup.png", photos.draw(1600, 1200), "image/png"))
    mine = card(page, "cup.png")
    expect(mine).to_have_attribute("data-state", "done", timeout=PATIENCE)
    mine.locator("[data-name]").click()
    expect(page.get_by_role("heading", name="cup.png")).to_be_visible()
    return page


def test_a_size_and_a_format_are_chosen_and_downloaded(at_image: Page) -> None:
    at_image.get_by_label("Format", exact=True).select_option("jpg")
    at_image.get_by_label("Size", exact=True).select_option("preview")
    with at_image.expect_download() as download:
        at_image.get_by_role("button", name="Download in this size").click()
    assert download.value.suggested_filename == "cup-cutout.jpg"
    with Image.open(download.value.path()) as picture:
        assert picture.format == "JPEG"
        assert 200_000 < picture.width * picture.height <= 250_000
    expect(at_image.get_by_role("heading", name="cup.png")).to_be_visible()


def test_colour_and_mask_come_as_one_file(at_image: Page) -> None:
    at_image.get_by_label("Format", exact=True).select_option("zip")
    with at_image.expect_download() as download:
        at_image.get_by_role("button", name="Download in this size").click()
    with zipfile.ZipFile(download.value.path()) as layers:
        assert sorted(layers.namelist()) == ["alpha.png", "colour.jpg"]


@pytest.mark.parametrize("link", ["cutout_jpg", "cutout_webp"])
def test_a_format_of_the_list_is_made_when_it_is_clicked(at_image: Page, link: str) -> None:
    with at_image.expect_download() as download:
        at_image.locator(f"[data-link={link}]").click()
    with Image.open(download.value.path()) as picture:
        assert picture.size == (1600, 1200)


def test_it_needs_no_scripts(browser: Browser, at_image: Page) -> None:
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    context.add_cookies(at_image.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(at_image.url)
    page.get_by_label("Format", exact=True).select_option("webp")
    page.get_by_label("Size", exact=True).select_option("medium")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download in this size").click()
    with Image.open(download.value.path()) as picture:
        assert picture.format == "WEBP"
    context.close()
