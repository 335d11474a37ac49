"""The result, looked at: near and far, before and after, on any ground; gone in time."""

import contextlib
import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error, Locator, Page, Route, expect

from tests import photos
from tests.browser.gestures import Held, card, drop
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PATIENCE = 30_000
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture
def at_image(signed_in_page: Page, live_site: str) -> Page:
    """The page of an image that is done, at its full size; there is an older one."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("old.png", photos.draw(64, 64), "image/png"))
    expect(card(page, "old.png")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    drop(page, Held("cup.png", photos.draw(1600, 1200), "image/png"))
    expect(card(page, "cup.png")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    card(page, "cup.png").locator("[data-name]").click()
    expect(page.locator("[data-viewer-scale]")).not_to_be_empty()
    wait_for_full(page)
    return page


def after(page: Page) -> Locator:
    return page.locator("[data-after] img")


def scale(page: Page) -> int:
    return int(page.locator("[data-viewer-scale]").inner_text().removesuffix(" %"))


def box(found: Locator) -> dict[str, float]:
    place = found.bounding_box()
    assert place is not None
    x, y, width, height = place["x"], place["y"], place["width"], place["height"]
    return {"x": round(x, 1), "y": round(y, 1), "width": round(width), "height": round(height)}


def wait_for_full(page: Page) -> None:
    expect(after(page)).to_have_attribute("src", re.compile(r"/cutout\.png$"), timeout=PATIENCE)


def hold_back(page: Page) -> list[Route]:
    """The full size is asked for, and does not come."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/cutout.png", hold)
    return held


def let_through(page: Page, held: list[Route]) -> None:
    """What was asked for and held back comes now, and so does what is asked for from now on."""
    while not held:
        page.wait_for_timeout(50)
    page.unroute("**/cutout.png")
    for route in held:
        with contextlib.suppress(Error):  # Its page has given it up.
            route.continue_()


def test_the_full_size_takes_the_preview_s_place_without_a_jump(at_image: Page) -> None:
    held = hold_back(at_image)
    at_image.reload()
    expect(after(at_image)).to_have_attribute("src", re.compile(r"/preview\.webp$"))
    expect(at_image.get_by_role("button", name="Zoom in")).to_be_visible()
    before = box(after(at_image))
    assert round(before["width"] / before["height"], 2) == 1.33
    let_through(at_image, held)
    wait_for_full(at_image)
    assert box(after(at_image)) == before
    assert after(at_image).evaluate("img => img.naturalWidth") == 1600
    assert after(at_image).get_attribute("alt") == "cup.png without its background"


def test_it_is_zoomed_to_800_per_cent_and_back_by_every_way(at_image: Page) -> None:
    frame = at_image.locator("[data-frame]")
    whole = scale(at_image)
    assert whole < 100
    for _ in range(20):
        at_image.get_by_role("button", name="Zoom in").click()
    assert scale(at_image) == 800
    assert after(at_image).evaluate("img => getComputedStyle(img).imageRendering") == "pixelated"
    at_image.get_by_role("button", name="See all of it").click()
    assert scale(at_image) == whole
    assert after(at_image).evaluate("img => getComputedStyle(img).imageRendering") == "auto"
    frame.focus()
    frame.press("1")
    assert scale(at_image) == 100
    frame.press("+")
    assert scale(at_image) > 100
    frame.press("0")
    frame.dblclick()
    assert scale(at_image) == 100
    frame.dblclick()
    assert scale(at_image) == whole
    frame.hover()
    at_image.mouse.wheel(0, -300)
    expect(at_image.locator("[data-viewer-scale]")).not_to_have_text(f"{whole} %")
    assert scale(at_image) > whole


def test_what_is_near_is_moved_by_drag_and_by_keys_and_leaves_no_gap(at_image: Page) -> None:
    frame = at_image.locator("[data-frame]")
    frame.focus()
    frame.press("1")
    stage, start = box(frame), box(after(at_image))
    frame.press("ArrowRight")
    assert box(after(at_image))["x"] == start["x"] - 60
    at_image.mouse.move(stage["x"] + 200, stage["y"] + 200)
    at_image.mouse.down()
    at_image.mouse.move(stage["x"] + 260, stage["y"] + 230, steps=3)
    at_image.mouse.up()
    moved = box(after(at_image))
    assert (moved["x"], moved["y"]) == (start["x"], start["y"] + 30)
    for _ in range(40):
        frame.press("ArrowLeft")
    assert abs(box(after(at_image))["x"] - stage["x"]) <= 1.5, "the picture's edge, at the stage's"


