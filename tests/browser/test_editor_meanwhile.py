"""The editor in two tabs, of an image that is erased meanwhile, and without scripts."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.in_editor import PATIENCE, address, alpha, download, edit, paint, save

__all__ = ["address"]
pytestmark = pytest.mark.browser
RED = (255, 0, 0)
BLUE = (0, 0, 255)


def put_behind(page: Page, shade: tuple[int, int, int]) -> None:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (8, 6), shade).save(out, "PNG")
    page.get_by_label("Behind the subject").select_option("bg_image")
    held = {"name": "wall.png", "mimeType": "image/png", "buffer": out.getvalue()}
    page.get_by_label("Picture", exact=True).set_input_files(held)  # type: ignore[arg-type]


def colour(picture: Image.Image) -> object:
    """In its corner."""
    return picture.convert("RGB").getpixel((1, 1))


def test_of_two_tabs_the_later_is_told_and_loses_nothing(
    signed_in_page: Page, address: str
) -> None:
    first = edit(signed_in_page, address)
    second = edit(signed_in_page.context.new_page(), address)
    paint(first, (0.45, 0.5), (0.55, 0.5))
    save(first, 1)
    paint(second, (0.5, 0.4))
    second.get_by_role("button", name="Save version").click()
    notice = second.locator("[data-conflict]")
    expect(notice).to_contain_text("Version 1 was saved or chosen elsewhere", timeout=PATIENCE)
    assert alpha(second, 0.5, 0.4) == 0, "the stroke is still there"
    notice.get_by_role("button", name="Save on top of it").click()
    expect(second.locator("[data-said]")).to_have_text("Version 2 is made.", timeout=PATIENCE)
    expect(second.locator("[data-version]")).to_have_count(3)
    second.close()


def test_saved_on_top_of_another_picture_it_keeps_its_own(
    signed_in_page: Page, address: str
) -> None:
    first = edit(signed_in_page, address)
    put_behind(first, RED)
    save(first, 1)
    second = edit(signed_in_page.context.new_page(), address)
    put_behind(first, BLUE)
    save(first, 2)
    paint(second, (0.5, 0.4))
    second.get_by_role("button", name="Save version").click()
    second.get_by_role("button", name="Save on top of it").click()
    expect(second.locator("[data-said]")).to_have_text("Version 3 is made.", timeout=PATIENCE)
    paint(second, (0.6, 0.4))
    shown = second.locator("[data-ground-picture]").evaluate("(one) => one.src")
    assert colour(Image.open(io.BytesIO(second.request.get(shown).body()))) == RED
    assert colour(download(second, address)) == RED
    second.close()


def test_an_image_that_is_erased_meanwhile_is_told(signed_in_page: Page, address: str) -> None:
    page = edit(signed_in_page, address)
    paint(page, (0.5, 0.5))
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    page.request.post(f"{address}erase/", form={"csrfmiddlewaretoken": token})
    page.get_by_role("button", name="Save version").click()
    expect(page.locator("[data-conflict]")).to_contain_text("has been erased", timeout=PATIENCE)


def test_without_scripts_the_options_can_be_saved(
    browser: Browser, signed_in_page: Page, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in_page.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}edit/")
    page.get_by_label("Behind the subject").select_option("bg_color")
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_text("Version 1 is saved.")).to_be_visible(timeout=PATIENCE)
    context.close()
