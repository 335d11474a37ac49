"""Links by keyboard alone, the owner's pages and the visitor's: every step is reached and seen."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_share_links import elsewhere, gallery

__all__ = ["elsewhere", "gallery"]
pytestmark = pytest.mark.browser
MOST_STEPS = 120
PATIENCE = 30_000
# Whether what has the focus is marked, and nothing lies over it; a box is marked with its label.
SHOWN = """(one) => {
  const { top, bottom, left, right } = one.getBoundingClientRect();
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const label = one.labels?.[0];
  return getComputedStyle(one).outlineStyle !== "none" && one.matches(":focus-visible") &&
    (one.contains(there) || Boolean(label?.contains(there)));
}"""


def tab_to(target: Locator, key: str = "Tab") -> None:
    """By this key alone, until it has the focus."""
    keyboard = target.page.keyboard
    for _ in range(MOST_STEPS):
        keyboard.press(key)
        if target.evaluate("(one) => one === document.activeElement"):
            break
    expect(target).to_be_focused()
    assert target.evaluate(SHOWN), f"the focus is not seen on {target}"


def press(target: Locator) -> None:
    tab_to(target)
    target.page.keyboard.press("Enter")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def make_link_by_keys(page: Page) -> str:
    """To both images of the gallery: an hour, a password, five downloads; its address."""
    tab_to(page.locator("[data-pick]").first)  # Of two that were sent at once either is the newest.
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("2 images selected")).to_be_visible()
    press(button(page, "Share"))
    expect(page.get_by_role("heading", name="Share 2 images by a link")).to_be_visible()
    tab_to(page.get_by_label("Until the first image is erased"))
    page.keyboard.press("ArrowDown")  # Around, to the first.
    expect(page.get_by_label("1 hour")).to_be_checked()
    tab_to(page.get_by_label("Password (optional)"))
    page.keyboard.type("swordfish")
    tab_to(page.get_by_label("Downloads"))
    page.keyboard.type("5 d")
    expect(page.get_by_label("Downloads")).to_have_value("5")
    tab_to(page.get_by_label("AVIF"))
    page.keyboard.press("Space")
    press(button(page, "Make the link"))
    expect(page.get_by_role("heading", name="Your link is ready")).to_be_visible()
    press(button(page, "Copy the address"))
    expect(button(page, "Address copied")).to_be_focused()
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)], ids=["wide", "narrow"])
def test_a_link_is_made_taken_changed_and_ended_by_keys_alone(
    gallery: Page, elsewhere: BrowserContext, live_site: str, size: tuple[int, int]
) -> None:
    page, visitor = gallery, elsewhere.new_page()
    for one in (page, visitor):
        one.set_viewport_size({"width": size[0], "height": size[1]})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_site)
    visitor.goto(make_link_by_keys(page))

    expect(visitor.get_by_label("Password")).to_be_focused()
    visitor.keyboard.type("sturgeon\n")
    expect(visitor.get_by_role("alert")).to_contain_text("not the password")
    expect(visitor.get_by_label("Password")).to_be_focused()
    visitor.keyboard.type("swordfish\n")
    expect(visitor.get_by_role("heading", name="2 images for you")).to_be_visible()
    tab_to(visitor.get_by_label("Format"))
    visitor.keyboard.type("W")
    with visitor.expect_download() as download:
        press(visitor.get_by_role("button", name="Download image 2"))
    assert download.value.suggested_filename == "image-2.webp"
    expect(visitor.get_by_role("button", name="Download image 2")).to_be_focused()
    with visitor.expect_download() as download:
        tab_to(button(visitor, "Download all as ZIP"), "Shift+Tab")
        visitor.keyboard.press("Enter")
    assert download.value.suggested_filename == "images.zip"
    expect(visitor.get_by_text("3 downloads left")).to_be_visible()

    press(page.get_by_role("link", name="All links"))
    press(page.get_by_role("link", name=re.compile("^2 images, shared")))
    expect(page.get_by_text("2 of 5 downloads")).to_be_visible()
    tab_to(page.get_by_label("Downloads"))
    page.keyboard.type("1 d")
    press(button(page, "Save the changes"))
    expect(page.get_by_role("alert")).to_contain_text("2 or more: there were as many already")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    expect(page.get_by_label("As it is")).to_be_checked()
    tab_to(page.get_by_label("Downloads"))
    page.keyboard.type("2")
    expect(page.get_by_label("Downloads")).to_have_value("20")
    press(button(page, "Save the changes"))
    expect(page.get_by_text("The link is changed.")).to_be_visible()
    expect(page.get_by_text("2 of 20 downloads")).to_be_visible()
    tab_to(page.get_by_label("As it is"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("6 hours")).to_be_checked()
    press(button(page, "Save the changes"))
    expect(page.get_by_label("As it is")).to_be_checked()  # The page of the link as it is now.
    press(button(page, "Pause it"))
    gone = visitor.get_by_role("heading", name="These images no longer exist.")
    expect(gone).to_be_focused(timeout=PATIENCE)
    press(button(page, "Open it again"))
    expect(page.get_by_text("The link is open again.")).to_be_visible()
    visitor.reload()
    expect(visitor.locator("[data-left]")).to_have_text(re.compile("ends in [56] h"))
    press(button(page, "End it now"))
    expect(page.get_by_text("The link has ended, for good.")).to_be_visible()
    expect(gone).to_be_focused(timeout=PATIENCE)