def test_two_fingers_zoom(at_image: Page) -> None:
    whole = scale(at_image)
    at_image.locator("[data-frame]").evaluate(
        """frame => {
          const { left, top } = frame.getBoundingClientRect();
          const touch = (name, id, x) => frame.dispatchEvent(new PointerEvent(name, {
            pointerId: id, pointerType: "touch", clientX: left + x, clientY: top + 100,
            bubbles: true, button: name === "pointermove" ? -1 : 0, buttons: 1,
          }));
          frame.setPointerCapture = () => {};
          touch("pointerdown", 7, 100); touch("pointerdown", 8, 140);
          touch("pointermove", 8, 220);
          touch("pointerup", 7, 100); touch("pointerup", 8, 220);
        }"""
    )
    assert abs(scale(at_image) - whole * 3) <= 2


def test_before_and_after_by_pointer_and_by_keys(at_image: Page) -> None:
    stage = at_image.locator("[data-stage]")
    at_image.get_by_role("button", name="Compare with the original").click()
    original = at_image.get_by_role("img", name="The original photo")
    expect(original).to_be_visible()
    line = at_image.get_by_role("slider", name="How much of the original is shown")
    expect(line).to_be_focused()
    line.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "51 % before, 49 % after")
    place = box(stage)
    at_image.mouse.move(place["x"] + place["width"] / 4, place["y"] + 100)
    at_image.mouse.down()
    at_image.mouse.up()
    expect(line).to_have_attribute("aria-valuetext", "25 % before, 75 % after")
    clip = "img => getComputedStyle(img.parentElement).clipPath"
    assert re.search(r"\b7[45](\.\d+)?%", original.evaluate(clip))
    # Near by the picture moves; the line stays, and is taken at its grip.
    at_image.locator("[data-frame]").press("1")
    assert box(original) == box(after(at_image))
    at_image.locator("[data-frame]").press("c")
    expect(line).to_be_hidden()
    expect(original).to_be_hidden()


def test_a_photo_that_the_browser_does_not_know_is_compared_too(
    signed_in_page: Page, live_site: str
) -> None:
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("scan.tiff", photos.draw(640, 480, "TIFF"), "image/tiff"))
    expect(card(page, "scan.tiff")).to_have_attribute("data-state", "done", timeout=PATIENCE)
    card(page, "scan.tiff").locator("[data-name]").click()
    page.get_by_role("button", name="Compare with the original").click()
    original = page.get_by_role("img", name="The original photo")
    expect(original).to_be_visible(timeout=PATIENCE)
    assert original.evaluate("(img) => [img.naturalWidth, img.naturalHeight]") == [640, 480]
    expect(page.get_by_role("slider", name="How much of the original is shown")).to_be_focused()
    expect(page.locator("[data-viewer-says]")).to_be_empty()


def test_the_ground_is_chosen_by_keys_and_by_colour(at_image: Page) -> None:
    ground = at_image.locator("[data-after]")
    colour = "span => getComputedStyle(span).backgroundColor"
    at_image.locator("[data-frame]").press("b")
    expect(at_image.get_by_label("White")).to_be_checked()
    assert ground.evaluate(colour) == "rgb(255, 255, 255)"
    at_image.get_by_label("White").press("ArrowRight")
    assert ground.evaluate(colour) == "rgb(0, 0, 0)"
    at_image.get_by_label("A colour", exact=True).check(force=True)
    at_image.get_by_label("Colour of the ground").fill("#00aa55")
    assert ground.evaluate(colour) == "rgb(0, 170, 85)"


