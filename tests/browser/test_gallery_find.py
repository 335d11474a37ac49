"""The gallery in a real browser: it goes on while one scrolls, by keyboard alone, for everybody."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from processing.flows.gallery import LOOKED, PAGE
from tests import photos
from tests.browser.conftest import Site, sign_in
from tests.browser.gestures import Held, drop
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PATIENCE = 120_000
MANY = PAGE + 6
VIEWPORTS = [(360, 740, "dark"), (1440, 900, "light")]
# Of anything that no hand has moved: of cards, and of the foot that makes room for them.
SHIFTS = """() => { window.shifted = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true }); }"""


# Whoever signed up last gets many images; the oldest has a name of its own.
FILL = """
import sys
import django
django.setup()
from accounts.models import User
from processing.models import Image
from tests.cast import fill
fill(User.objects.latest("date_joined"), int(sys.argv[1]))
oldest = Image.objects.earliest("received_at")
oldest.give_key("spoon.png")
oldest.save()
"""


@pytest.fixture
def many(signed_in_page: Page, live_site: str) -> Page:
    """More images than a page has, of one drop; some of them are still waiting for the worker."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    files = [Held(f"{n}.png", photos.draw(), "image/png") for n in range(MANY, 0, -1)]
    drop(page, *files)
    expect(page.locator("[data-cards] [data-id]")).to_have_count(MANY, timeout=PATIENCE)
    page.goto(f"{live_site}/gallery/")
    return page


def cards(page: Page) -> Any:
    return page.locator("[data-gallery] [data-card]")


def focused(page: Page) -> str:
    """The name of the image whose card has the focus."""
    card = "document.activeElement.closest('[data-card]')"
    return str(page.evaluate(f"{card}?.querySelector('[data-name]').textContent ?? ''"))


def selected(page: Page) -> str:
    return page.locator("[data-count]").inner_text()


def to_the_end(page: Page) -> None:
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(cards(page)).to_have_count(MANY, timeout=PATIENCE)


def test_it_goes_on_and_coming_back_finds_the_place_again(many: Page) -> None:
    page = many
    page.evaluate(SHIFTS)
    expect(cards(page)).to_have_count(PAGE)
    to_the_end(page)
    expect(page.locator("[data-next]")).to_be_hidden()
    assert page.locator("[data-day]").count() <= 2, "one heading for each day"
    last = cards(page).last
    name = last.locator("[data-name]").inner_text()
    page.wait_for_timeout(400)
    assert page.evaluate("window.shifted") < 0.02
    expect(page.get_by_role("contentinfo")).to_be_visible()
    last.locator("[data-name]").scroll_into_view_if_needed()  # As the click would.
    before = last.bounding_box()
    last.locator("[data-name]").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.go_back()
    expect(cards(page)).to_have_count(MANY, timeout=PATIENCE)
    page.wait_for_function("document.activeElement.matches('[data-name]')")
    assert focused(page) == name
    page.wait_for_timeout(500)
    after = cards(page).last.bounding_box()
    assert before
    assert after
    # To within a line: heights of cards out of sight are guesses until they are drawn.
    assert abs(after["y"] - before["y"]) < 24


