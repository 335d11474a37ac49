"""The editor in a browser: painted, undone, saved, seen; by mouse and by keys alone."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.in_editor import (
    PATIENCE,
    address,
    alpha,
    download,
    edit,
    paint,
    save,
    solid,
    zoom,
)
from tests.look.eyes import findings

__all__ = ["address"]
pytestmark = pytest.mark.browser
SIZES = [(1280, 800), (360, 740)]


def brightness(page: Page, x: float, y: float) -> float:
    """Of what is on the screen at these shares of the picture, 0 to 255."""
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    with Image.open(io.BytesIO(page.screenshot())) as screen:
        spot = int(box["x"] + x * box["width"]), int(box["y"] + y * box["height"])
        pixel = screen.convert("L").getpixel(spot)
    assert isinstance(pixel, (int, float))
    return pixel


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_stroke_is_painted_undone_redone_and_saved(
    signed_in_page: Page, address: str, width: int, height: int
) -> None:
    signed_in_page.set_viewport_size({"width": width, "height": height})
    page = edit(signed_in_page, address)
    assert solid(page, address, 400, 300) == 255
    before = page.locator("[data-version='0'] img").get_attribute("src")
    paint(page, (0.45, 0.5), (0.55, 0.5))
    assert alpha(page, 0.5, 0.5) == 0
    page.keyboard.press("Control+z")
    assert alpha(page, 0.5, 0.5) == 255
    page.keyboard.press("Control+Shift+z")
    assert alpha(page, 0.5, 0.5) == 0
    save(page, 1)
    thumbnail = page.locator("[data-version='1'] img")
    expect(thumbnail).to_be_visible()
    assert thumbnail.get_attribute("src") != before
    assert solid(page, address, 400, 300) == 0
    assert solid(page, address, 400, 200) == 255
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    edit(page, address)
    assert alpha(page, 0.5, 0.5) == 0, "its strokes are back"


def test_what_is_restored_comes_back_and_a_smart_stroke_stops_at_the_edge(
    signed_in_page: Page, address: str
) -> None:
    page = edit(signed_in_page, address)
    page.get_by_text("Smart: follow edges").click()
    page.locator("[data-size]").fill("60")
    paint(page, (0.72, 0.5))
    assert alpha(page, 0.72, 0.5) == 0
    paint(page, (0.78, 0.5))  # Beside the subject, but the brush reaches into it.
    assert alpha(page, 0.6, 0.5) == 255
    page.get_by_text("Restore", exact=True).click()
    page.get_by_text("Smart: follow edges").click()
    paint(page, (0.05, 0.05))
    assert alpha(page, 0.05, 0.05) == 255


def test_it_is_put_on_white_and_downloaded(signed_in_page: Page, address: str) -> None:
    page = edit(signed_in_page, address)
    page.get_by_label("Behind the subject").select_option("bg_color")
    save(page, 1)
    assert download(page, address).convert("RGB").getpixel((3, 3)) == (255, 255, 255)
    page.get_by_role("link", name="Back to the image").click()
    with page.expect_download() as got:
        page.locator("[data-link=cutout_png]").click()
    with Image.open(got.value.path()) as picture:
        assert picture.convert("RGB").getpixel((3, 3)) == (255, 255, 255)
    page.get_by_role("link", name="Edit").click()
    expect(page.get_by_label("Behind the subject")).to_have_value("bg_color")
    page.get_by_role("button", name="As cut out").click()
    expect(page.locator("[data-version='0']")).to_have_attribute("aria-current", "true")
    assert solid(page, address, 3, 3) == 0


def test_by_keys_alone(signed_in_page: Page, address: str) -> None:
    page = edit(signed_in_page, address)
    stage = page.get_by_role("application")
    for _ in range(30):
        page.keyboard.press("Tab")
        if stage.evaluate("one => one === document.activeElement"):
            break
    expect(stage).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_have_text("1 stroke, not saved yet.")
    assert alpha(page, 0.5, 0.5) == 0
    page.keyboard.press("c")  # As on the image's page.
    assert alpha(page, 0.5, 0.5) == 255
    page.keyboard.press("c")
    page.keyboard.press("r")
    expect(page.locator("[data-tool][value=restore]")).to_be_checked()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys.get_by_role("heading", name="Keys")).to_be_in_viewport(ratio=1)
    assert keys.evaluate("dialog => dialog.scrollHeight > dialog.clientHeight")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("Control+s")
    expect(page.locator("[data-said]")).to_have_text("Version 1 is made.", timeout=PATIENCE)


def test_the_checkerboard_keeps_its_size_whatever_the_zoom(
    signed_in_page: Page, address: str
) -> None:
    page = edit(signed_in_page, address)
    square = """ground => parseFloat(getComputedStyle(ground).backgroundSize) *
      ground.getBoundingClientRect().width / ground.offsetWidth"""
    ground = page.locator("[data-ground]")
    fitted = zoom(page)
    assert ground.evaluate(square) == pytest.approx(16, abs=0.1)
    page.get_by_role("button", name="Zoom in").click()
    assert zoom(page) > fitted
    assert ground.evaluate(square) == pytest.approx(16, abs=0.1)


def test_every_sign_says_under_the_mouse_what_it_does(signed_in_page: Page, address: str) -> None:
    page = edit(signed_in_page, address)
    bare = """() => [...document.querySelectorAll(".icon-button, .ground")]
      .filter((one) => one.title !== (one.ariaLabel ?? one.textContent.trim()))
      .map((one) => one.outerHTML)"""
    assert page.evaluate(bare) == []
    page.goto(address)
    assert page.locator(".icon-button").count() > 3
    assert page.evaluate(bare) == []


@pytest.mark.parametrize("kind", ["contact", "drop"])
def test_a_shadow_is_seen_before_it_is_saved(signed_in_page: Page, address: str, kind: str) -> None:
    page = edit(signed_in_page, address)
    page.get_by_label("Behind the subject").select_option("bg_color")
    assert brightness(page, 0.5, 0.77) > 250  # White, a little below the subject.
    page.get_by_label("Shadow", exact=True).select_option(kind)
    page.get_by_label("How dark").fill("80")
    page.get_by_label("How far it falls").fill("12")
    shown = brightness(page, 0.5, 0.77)
    assert shown < 190
    assert brightness(page, 0.5, 0.95) > 245, "it ends"
    save(page, 1)
    made = download(page, address).convert("L").getpixel((400, 462))
    assert isinstance(made, (int, float))
    assert abs(made - shown) < 20, "as the server makes it"
    page.get_by_label("Shadow", exact=True).select_option("none")
    assert brightness(page, 0.5, 0.77) > 250


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everybody_can_use_it(signed_in_page: Page, address: str, width: int, height: int) -> None:
    page = edit(signed_in_page, address)
    page.set_viewport_size({"width": width, "height": height})
    found = findings(page)
    page.get_by_label("Behind the subject").select_option("bg_gradient")
    page.get_by_label("Shadow").select_option("drop")
    found += findings(page)
    page.get_by_role("button", name="Keys").click()
    found += findings(page)
    assert found == []
