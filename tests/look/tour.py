"""`make pictures`: takes the README's tour on a real site, and photographs it into docs/.

So the pictures are of the pages as they are, and the tour is one that somebody has taken. Look at
them before they are committed.
"""

import io
import sys
from collections.abc import Iterator

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from skimage import data

from tests.browser.conftest import CHROMIUM, Site, run_site
from tests.browser.gestures import Held, card, cards, drop
from tests.conftest import ROOT
from tests.look import acts
from tests.look.screenshots import as_jpeg, wait_for_pictures

FOLDER = ROOT / "docs"
WINDOW: ViewportSize = {"width": 1280, "height": 720}
WORD = "a word told by telephone"


def main() -> int:
    with (
        run_site(MODEL="u2netp") as site,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        ) as browser,
    ):
        page = new_page(browser)
        acts.open_page(page, f"{site.url}/accounts/signup/")
        acts.sign_up(page, "olivia")
        drop_all(page, site)
        fix_one(page, site)
        put_all_on_white(page, site)
        address = share_for_an_hour(page)
        download_two(new_page(browser), address)
        see_who_downloaded(page, site)
    return 0


def new_page(browser: Browser) -> Page:
    context = browser.new_context(locale="en-GB", viewport=WINDOW, reduced_motion="reduce")
    return context.new_page()


def drop_all(page: Page, site: Site) -> None:
    acts.open_page(page, f"{site.url}/")  # Anew: without what the page has said of the sign-up.
    drop(page, *photos())
    done = page.locator("[data-cards] [data-state=done]")
    expect(done).to_have_count(len(list(photos())), timeout=acts.PATIENCE)
    cards(page).first.locator("[data-name]").hover()
    page.evaluate("scrollTo(0, 0)")
    photograph(page, "studio")


def photos() -> Iterator[Held]:
    """Where they are from: static/img/CREDITS.md."""
    cup, portrait, cat, rocket = data.coffee(), data.astronaut(), data.chelsea(), data.rocket()
    names = {"coffee cup": cup, "portrait": portrait, "cat": cat, "rocket": rocket}
    for name, pixels in names.items():
        yield Held(f"{name}.jpg", as_jpeg(pixels), "image/jpeg")


def fix_one(page: Page, site: Site) -> None:
    """What the model has left of the flag behind her goes."""
    address = card(page, "portrait.jpg").get_attribute("data-url")
    page.goto(f"{site.url}{address}edit/")
    expect(page.locator("[data-stage][data-ready]")).to_be_visible(timeout=acts.PATIENCE)
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    page.locator("[data-stage]").focus()
    for key in ("s", *"]]]]"):  # Strokes that follow edges, with a larger brush.
        page.keyboard.press(key)
    strokes = (
        [(0.01, 0.47), (0.03, 0.53), (0.04, 0.6)],
        [(0.06, 0.52), (0.05, 0.58), (0.02, 0.63), (0.03, 0.68)],
        [(0.01, 0.77), (0.02, 0.87), (0.03, 0.97)],
    )
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()
    photograph(page, "editor")
    page.get_by_role("button", name="Save version").click()
    expect(page.locator("[data-said]")).to_have_text("Version 1 is made.", timeout=acts.PATIENCE)


def put_all_on_white(page: Page, site: Site) -> None:
    select_all(page, site)
    page.locator('[data-selection] [data-act="edit"]').click()
    page.locator("#background").select_option("bg_color")
    page.locator("[data-edit-words]").click()
    expect(page.locator("[data-gallery]")).to_be_visible(timeout=acts.PATIENCE)
    expect(page.locator("[data-making]")).to_have_count(0, timeout=acts.PATIENCE)
    select_all(page, site)
    photograph(page, "white")


def select_all(page: Page, site: Site) -> None:
    acts.open_page(page, f"{site.url}/gallery/")
    page.locator("[data-pick]").first.check()
    page.locator('[data-selection] [data-act="all"]').click()


def share_for_an_hour(page: Page) -> str:
    page.locator('[data-selection] [data-act="share"]').click()
    page.locator('[name="expires"][value="1h"]').check()
    page.locator("#share-password").fill(WORD)
    page.locator("#share-downloads").select_option("5")
    acts.make_a_link(page)
    return page.get_by_label("The address").input_value()


def download_two(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#password").fill(WORD)
    acts.press_submit(page)
    for place in ("1", "2"):
        with page.expect_download():
            page.locator(f'button[name="place"][value="{place}"]').click()


def see_who_downloaded(page: Page, site: Site) -> None:
    acts.open_page(page, f"{site.url}/shares/")
    page.locator(".share-open").first.click()
    expect(page.locator("#visits-title")).to_be_visible()
    photograph(page, "link")


def photograph(page: Page, name: str) -> None:
    wait_for_pictures(page)
    taken = io.BytesIO(page.screenshot(animations="disabled"))
    with Image.open(taken) as picture:
        # A picture for a page of text: 256 colours are a third of its bytes.
        picture.convert("RGB").quantize(256).save(FOLDER / f"{name}.png", optimize=True)
    print(f"docs/{name}.png", flush=True)


if __name__ == "__main__":
    sys.exit(main())