def test_one_selection_runs_across_pages(many: Page) -> None:
    page = many
    page.locator("[data-pick]").first.check()
    to_the_end(page)
    page.locator("[data-pick]").last.click(modifiers=["Shift"])
    assert selected(page) == f"{MANY} images selected"
    page.get_by_role("button", name="Select none").click()
    page.locator("[data-pick]").nth(PAGE + 1).check()
    page.locator("[data-pick]").first.check()
    page.locator("summary", has_text="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("^Originals")).click()
    archive = zipfile.ZipFile(Path(waiting.value.path()))
    assert re.fullmatch(r"originals-\d{4}-\d\d-\d\d\.zip", waiting.value.suggested_filename)
    assert len(archive.namelist()) == 2
    assert archive.testzip() is None


def test_what_does_not_come_says_so_and_comes_when_asked_again(many: Page) -> None:
    page = many

    def refuse(route: Route) -> None:
        route.abort()

    page.route(re.compile("part=cards"), refuse)
    page.reload()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    trouble = page.locator("[data-next-trouble]")
    expect(trouble).to_contain_text("The next images did not come.")
    assert findings(page) == []
    page.unroute(re.compile("part=cards"), refuse)
    trouble.get_by_role("button", name="Try again").click()
    expect(cards(page)).to_have_count(MANY)
    expect(trouble).to_be_hidden()


def test_a_name_is_looked_for_to_the_end_however_many_are_opened_at_a_time(
    signed_in_page: Page, site: Site
) -> None:
    count = str(2 * LOOKED + 5)
    subprocess.run([sys.executable, "-c", FILL, count], env=site.environment, check=True)
    page = signed_in_page
    page.goto(f"{site.url}/gallery/?name=spoon")
    expect(page.get_by_role("link", name="spoon.png", exact=True)).to_be_visible()
    expect(page.locator("[data-next]")).to_be_hidden()
    expect(page.get_by_role("heading", name="No image fits")).to_be_hidden()
    page.goto(f"{site.url}/gallery/?name=fork")
    expect(page.get_by_role("heading", name="No image fits")).to_be_visible()
    expect(page.locator("[data-next]")).to_be_hidden()
    assert findings(page) == []


def test_by_keyboard_alone(many: Page) -> None:
    """Tab into the cards, walk, choose, tag, find by the tag, open, and come back."""
    page = many
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page):
            break
    first = focused(page)
    assert first
    page.keyboard.press("ArrowRight")
    assert focused(page) != first
    page.keyboard.press("ArrowLeft")
    assert focused(page) == first
    page.keyboard.press("Space")
    assert selected(page) == "1 image selected"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert selected(page) == "3 images selected"
    page.keyboard.press("Shift+ArrowLeft")
    assert selected(page) == "2 images selected"
    page.keyboard.press("Control+a")
    assert selected(page) == f"{PAGE} images selected"
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection]")).to_be_hidden()
    page.keyboard.press("End")
    expect(cards(page)).to_have_count(MANY)
    page.keyboard.press("Home")
    assert focused(page) == first
    page.keyboard.press("Space")
    page.locator("summary", has_text="Tag").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Summer")
    page.keyboard.press("Enter")
    expect(page.locator("[data-tag-said]")).to_have_text("“Summer” is on 1 image.")
    page.keyboard.press("Escape")
    page.goto(page.url + "?tag=summer")
    expect(cards(page)).to_have_count(1)
    page.locator("[data-pick]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=first, exact=True)).to_be_visible()
    expect(page.locator(".tag")).to_contain_text("Summer")


@pytest.mark.parametrize(("width", "height", "scheme"), VIEWPORTS)
def test_every_state_can_be_used_by_everybody(
    browser: Browser, site: Site, width: int, height: int, scheme: Any
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    sign_in(context, site)
    page = context.new_page()

    def look(address: str) -> list[str]:
        page.goto(f"{site.url}{address}", wait_until="networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return findings(page) + ([f"{address} is {wide} px too wide"] if wide > 0 else [])

    found = look("/gallery/")
    page.goto(site.url)
    drop(page, *(Held(f"{name} cup.png", photos.draw(), "image/png") for name in "abc"))
    done = page.locator("[data-cards] [data-state=done]")
    expect(done).to_have_count(3, timeout=PATIENCE)
    found += look("/gallery/")
    for menu in ("State", "Day", "Tag", "Drop"):
        page.locator(".chip-menu > summary", has_text=menu).click()
        found += findings(page)
    page.keyboard.press("Escape")
    page.locator("[data-pick]").first.check()
    for menu in ("Tag", "Download"):
        page.locator(".bar-menu > summary", has_text=menu).click()
        found += findings(page)
    page.get_by_role("button", name="Add", exact=True)
    found += look("/gallery/?show=failed&name=plate&tag=summer&day=2026-03-04")
    expect(page.get_by_role("heading", name="No image fits")).to_be_visible()
    found += look("/gallery/?show=kept") + look("/gallery/?name=cup")
    expect(cards(page)).to_have_count(3)
    context.close()
    assert found == []


def test_days_are_the_reader_s(browser: Browser, site: Site) -> None:
    context = browser.new_context(timezone_id="Pacific/Kiritimati")  # 14 hours ahead.
    sign_in(context, site)
    page = context.new_page()
    page.goto(site.url)
    drop(page, Held("cup.png", photos.draw(), "image/png"))
    expect(page.locator("[data-cards] [data-id]")).to_have_count(1)
    page.goto(f"{site.url}/gallery/")
    page.locator(".chip-menu > summary", has_text="Day").click()
    page.get_by_role("link", name="Today").click()
    page.wait_for_url("**zone=840**")
    expect(cards(page)).to_have_count(1)
    assert page.locator("[data-day] h2").all_inner_texts() == ["Today"]
    context.close()


def test_without_scripts_it_is_found_downloaded_tagged_and_erased(
    browser: Browser, site: Site
) -> None:
    context = browser.new_context(java_script_enabled=False, accept_downloads=True)
    sign_in(context, site)
    page = context.new_page()
    page.goto(site.url)
    files = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": photos.draw()} for name in "abc"
    ]
    page.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    page.locator("form", has=page.locator("input[type=file]")).locator("[type=submit]").click()
    page.wait_for_url("**/gallery/")
    expect(cards(page)).to_have_count(3)
    for _ in range(60):
        page.goto(f"{site.url}/gallery/?show=done")
        if cards(page).count() == 3:
            break
        page.wait_for_timeout(500)
    page.locator("[data-pick]").nth(0).check()
    page.locator("[data-pick]").nth(1).check()
    page.locator(".bar-menu > summary", has_text="Download").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("^PNG")).click()
    assert len(zipfile.ZipFile(Path(waiting.value.path())).namelist()) == 2
    page.locator(".bar-menu > summary", has_text="Tag").click()
    page.get_by_label("Tag", exact=True).fill("Summer")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("The tag is on 2 images.")).to_be_visible()
    assert page.url.endswith("/gallery/?show=done")
    page.goto(f"{site.url}/gallery/?tag=summer")
    expect(cards(page)).to_have_count(2)
    page.locator("[data-pick]").nth(0).check()
    page.get_by_role("button", name="Erase them now").click()
    page.goto(f"{site.url}/gallery/?name=png")
    expect(cards(page)).to_have_count(2)
    context.close()
