"""Upload, wait, download and erase in a browser that runs no scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests import photos

pytestmark = pytest.mark.browser


def held(name: str) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": photos.draw()}


@pytest.fixture
def plain(signed_in_page: Page, live_site: str) -> Iterator[Page]:
    browser = signed_in_page.context.browser
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, storage_state=signed_in_page.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{live_site}/")
    yield page
    context.close()


def test_one_photo_leads_to_its_page_which_renews_itself_until_it_is_done(plain: Page) -> None:
    expect(plain.locator(".dropzone-send")).to_be_hidden()
    plain.set_input_files("[data-input]", [held("cup.png")])
    plain.get_by_role("button", name="Cut out these photos").click()
    expect(plain).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/$"))
    expect(plain.locator("[data-image]")).to_have_attribute("data-state", "done", timeout=30_000)
    expect(plain.locator("meta[http-equiv=refresh]")).to_have_count(0)
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Download PNG").click()
    assert download.value.suggested_filename.endswith(".png")
    plain.get_by_role("button", name="Erase now").click()
    expect(plain.get_by_text("1 image erased.")).to_be_visible()


def test_many_photos_lead_to_the_gallery_where_many_are_erased(plain: Page) -> None:
    plain.set_input_files("[data-input]", [held("a.png"), held("b.png"), held("c.png")])
    plain.get_by_role("button", name="Cut out these photos").click()
    expect(plain).to_have_url(re.compile(r"/gallery/$"))
    expect(plain.locator("[data-card]")).to_have_count(3)
    again = plain.get_by_role("link", name="Look again")
    for _ in range(60):
        if not again.is_visible():
            break
        plain.wait_for_timeout(500)
        again.click()
    expect(plain.locator("[data-card][data-state=done]")).to_have_count(3)
    for name in ("a.png", "b.png"):
        plain.get_by_role("checkbox", name=f"Select {name}").check()
    plain.get_by_role("button", name="Erase them now").click()
    expect(plain.get_by_text("2 images erased.")).to_be_visible()
    expect(plain.locator("[data-card]")).to_have_count(1)
