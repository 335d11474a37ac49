"""From a photo to its edited result with no mouse, and with the focus in sight at each step."""

import io

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests import photos
from tests.browser.gestures import card

pytestmark = pytest.mark.browser
PATIENCE = 60_000
MOST_STOPS = 80
# What is wrong with the thing that has the focus, as somebody sees it; nothing at the page's edge,
# where the browser's own controls have it. A field laid over its place, and one inside its label,
# are marked by those, or by what is in them.
TROUBLE = """() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  const place = one.closest("label, .dropzone-place");
  const marked = [one, place, ...(place?.children ?? [])].filter(Boolean).find((each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 &&
      each.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  });
  const name = one.outerHTML.slice(0, 120);
  if (!marked) return `no mark on ${name}`;
  const box = marked.getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
    return `out of sight: ${name}`;
  const [x, y] = [Math.max(box.left, 0) + Math.min(box.right, innerWidth),
    Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)].map((sum) => sum / 2);
  const above = document.elementFromPoint(x, y);
  const there = (place ?? marked).contains(above) || above?.contains(marked);
  return there ? "" : `covered: ${name}`;
}"""


def reach(page: Page, selector: str) -> None:
    """By the tab key, looking at every stop on the way."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(TROUBLE) == ""
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the tab key does not lead to {selector}")


@pytest.mark.parametrize("width", [360, 1280])
def test_from_photo_to_edited_result(signed_in_page: Page, live_site: str, width: int) -> None:
    page = signed_in_page
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 740})
    page.on("filechooser", lambda chooser: None)  # From now on none is shown but told.
    page.goto(f"{live_site}/")
    _send(page)
    _download(page, "[data-card] [data-link=cutout_png]")
    reach(page, "[data-card] .photo-more > summary")
    _look_into_the_menu(page)
    reach(page, "[data-card] [data-erase] button")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('[data-edit]')")
    page.keyboard.press("Enter")
    expect(page.locator("[data-stage][data-ready]")).to_be_visible(timeout=PATIENCE)
    _erase_the_middle(page)
    reach(page, ".editor-bar > a")
    page.keyboard.press("Enter")
    expect(page.locator("[data-image]")).to_be_visible()
    edited = _download(page, "[data-link=cutout_png]")
    assert edited.getpixel((160, 120))[3] == 0  # type: ignore[index]
    assert edited.getpixel((100, 120))[3] == 255  # type: ignore[index]


def _send(page: Page) -> None:
    reach(page, "[data-input]")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    cup: FilePayload = {"name": "cup.png", "mimeType": "image/png", "buffer": photos.draw(320, 240)}
    chooser.value.set_files([cup])
    expect(card(page, "cup.png")).to_have_attribute("data-state", "done", timeout=PATIENCE)


def _download(page: Page, selector: str) -> Image.Image:
    reach(page, selector)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return Image.open(io.BytesIO(download.value.path().read_bytes()))


def _look_into_the_menu(page: Page) -> None:
    page.keyboard.press("Enter")
    for kind in ("cutout_webp", "cutout_jpg", "mask"):
        page.keyboard.press("Tab")
        assert page.evaluate(TROUBLE) == ""
        assert page.evaluate("document.activeElement.dataset.link") == kind
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('summary')")
    assert page.evaluate(TROUBLE) == ""


def _erase_the_middle(page: Page) -> None:
    reach(page, "[data-stage]")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("1 stroke, not saved yet.")
    reach(page, "#background")
    reach(page, ".editor-save")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("Version 1 is made.", timeout=PATIENCE)
