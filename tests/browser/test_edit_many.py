"""One edit for what is selected in the gallery: seen before it is sent, told, made, undone."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests import photos
from tests.browser.gestures import Held, cards, drop
from tests.look.eyes import findings, small_targets

pytestmark = pytest.mark.browser
PATIENCE = 60_000
BLUE, RED = (20, 60, 200), (200, 40, 30)


@pytest.fixture
def gallery(signed_in_page: Page, live_site: str) -> Page:
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, *(Held(f"{n}.png", photos.draw(160, 120), "image/png") for n in range(3)))
    done = page.locator("[data-cards] [data-card][data-state=done]")
    expect(cards(page)).to_have_count(3)
    expect(done).to_have_count(3, timeout=PATIENCE)
    page.goto(f"{live_site}/gallery/")
    return page


def choose(page: Page, count: int) -> list[str]:
    """Selects the newest, goes on to edit them; their addresses."""
    chosen = [page.locator("[data-gallery] [data-card]").nth(place) for place in range(count)]
    for one in chosen:
        one.locator("[data-pick]").check()
    addresses = [one.get_attribute("data-url") or "" for one in chosen]
    page.locator("[data-selection]").get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_role("heading", name=f"Edit {count} images")).to_be_visible()
    return addresses


def corner(page: Page, address: str) -> tuple[int, ...]:
    """Of the full-size PNG; a version that is being made is waited for."""
    page.goto(address)
    response = page.request.get(page.url + "cutout.png")
    with Image.open(io.BytesIO(response.body())) as picture:
        pixel = picture.convert("RGBA").getpixel((2, 2))
    assert isinstance(pixel, tuple)
    return pixel


def wait_for_corner(page: Page, address: str, colour: tuple[int, ...]) -> None:
    for _ in range(60):
        if corner(page, address) == colour:
            return
        page.wait_for_timeout(500)
    assert corner(page, address) == colour


def choose_picture(page: Page, colour: tuple[int, int, int]) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(file, "PNG")
    page.get_by_label("Behind the subject").select_option("bg_image")
    page.get_by_label("Picture", exact=True).set_input_files(
        {"name": "sea.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )


def save(page: Page, number: int) -> None:
    page.get_by_role("button", name="Save version").click()
    expect(page.locator("[data-said]")).to_have_text(f"Version {number} is made.", timeout=PATIENCE)


def open_others(page: Page) -> Locator:
    """Those that the editor can apply its options to, newest first, but for its own image."""
    page.get_by_text("Apply to other images…").click()
    return page.locator(".editor-others [name=id]")


def middle_of_edge(card: Locator) -> tuple[int, ...]:
    """A pixel of the picture on a card, in its background."""
    pixel = card.locator("[data-after] img").evaluate("""async (picture) => {
      await picture.decode();
      const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
      const context = canvas.getContext("2d");
      context.drawImage(picture, 0, 0);
      return [...context.getImageData(2, canvas.height / 2, 1, 1).data];
    }""")
    return tuple(pixel[:3])


def test_a_picture_goes_behind_those_that_are_selected(gallery: Page, live_site: str) -> None:
    page = gallery
    page.set_viewport_size({"width": 360, "height": 740})
    first, left, _ = addresses = choose(page, 3)
    choose_picture(page, BLUE)
    ground = page.locator("[data-ground]").first
    assert "blob:" in ground.evaluate("one => getComputedStyle(one).backgroundImage")
    assert findings(page) == []
    assert small_targets(page, 44) == []
    page.locator("[data-picks] input").nth(1).uncheck()
    page.get_by_role("button", name="Edit 2 images").click()
    told = "2 images changed. The version before is kept with each."
    expect(page.get_by_text(told)).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(f"{live_site}/gallery/")
    newest = page.locator("[data-gallery] [data-card]").first
    expect(newest).not_to_have_attribute("data-making", re.compile("."), timeout=PATIENCE)
    expect(newest.locator("[data-state-words]")).to_have_text("Cut out")
    edge = middle_of_edge(newest)
    near = [abs(one - wanted) < 12 for one, wanted in zip(edge, BLUE, strict=True)]
    assert all(near), edge  # As soon as it is made; WebP is not exact.
    for address in (first, addresses[2]):
        wait_for_corner(page, f"{live_site}{address}", (*BLUE, 255))
    assert corner(page, f"{live_site}{left}")[3] == 0
    page.goto(f"{live_site}{first}edit/")
    page.get_by_role("button", name="As cut out").click()
    expect(page.locator("[data-version='0']")).to_have_attribute("aria-current", "true")
    assert corner(page, f"{live_site}{first}")[3] == 0


def test_the_editor_applies_the_picture_that_is_saved_last(gallery: Page, live_site: str) -> None:
    """One that was saved on this very page; the one that a page finds; the one saved over that."""
    page = gallery
    found = page.locator("[data-gallery] [data-card]").all()
    mine, first, second = (one.get_attribute("data-url") or "" for one in found)
    page.goto(f"{live_site}{mine}edit/")
    expect(page.locator("[data-stage][data-ready]")).to_be_visible(timeout=PATIENCE)
    choose_picture(page, BLUE)
    save(page, 1)
    others = open_others(page)
    others.nth(0).check()
    page.get_by_role("button", name="Apply to the chosen images").click()
    expect(page.get_by_text("Applied to 1 image.")).to_be_visible(timeout=PATIENCE)
    wait_for_corner(page, f"{live_site}{first}", (*BLUE, 255))

    page.goto(f"{live_site}{mine}edit/")
    expect(page.locator("[data-stage][data-ready]")).to_be_visible(timeout=PATIENCE)
    open_others(page).nth(1).check()
    page.get_by_role("button", name="Apply to the chosen images").click()
    expect(page.get_by_text("Applied to 1 image.")).to_be_visible(timeout=PATIENCE)
    choose_picture(page, RED)
    save(page, 2)
    others.nth(0).check()
    page.get_by_role("button", name="Apply to the chosen images").click()
    expect(page.get_by_text("Applied to 1 image.")).to_be_visible(timeout=PATIENCE)
    wait_for_corner(page, f"{live_site}{second}", (*BLUE, 255))
    wait_for_corner(page, f"{live_site}{first}", (*RED, 255))


def test_without_scripts_the_editor_applies_its_saved_picture(
    browser: Browser, gallery: Page, live_site: str
) -> None:
    found = gallery.locator("[data-gallery] [data-card]").all()
    mine, other, _ = (one.get_attribute("data-url") or "" for one in found)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(gallery.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_site}{mine}edit/")
    choose_picture(page, BLUE)
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_text("Version 1 is saved.")).to_be_visible(timeout=PATIENCE)
    open_others(page).first.check()
    page.get_by_role("button", name="Apply to the chosen images").click()
    expect(page.get_by_text("1 image changed.")).to_be_visible(timeout=PATIENCE)
    wait_for_corner(page, f"{live_site}{other}", (*BLUE, 255))
    context.close()


def test_what_is_chosen_stays_in_sight_beside_the_last_image(gallery: Page) -> None:
    gallery.set_viewport_size({"width": 1000, "height": 420})
    choose(gallery, 3)
    gallery.locator("[data-picks] li").last.evaluate("one => one.scrollIntoView({block: 'end'})")
    assert gallery.evaluate("scrollY") > 100
    place = gallery.locator(".edit-options").bounding_box()
    assert place is not None
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= 420


def test_without_scripts(browser: Browser, gallery: Page, live_site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(gallery.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{live_site}/gallery/")
    addresses = choose(page, 2)
    page.get_by_label("Behind the subject").select_option("bg_color")
    page.get_by_role("button", name="Edit these images").click()
    expect(page.get_by_text("2 images changed.")).to_be_visible(timeout=PATIENCE)
    for address in addresses:
        wait_for_corner(page, f"{live_site}{address}", (255, 255, 255, 255))
    context.close()
