"""Links in real browsers: made by one, opened in another, counted, ended, watched as they die."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import photos
from tests.browser.conftest import Site
from tests.browser.gestures import Held, drop
from tests.look.eyes import findings, small_targets

pytestmark = pytest.mark.browser
PATIENCE = 30_000
SIZES = [{"width": 1280, "height": 800}, {"width": 360, "height": 740}]


@pytest.fixture
def gallery(signed_in_page: Page, live_site: str) -> Page:
    """With two images that are cut out."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, *(Held(name, photos.draw(), "image/png") for name in ("cup.png", "lamp.png")))
    done = page.locator("[data-cards] [data-state=done]")
    expect(done).to_have_count(2, timeout=PATIENCE)
    page.goto(f"{live_site}/gallery/")
    return page


@pytest.fixture
def elsewhere(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser of somebody without an account."""
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    errors: list[str] = []
    context.on("weberror", lambda found: errors.append(str(found.error)))
    yield context
    context.close()
    assert not errors


def make_link(gallery: Page, *, password: str = "", downloads: str = "5") -> str:
    """A link to all that is in the gallery, for an hour; its address."""
    for box in gallery.locator("[data-pick]").all():
        box.check()
    gallery.get_by_role("button", name="Share", exact=True).click()
    expect(gallery.get_by_role("heading", name="Share 2 images by a link")).to_be_visible()
    gallery.get_by_label("1 hour").check()
    gallery.get_by_label("Password (optional)").fill(password)
    gallery.get_by_label("Downloads").select_option(downloads)
    gallery.get_by_role("button", name="Make the link").click()
    return gallery.get_by_label("The address").input_value()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
def test_two_images_for_an_hour_with_a_password_until_they_are_taken_back(
    gallery: Page, elsewhere: BrowserContext, size: Any
) -> None:
    gallery.set_viewport_size(size)
    address = make_link(gallery, password="swordfish")
    assert findings(gallery) == []
    expect(gallery).to_have_url(re.compile(r"/shares/[0-9a-f-]{36}/$"))

    visitor = elsewhere.new_page()
    visitor.set_viewport_size(size)
    visitor.goto(address)
    assert findings(visitor) == []
    visitor.get_by_label("Password").fill("sturgeon")
    visitor.get_by_role("button", name="Show the images").click()
    expect(visitor.get_by_role("alert")).to_contain_text("not the password")
    assert findings(visitor) == []
    visitor.get_by_label("Password").fill("swordfish")
    visitor.get_by_role("button", name="Show the images").click()
    expect(visitor.get_by_role("heading", name="2 images for you")).to_be_visible()
    expect(visitor.locator("[data-left]")).to_have_text(re.compile(r"This link ends in 5\d min"))
    picture = visitor.get_by_role("img", name="Image 1 of 2, without its background")
    expect(picture).to_have_js_property("naturalWidth", 64)
    assert findings(visitor) == []

    with visitor.expect_download() as download:
        visitor.get_by_role("button", name="Download image 2").click()
    assert download.value.suggested_filename == "image-2.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
    expect(visitor.get_by_text("4 downloads left")).to_be_visible()
    with visitor.expect_download() as download:
        visitor.get_by_role("button", name="Download all as ZIP").click()
    assert download.value.suggested_filename == "images.zip"
    assert Path(download.value.path()).read_bytes().startswith(b"PK")

    gallery.get_by_role("link", name="Links", exact=True).click()
    expect(gallery.get_by_text("2 of 5 downloads")).to_be_visible()
    assert findings(gallery) == []
    gallery.get_by_role("link", name=re.compile("^2 images, shared")).click()
    expect(gallery.get_by_text("Downloaded through a link: PNG, full size")).to_have_count(2)
    assert findings(gallery) == []

    gallery.get_by_role("button", name="End it now").click()
    expect(gallery.get_by_text("The link has ended, for good.")).to_be_visible()
    gone = visitor.get_by_role("heading", name="These images no longer exist.")
    expect(gone).to_be_visible(timeout=10_000)
    expect(gone).to_be_focused()
    expect(visitor.locator("img")).to_have_count(0)
    words = visitor.locator(".shared-gone")
    expect(words).to_have_css("opacity", "1")  # They come softly; half there they are pale.
    assert findings(visitor) == []
    visitor.reload()
    expect(gone).to_be_visible()
    expect(words).to_have_css("opacity", "1")
    assert findings(visitor) == []


def test_an_open_page_goes_blank_at_the_end_though_no_answer_comes(
    gallery: Page, elsewhere: BrowserContext
) -> None:
    address = make_link(gallery)
    visitor = elsewhere.new_page()
    visitor.clock.install()
    visitor.goto(address)
    expect(visitor.locator("[data-place]")).to_have_count(2)
    elsewhere.set_offline(offline=True)
    visitor.clock.fast_forward(
        visitor.evaluate(
            "Date.parse(document.querySelector('[data-shared]').dataset.ends) - Date.now() - 20000"
        )
    )
    expect(visitor.locator("[data-left]")).to_have_text(re.compile(r"ends in \d+ s"))
    visitor.clock.fast_forward("00:21")
    expect(visitor.get_by_role("heading", name="These images no longer exist.")).to_be_visible()
    expect(visitor.locator("img")).to_have_count(0)
    elsewhere.set_offline(offline=False)


def test_an_image_that_is_erased_leaves_an_open_page_and_the_others_stay(
    gallery: Page, elsewhere: BrowserContext, live_site: str
) -> None:
    visitor = elsewhere.new_page()
    visitor.goto(make_link(gallery))
    expect(visitor.locator("[data-place]")).to_have_count(2)
    gallery.goto(f"{live_site}/gallery/")
    gallery.get_by_role("checkbox", name="Select cup.png").check()
    gallery.get_by_role("button", name="Erase 1 image now").click()
    gallery.get_by_role("dialog").get_by_role("button", name="Erase 1 image now").click()
    expect(visitor.locator("[data-place]")).to_have_count(1, timeout=10_000)


def test_the_address_is_copied(gallery: Page, live_site: str) -> None:
    gallery.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_site)
    address = make_link(gallery)
    gallery.get_by_role("button", name="Copy the address").click()
    expect(gallery.get_by_role("button", name="Address copied")).to_be_visible()
    assert gallery.evaluate("navigator.clipboard.readText()") == address
    gallery.reload()  # Asks for the link's page; another address is not made.
    expect(gallery.get_by_role("heading", name="A link to 2 images")).to_be_visible()
    expect(gallery.get_by_label("The address")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_visitor_chooses_a_language_at_the_foot_of_each_page(
    gallery: Page, browser: Browser, scripts: bool
) -> None:
    """No cookie before a choice, and no word of the link's address to any place but the link."""
    address = make_link(gallery, password="swordfish", downloads="1")
    stranger = browser.new_context(locale="en-GB", java_script_enabled=scripts)
    visitor = stranger.new_page()
    said: list[str] = []  # By the console: of a page that breaks its own policy.
    visitor.on("console", lambda one: said.append(one.text))
    visitor.set_viewport_size({"width": 360, "height": 740})
    visitor.goto(address)
    assert stranger.cookies() == []
    with visitor.expect_request("**/language/") as asked:
        visitor.get_by_role("button", name="Deutsch").click()
    expect(visitor.get_by_role("heading", name="Dieser Link hat ein Passwort")).to_be_visible()
    expect(visitor).to_have_url(address)
    assert "referer" not in asked.value.all_headers()
    assert [(one["name"], one["value"]) for one in stranger.cookies()] == [("language", "de")]
    assert said == []

    visitor.get_by_label("Passwort").fill("sturgeon")
    visitor.get_by_role("button", name="Bilder zeigen").click()
    expect(visitor.get_by_role("alert")).to_be_visible()
    visitor.get_by_role("button", name="English").click()
    visitor.get_by_label("Password").fill("swordfish")
    visitor.get_by_role("button", name="Show the images").click()
    expect(visitor.get_by_role("heading", name="2 images for you")).to_be_visible()
    visitor.get_by_role("button", name="Deutsch").click()
    expect(visitor.get_by_role("heading", name="2 Bilder für Sie")).to_be_visible()
    if scripts:
        assert small_targets(visitor, 44) == []
        assert findings(visitor) == []

    gallery.get_by_role("link", name="Open the link's page").click()
    gallery.get_by_role("button", name="End it now").click()
    expect(gallery.get_by_text("The link has ended, for good.")).to_be_visible()
    visitor.reload()
    expect(visitor.get_by_role("heading", name="Diese Bilder gibt es nicht mehr.")).to_be_visible()
    visitor.get_by_role("button", name="English").click()
    expect(visitor.get_by_role("heading", name="These images no longer exist.")).to_be_visible()
    expect(visitor).to_have_url(address)
    stranger.close()


def test_without_scripts_a_link_is_made_opened_taken_and_ended(
    gallery: Page, browser: Browser, site: Site
) -> None:
    kept = gallery.context.storage_state()
    owner = browser.new_context(java_script_enabled=False, storage_state=kept)
    page = owner.new_page()
    page.goto(f"{site.url}/gallery/")
    address = make_link(page, password="swordfish", downloads="1")

    stranger = browser.new_context(java_script_enabled=False, accept_downloads=True)
    visitor = stranger.new_page()
    visitor.goto(address)
    visitor.get_by_label("Password").fill("swordfish")
    visitor.get_by_role("button", name="Show the images").click()
    with visitor.expect_download() as download:
        visitor.get_by_role("button", name="Download image 1").click()
    assert download.value.suggested_filename == "image-1.png"
    visitor.reload()
    expect(visitor.get_by_role("heading", name="These images no longer exist.")).to_be_visible()

    page.get_by_role("link", name="Open the link's page").click()
    expect(page.get_by_text("Used up")).to_be_visible()
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_text("Ended by you", exact=True)).to_be_visible()
    for context in (owner, stranger):
        context.close()
