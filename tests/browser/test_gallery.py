"""The gallery and the page of one image in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, cards, drop
from tests.look.eyes import sideways

pytestmark = pytest.mark.browser
PATIENCE = 30_000
NAMES = ["a.png", "b.png", "c.png", "d.png", "e.png"]


@pytest.fixture
def gallery(signed_in_page: Page, live_site: str) -> Page:
    """With five images, newest first e to a."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    for count, name in enumerate(NAMES, start=1):
        drop(page, Held(name, photos.draw(), "image/png"))
        expect(page.locator("[data-card][data-id]")).to_have_count(count)
    done = page.locator("[data-cards] [data-state=done]")
    expect(done).to_have_count(len(NAMES), timeout=PATIENCE)
    page.goto(f"{live_site}/gallery/")
    return page


def shown(page: Page) -> list[str]:
    return page.locator("[data-gallery] [data-name]").all_inner_texts()


def tick(page: Page, name: str) -> None:
    page.get_by_role("checkbox", name=f"Select {name}").check()


def test_an_empty_gallery_leads_to_the_studio(signed_in_page: Page, live_site: str) -> None:
    signed_in_page.goto(f"{live_site}/gallery/")
    expect(signed_in_page.get_by_role("heading", name="No images here")).to_be_visible()
    signed_in_page.get_by_role("link", name="Cut out photos").click()
    expect(signed_in_page.locator("[data-studio]")).to_be_visible()


def test_images_stand_by_day_newest_first(gallery: Page) -> None:
    assert shown(gallery) == NAMES[::-1]
    titles = gallery.locator("[data-day] h2").all_inner_texts()
    assert titles in (["Today"], ["Today", "Yesterday"], ["Yesterday"])  # Midnight passes.


def test_images_received_on_another_day_of_the_reader_move_there(gallery: Page) -> None:
    gallery.route(
        re.compile(r"/gallery/$"),
        lambda route: route.fulfill(
            response=(response := route.fetch()),
            body=re.sub(r'data-received="[^"]*"', _days_back(), response.text(), count=len(NAMES)),
        ),
    )
    gallery.reload()
    expect(gallery.locator("[data-day]")).to_have_count(len(NAMES))
    assert shown(gallery) == NAMES[::-1]


def _days_back() -> Callable[[re.Match[str]], str]:
    """Each image a day older than the one before."""
    days = iter(range(20, 10, -1))
    return lambda _: f'data-received="2026-03-{next(days)}T12:00:00+00:00"'


def test_a_range_is_chosen_with_the_shift_key(gallery: Page) -> None:
    bar = gallery.locator("[data-selection]")
    expect(bar).to_be_hidden()
    tick(gallery, "e.png")
    expect(bar).to_be_visible()
    gallery.get_by_role("checkbox", name="Select c.png").click(modifiers=["Shift"])
    expect(bar.get_by_role("button", name="Erase 3 images now")).to_be_visible()
    bar.get_by_role("button", name="Select all").click()
    expect(bar.get_by_role("button", name="Erase 5 images now")).to_be_visible()
    bar.get_by_role("button", name="Select none").click()
    expect(bar).to_be_hidden()