def test_it_is_copied_as_the_full_png(at_image: Page) -> None:
    at_image.context.grant_permissions(["clipboard-read", "clipboard-write"])
    at_image.get_by_role("button", name="Copy").click()
    expect(at_image.locator("[data-viewer-says]")).to_have_text(
        "Copied. Paste it where you need it.", timeout=PATIENCE
    )
    content = at_image.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          return [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())];
        }"""
    )
    with Image.open(io.BytesIO(bytes(content))) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (1600, 1200), "RGBA")
    at_image.route("**/cutout.png", lambda route: route.abort())
    at_image.get_by_role("button", name="Copy").click()
    expect(at_image.locator("[data-viewer-says]")).to_contain_text("It was not copied.")


def test_it_is_dragged_out_as_a_file_with_its_own_name(at_image: Page, live_site: str) -> None:
    wait_for_full(at_image)
    dragged = """target => {
      const dataTransfer = new DataTransfer();
      target.dispatchEvent(new DragEvent("dragstart", { dataTransfer, bubbles: true }));
      return dataTransfer.getData("DownloadURL");
    }"""
    found = after(at_image).evaluate(dragged)
    path = (after(at_image).get_attribute("src") or "") + "?download=1"
    assert found == f"image/png:cup-cutout.png:{live_site}{path}"
    assert at_image.locator('[data-link="cutout_png"]').evaluate(dragged) == found
    assert at_image.locator(".wordmark").evaluate(dragged) == ""


def test_the_download_menus_tell_sizes_before_anything_is_downloaded(at_image: Page) -> None:
    menu = at_image.get_by_role("form", name="Another size or format")
    size = menu.locator("[data-render-size]")
    menu.get_by_label("Format").select_option("webp")
    expect(size).to_have_text(re.compile(r"^\d+(\.\d)? (kB|MB|bytes)$"), timeout=PATIENCE)
    with at_image.expect_download() as download:
        menu.get_by_role("button").click()
    stored = download.value.path().stat().st_size
    said = size.inner_text()
    assert said == (f"{round(stored / 1e3)} kB" if stored >= 1000 else f"{stored} bytes")

    presets = at_image.get_by_role("form", name="For a marketplace or an office")
    presets.get_by_label("Ready for").select_option("instagram-square")
    expect(presets).to_contain_text("1,080 pixels wide, 1 to 1.")
    expect(presets.locator("[data-render-size]")).to_have_text(
        re.compile(r"^\d+(\.\d)? (kB|MB)$"), timeout=PATIENCE
    )
    with at_image.expect_download() as download:
        presets.get_by_role("button").click()
    with Image.open(download.value.path()) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1080, 1080))


def test_at_its_hour_no_pixel_stays_in_the_viewer(at_image: Page) -> None:
    wait_for_full(at_image)
    at_image.get_by_role("button", name="Compare with the original").click()
    expect(at_image.get_by_role("img", name="The original photo")).to_be_visible()
    at_image.locator("[data-frame]").press("1")
    left = at_image.locator("[data-countdown]")
    left.evaluate("time => (time.dateTime = new Date(Date.now() + 1000).toISOString())")
    at_image.evaluate("document.dispatchEvent(new Event('clock:changed'))")
    expect(at_image.locator("[data-image]")).to_have_attribute("data-state", "erased")
    expect(at_image.locator("[data-stage] :is(img, canvas)")).to_have_count(0)
    expect(at_image.locator("[data-viewer-tools]")).to_be_hidden()
    expect(at_image.get_by_role("slider")).to_be_hidden()
    at_image.keyboard.press("c")
    at_image.wait_for_timeout(300)
    expect(at_image.locator("[data-stage] :is(img, canvas)")).to_have_count(0)


def test_what_was_still_loading_at_that_hour_is_not_shown(at_image: Page) -> None:
    held = hold_back(at_image)
    at_image.reload()
    expect(at_image.get_by_role("button", name="Zoom in")).to_be_visible()
    at_image.locator("[data-frame]").press("1")
    at_image.wait_for_timeout(300)
    at_image.locator("[data-countdown]").evaluate(
        "time => (time.dateTime = new Date(Date.now() - 1).toISOString())"
    )
    at_image.evaluate("document.dispatchEvent(new Event('clock:changed'))")
    expect(at_image.locator("[data-image]")).to_have_attribute("data-state", "erased")
    let_through(at_image, held)
    at_image.wait_for_timeout(1000)
    expect(at_image.locator("[data-stage] img")).to_have_count(0)


def test_the_others_are_one_step_away(at_image: Page) -> None:
    expect(at_image.get_by_role("link", name="Newer image")).to_have_count(0)
    at_image.get_by_role("link", name="Older image").click()
    expect(at_image.get_by_role("heading", name="old.png")).to_be_visible()
    expect(at_image.get_by_role("link", name="Older image")).to_have_count(0)
    at_image.get_by_role("link", name="Newer image").click()
    expect(at_image.get_by_role("heading", name="cup.png")).to_be_visible()


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_everybody_can_look(at_image: Page, size: Any) -> None:
    at_image.set_viewport_size(size)
    at_image.get_by_role("button", name="Compare with the original").click()
    expect(at_image.get_by_role("img", name="The original photo")).to_be_visible()
    at_image.get_by_label("A colour", exact=True).check(force=True)
    found = findings(at_image)
    at_image.locator("summary", has_text="Keys and gestures").click()
    assert found + findings(at_image) == []
    assert at_image.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_landing_page_s_slider_is_moved_by_keys(browser: Browser, live_site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_site}/")
    line = page.get_by_role("slider")
    line.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "51 % before, 49 % after")
    assert page.locator("[data-compare]").evaluate("one => one.style.getPropertyValue('--at')") == (
        "51%"
    )
    context.close()
