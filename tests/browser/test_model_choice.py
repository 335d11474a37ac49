"""The choice of a model in the studio, where there is more than one; with and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests import photos
from tests.browser.conftest import Site, run_site, sign_in
from tests.browser.gestures import SENDING, Held, card, drop

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site_of_two() -> Iterator[Site]:
    with run_site(MODELS="synthetic,synthetic-detailed") as running:
        yield running


def model_of(page: Page, site: Site, name: str) -> str:
    mine = card(page, name)
    expect(mine).to_have_attribute("data-state", "done", timeout=30_000)
    page.goto(f"{site.url}{mine.get_attribute('data-url')}")
    return page.locator("[data-fact=model] dd").inner_text()


def test_what_is_chosen_cuts_out_the_photos_that_are_dropped_from_then_on(
    visit: BrowserContext, site_of_two: Site
) -> None:
    sign_in(visit, site_of_two)
    page = visit.new_page()
    page.goto(site_of_two.url)
    expect(page.get_by_role("radio")).to_have_count(2)
    expect(page.get_by_role("radio", name="Fast")).to_be_checked()
    page.get_by_role("radio", name="Detailed").check()
    drop(page, Held("closer.png", photos.draw(), "image/png"))
    assert model_of(page, site_of_two, "closer.png") == "synthetic-detailed 1"
    page.goto(site_of_two.url)
    expect(page.get_by_role("radio", name="Fast")).to_be_checked()
    drop(page, Held("quick.png", photos.draw(), "image/png"))
    assert model_of(page, site_of_two, "quick.png") == "synthetic 1"


def test_where_one_model_finds_nothing_another_can_be_tried(
    visit: BrowserContext, site_of_two: Site
) -> None:
    sign_in(visit, site_of_two)
    page = visit.new_page()
    page.goto(site_of_two.url)
    drop(page, Held("fog.png", photos.draw_plain(320, 240), "image/png"))
    none = card(page, "fog.png")
    expect(none).to_have_attribute("data-state", "failed", timeout=30_000)
    expect(none).to_contain_text("Or choose another model above and send it again.")
    page.get_by_role("radio", name="Detailed").check()
    with page.expect_request(SENDING) as again:
        none.get_by_role("button", name="Try again").click()
    assert "model=synthetic-detailed" in again.value.url
    expect(none).to_have_attribute("data-state", "failed", timeout=30_000)


def test_it_works_without_scripts(visit: BrowserContext, site_of_two: Site) -> None:
    sign_in(visit, site_of_two)
    assert visit.browser is not None
    state = visit.storage_state()
    plain = visit.browser.new_context(java_script_enabled=False, storage_state=state)
    page = plain.new_page()
    page.goto(site_of_two.url)
    page.get_by_role("radio", name="Detailed").check()
    photo: FilePayload = {"name": "cup.png", "mimeType": "image/png", "buffer": photos.draw()}
    page.set_input_files("[data-input]", [photo])
    page.get_by_role("button", name="Cut out these photos").click()
    expect(page).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    expect(page.locator("[data-image]")).to_have_attribute("data-state", "done", timeout=30_000)
    assert page.locator("[data-fact=model] dd").inner_text() == "synthetic-detailed 1"
    plain.close()


def test_one_model_is_no_choice(signed_in_page: Page, live_site: str) -> None:
    signed_in_page.goto(live_site)
    expect(signed_in_page.locator("[data-dropzone]")).to_be_visible()
    expect(signed_in_page.get_by_role("radio")).to_have_count(0)
