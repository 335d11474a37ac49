"""The editor of an image: painted in, saved, and what came of it."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, card, drop

PATIENCE = 60_000


@pytest.fixture
def address(signed_in_page: Page, live_site: str) -> str:
    """The editor of an image that is cut out."""
    page = signed_in_page
    page.goto(f"{live_site}/")
    drop(page, Held("cup.png", photos.draw(800, 600), "image/png"))
    mine = card(page, "cup.png")
    expect(mine).to_have_attribute("data-state", "done", timeout=PATIENCE)
    return f"{live_site}{mine.get_attribute('data-url')}"


def edit(page: Page, address: str) -> Page:
    page.goto(f"{address}edit/")
    expect(page.locator("[data-stage][data-ready]")).to_be_visible(timeout=PATIENCE)
    return page


def paint(page: Page, *places: tuple[float, float]) -> None:
    """A stroke through these shares of the picture."""
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def zoom(page: Page) -> int:
    return int(page.locator("[data-zoom]").inner_text().removesuffix(" %"))


def alpha(page: Page, x: float, y: float) -> int:
    """What the page shows of a place, 0 to 255."""
    return int(
        page.locator("[data-canvas]").evaluate(
            """(canvas, [x, y]) => canvas.getContext("2d")
              .getImageData(x * canvas.width, y * canvas.height, 1, 1).data[3]""",
            [x, y],
        )
    )


def save(page: Page, number: int) -> None:
    page.get_by_role("button", name="Save version").click()
    expect(page.locator("[data-said]")).to_have_text(f"Version {number} is made.", timeout=PATIENCE)


def download(page: Page, address: str) -> Image.Image:
    response = page.request.get(f"{address}cutout.png")
    return Image.open(io.BytesIO(response.body()))


def solid(page: Page, address: str, x: int, y: int) -> int:
    """How solid the PNG is at a place."""
    pixel = download(page, address).convert("RGBA").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel[3]
