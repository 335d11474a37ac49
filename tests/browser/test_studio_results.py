"""The studio's results in a real browser: taken one by one and all together, or none to take."""

import io
import re
import time
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Download, Page, ViewportSize, expect

from tests import photos
from tests.browser.conftest import Site, sign_in
from tests.browser.gestures import SENDING, Held, card, cards, drop
from tests.browser.in_studio import PATIENCE, expect_done, photo, studio
from tests.look.eyes import findings

__all__ = ["studio"]
pytestmark = pytest.mark.browser


def test_the_result_downloads_in_every_form(studio: Page) -> None:
    drop(studio, photo())
    expect_done(studio, "cup.png")
    done = card(studio, "cup.png")
    done.hover()
    with studio.expect_download() as download:
        done.get_by_role("link", name="Download PNG").click()
    assert download.value.suggested_filename.endswith(".png")
    cutout = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert cutout.mode == "RGBA"
    assert cutout.size == (320, 240)
    assert cutout.getpixel((2, 2))[3] == 0  # type: ignore[index]
    more = done.locator(".photo-more > summary")
    expect(more).to_have_text("Other formats of cup.png")
    more.click()
    for form in ("WebP", "JPEG", "Mask"):
        with studio.expect_download():
            done.get_by_role("link", name=form).click()
        done.locator("[data-menu]").evaluate("menu => (menu.open = true)")
    studio.keyboard.press("Escape")
    expect(done.locator("[data-menu][open]")).to_have_count(0)
    assert done.locator("summary").evaluate("summary => summary === document.activeElement")


def test_a_press_on_the_card_leads_to_the_editor(studio: Page) -> None:
    drop(studio, photo())
    expect_done(studio, "cup.png")
    for width in (360, 1280):
        studio.set_viewport_size({"width": width, "height": 740})
        card(studio, "cup.png").hover()
        edit = card(studio, "cup.png").get_by_role("link", name="Edit cup.png")
        expect(edit).to_be_visible()
        assert edit.inner_text().startswith("Edit")
    edit.click()
    expect(studio.get_by_role("heading", name="cup.png")).to_be_visible()
    expect(studio).to_have_url(re.compile(r"/images/[0-9a-f-]{36}/edit/$"))


def names_in(download: Download) -> list[str]:
    with zipfile.ZipFile(download.path()) as archive:
        assert archive.testzip() is None
        return sorted(archive.namelist())


@pytest.mark.parametrize("width", [360, 1280])
def test_all_results_on_the_page_come_in_one_archive(studio: Page, width: int) -> None:
    studio.set_viewport_size({"width": width, "height": 740})
    every = studio.locator("[data-download-all] button")
    drop(studio, photo("a.png"))
    expect_done(studio, "a.png")
    expect(every).to_be_hidden()  # Its own button does the same.
    drop(studio, photo("b.png"), Held("plan.jpg", photos.PDF, "image/jpeg"))
    expect_done(studio, "b.png")
    expect(every).to_have_text("Download all 2 (ZIP)")
    with studio.expect_download() as download:
        every.click()
    assert names_in(download.value) == ["a.png", "b.png"]
    expect(cards(studio)).to_have_count(3)
    card(studio, "a.png").get_by_role("button", name="Erase now").click()
    expect(every).to_be_hidden()


def test_photos_on_their_way_are_not_lost_to_the_archive_of_the_others(studio: Page) -> None:
    drop(studio, photo("a.png"), photo("b.png"))
    for name in ("a.png", "b.png"):
        expect_done(studio, name)
    studio.route(SENDING, lambda route: None)
    drop(studio, photo("c.png"))
    expect(card(studio, "c.png")).to_have_attribute("data-state", "sending")
    questions: list[str] = []
    found: list[Download] = []

    def answer(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept()

    def listen(page: Page) -> None:
        page.on("download", lambda download: found.insert(0, download))

    studio.on("dialog", answer)
    listen(studio)
    studio.context.on("page", listen)
    studio.get_by_role("button", name="Download all 2 (ZIP)").click()
    deadline = time.monotonic() + PATIENCE / 1000
    while not found:
        assert time.monotonic() < deadline, "nothing was downloaded"
        studio.wait_for_timeout(100)
    assert names_in(found[0]) == ["a.png", "b.png"]
    assert not questions
    expect(card(studio, "c.png")).to_have_attribute("data-state", "sending")
    studio.unroute_all(behavior="ignoreErrors")


def test_what_goes_with_its_download_goes_with_the_archive(studio: Page) -> None:
    studio.get_by_label("Erase them").select_option("download")
    drop(studio, photo("a.png"), photo("b.png"))
    for name in ("a.png", "b.png"):
        expect_done(studio, name)
    with studio.expect_download() as download:
        studio.get_by_role("button", name="Download all 2 (ZIP)").click()
    assert names_in(download.value) == ["a.png", "b.png"]
    gone = studio.locator("[data-cards] [data-state=erased]")
    expect(gone).to_have_count(2, timeout=PATIENCE)
    expect(studio.locator("[data-download-all]")).to_be_hidden()


SPECK = {
    "en-GB": (
        "Almost nothing found",
        "Press Edit: the restore brush brings the subject back.",
    ),
    "de-DE": (
        "Fast nichts gefunden",
        "„Bearbeiten“ drücken: Der Pinsel „Zurückholen“ bringt das Motiv wieder.",
    ),
}


@pytest.mark.parametrize("language", SPECK)
@pytest.mark.parametrize("width", [360, 1280])
def test_next_to_nothing_is_not_called_cut_out(
    browser: Browser, site: Site, language: str, width: int
) -> None:
    words, advice = SPECK[language]
    size = ViewportSize(width=width, height=740)
    context = browser.new_context(locale=language, viewport=size)
    sign_in(context, site)
    page = context.new_page()
    page.goto(site.url)
    drop(page, Held("speck.png", photos.draw_speck(), "image/png"))
    expect_done(page, "speck.png")
    mine = card(page, "speck.png")
    expect(mine.locator("[data-state-words]")).to_have_text(words)
    expect(mine.get_by_text(advice)).to_be_visible()
    expect(page.locator("[data-say]")).to_contain_text(f"speck.png: {words}.")
    page.goto(f"{site.url}/gallery/")
    expect(card(page, "speck.png").locator("[data-state-words]")).to_have_text(words)
    expect(card(page, "speck.png").locator(".photo-tip")).to_be_visible()
    page.goto(site.url + (card(page, "speck.png").get_attribute("data-url") or ""))
    expect(page.locator("[data-state-words]")).to_have_text(words)
    expect(page.get_by_text(advice)).to_be_visible()
    assert findings(page) == []
    context.close()


def test_where_nothing_is_found_the_card_says_so(studio: Page) -> None:
    drop(studio, Held("fog.png", photos.draw_plain(320, 240), "image/png"))
    none = card(studio, "fog.png")
    expect(none).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    expect(none.locator("[data-state-words]")).to_have_text("No subject found")
    expect(none).to_contain_text("Send a photo whose subject stands out")
    expect(none.get_by_role("button", name="Try again")).to_be_hidden()  # There is but one model.