# What stands on the bar, from the left: on a phone the shorter words.
ACTS = {
    "en": ["Tag", "Edit", "Share", "Download", "Erase"],
    "de": ["Schlagwort", "Bearbeiten", "Teilen", "Herunterladen", "Löschen"],
}
# The words of each act as they are seen: where, and of what size.
WORDS_SEEN = """acts => acts.map((act) => {
  const seen = document.createTreeWalker(act, NodeFilter.SHOW_TEXT, (node) =>
    node.data.trim() && node.parentElement.checkVisibility() &&
    getComputedStyle(node.parentElement).clipPath === "none" ? 1 : 3);
  const range = document.createRange();
  const words = [];
  while (seen.nextNode()) {
    range.selectNodeContents(seen.currentNode);
    const [at, place] = [range.getBoundingClientRect(), act.getBoundingClientRect()];
    if (at.left >= place.left && at.right <= place.right && at.bottom <= place.bottom)
      words.push(seen.currentNode.data.trim().replaceAll("\u00ad", ""));
  }
  return words.join(" ");
})"""


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("language", ACTS)
def test_on_a_phone_every_act_says_what_it_does(gallery: Page, language: str, width: int) -> None:
    gallery.emulate_media(reduced_motion="reduce")
    gallery.set_viewport_size({"width": width, "height": 740})
    if language == "de":
        gallery.get_by_role("contentinfo").get_by_role("button", name="Deutsch").click()
        expect(gallery.locator("html")).to_have_attribute("lang", "de")
    gallery.locator("[data-pick]").first.check()
    bar = gallery.locator("[data-selection]")
    expect(bar).to_be_visible()
    acts = bar.locator(".bar-act")
    assert acts.evaluate_all(WORDS_SEEN) == ACTS[language]
    boxes = acts.evaluate_all("acts => acts.map((act) => act.getBoundingClientRect().toJSON())")
    assert all(box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    assert all(box["left"] >= 0 and box["right"] <= width for box in boxes)
    edge = bar.bounding_box()
    assert edge is not None
    assert edge["height"] < 740 / 3
    assert sideways(gallery) <= 0


@pytest.mark.parametrize("width", [320, 360, 600, 1280])
@pytest.mark.parametrize("language", ACTS)
def test_the_bar_hides_nothing_that_the_keyboard_leads_to(
    gallery: Page, language: str, width: int
) -> None:
    gallery.emulate_media(reduced_motion="reduce")
    gallery.set_viewport_size({"width": width, "height": 700})
    names = {"en": "English", "de": "Deutsch"}
    last = gallery.get_by_role("contentinfo").get_by_role("button", name=names.pop("de"))
    if language == "de":
        last.click()
        expect(gallery.locator("html")).to_have_attribute("lang", "de")
        last = gallery.get_by_role("contentinfo").get_by_role("button", name=names["en"])
    gallery.locator("[data-pick]").first.check()
    bar = gallery.locator("[data-selection]")
    expect(bar).to_be_visible()
    last.focus()
    link, edge = last.bounding_box(), bar.bounding_box()
    assert link is not None
    assert edge is not None
    assert link["y"] + link["height"] <= edge["y"]


def test_while_choosing_a_press_on_a_picture_chooses_it(gallery: Page) -> None:
    frames = gallery.locator("[data-frame]")
    tick(gallery, "e.png")
    frames.nth(2).click()
    expect(gallery.get_by_role("checkbox", name="Select c.png")).to_be_checked()
    frames.nth(4).click(modifiers=["Shift"])
    expect(gallery.get_by_role("button", name="Erase 4 images now")).to_be_visible()
    gallery.get_by_role("button", name="Select none").click()
    frames.nth(2).click()
    expect(gallery.get_by_role("heading", name="c.png")).to_be_visible()


def test_erasing_asks_once_and_takes_only_what_was_chosen(gallery: Page) -> None:
    tick(gallery, "a.png")
    tick(gallery, "d.png")
    gallery.get_by_role("button", name="Erase 2 images now").click()
    dialog = gallery.get_by_role("dialog", name="Erase 2 images now?")
    dialog.get_by_role("button", name="Leave them").click()
    expect(dialog).to_be_hidden()
    assert len(shown(gallery)) == len(NAMES)
    gallery.get_by_role("button", name="Erase 2 images now").click()
    dialog.get_by_role("button", name="Erase 2 images now").click()
    expect(gallery.locator("[data-card]")).to_have_count(3)
    assert shown(gallery) == ["e.png", "c.png", "b.png"]
    expect(gallery.locator("[data-selection]")).to_be_hidden()
    expect(gallery.locator("[data-total]")).to_have_text("3 images, newest first")
    expect(gallery.locator("[data-say]")).to_have_text("2 images erased.")
    assert gallery.evaluate("document.activeElement.textContent") == "b.png"
    gallery.reload()
    assert shown(gallery) == ["e.png", "c.png", "b.png"]


def test_erasing_all_ends_in_the_empty_gallery(gallery: Page) -> None:
    tick(gallery, "a.png")
    gallery.get_by_role("button", name="Select all").click()
    gallery.get_by_role("button", name="Erase 5 images now").click()
    gallery.get_by_role("dialog").get_by_role("button", name="Erase 5 images now").click()
    expect(gallery.get_by_role("heading", name="No images here")).to_be_visible()


def test_an_image_page_compares_and_erases(gallery: Page) -> None:
    gallery.get_by_role("link", name="e.png", exact=True).click()
    expect(gallery.get_by_role("heading", name="e.png")).to_be_visible()
    expect(gallery.get_by_role("img", name="e.png without its background")).to_be_visible()
    gallery.get_by_role("button", name="Compare with the original").click()
    expect(gallery.get_by_role("img", name="The original photo")).to_be_visible()
    slider = gallery.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    assert slider.input_value() == "51"
    gallery.get_by_role("button", name="Erase now").click()
    gallery.wait_for_url("**/gallery/")
    assert shown(gallery) == NAMES[-2::-1]


def test_an_unfinished_image_finishes_on_its_page(signed_in_page: Page, live_site: str) -> None:
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("late.png", photos.draw(1600, 1200), "image/png"))
    expect(cards(page).first).to_have_attribute("data-id", re.compile("."))
    page.goto(live_site + (cards(page).first.get_attribute("data-url") or ""))
    expect(page.locator("[data-image]")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    expect(page.get_by_role("link", name="Download PNG")).to_be_visible()
    expect(page.locator("[data-fact=model]")).to_contain_text("synthetic")
    expect(page.get_by_role("button", name="Compare with the original")).to_be_visible()
