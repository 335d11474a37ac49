"""A shorter life in a real browser: chosen before sending, on an image's page, by downloading."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, card, drop

pytestmark = pytest.mark.browser
PATIENCE = 30_000


@pytest.fixture
def studio(signed_in_page: Page, live_site: str) -> Page:
    signed_in_page.goto(f"{live_site}/")
    return signed_in_page


def send(page: Page, name: str, life: str) -> None:
    page.get_by_label("Erase them").select_option(life)
    drop(page, Held(name, photos.draw(), "image/png"))
    expect(card(page, name)).to_have_attribute("data-state", "done", timeout=PATIENCE)


def test_what_is_chosen_holds_for_what_is_dropped_then(studio: Page) -> None:
    fate = studio.locator("#dropzone-fate")
    usual = fate.inner_text()
    studio.get_by_label("Erase them").select_option("1h")
    expect(fate).not_to_have_text(usual, use_inner_text=True)
    send(studio, "hour.png", "1h")
    send(studio, "usual.png", "")
    expect(fate).to_have_text(usual, use_inner_text=True)
    expect(card(studio, "hour.png")).to_contain_text("Erased in 57 min")
    expect(card(studio, "usual.png")).to_contain_text("Erased in 22 h")
    studio.reload()
    expect(studio.get_by_label("Erase them")).to_have_value("")  # It is remembered nowhere.


def test_after_its_download_an_image_leaves_the_page(studio: Page) -> None:
    send(studio, "once.png", "download")
    expect(studio.locator("#dropzone-fate")).to_contain_text("once downloaded")
    mine = card(studio, "once.png")
    expect(mine).to_contain_text("or once downloaded")
    mine.hover()
    with studio.expect_download() as download:
        mine.locator("[data-link=cutout_png]").click()
    assert Path(download.value.path()).stat().st_size > 100
    expect(mine).to_have_attribute("data-state", "erased", timeout=PATIENCE)
    studio.reload()
    expect(card(studio, "once.png")).to_have_count(0)


def test_an_image_is_given_an_hour_on_its_page(studio: Page, live_site: str) -> None:
    send(studio, "later.png", "")
    card(studio, "later.png").locator("[data-name]").click()
    studio.get_by_role("button", name="Erase in 1 hour").click()
    expect(studio.locator(".image-fate")).to_contain_text("Erased in 59 min")
    expect(studio.get_by_role("button", name="Erase in 1 hour")).to_have_count(0)


def test_all_data_is_one_press_away(studio: Page, live_site: str) -> None:
    send(studio, "mine.png", "")
    studio.goto(f"{live_site}/account/data/")
    with studio.expect_download() as download:
        studio.get_by_role("button", name="Download my data").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert archive.testzip() is None
    assert "images/0001-mine/original.png" in archive.namelist()
