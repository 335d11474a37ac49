"""The editor on a phone: painted, pinched and moved by fingers."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.in_editor import address, alpha, edit, save, solid, zoom

__all__ = ["address"]
pytestmark = pytest.mark.browser
# Milliseconds. A finger that lifts while it moves has thrown the page, to the browser: the next tap
# would only stop that, and press nothing.
REST = 100


class Fingers:
    """On a touch screen, by the browser's own events: they become pointers, or would scroll."""

    def __init__(self, page: Page) -> None:
        self.page, self.devtools = page, page.context.new_cdp_session(page)

    def touch(self, kind: str, *places: tuple[float, float]) -> None:
        """Where the fingers are now, in shares of the stage."""
        box = self.page.locator("[data-stage]").bounding_box()
        assert box
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(places)
        ]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def draw(self, *places: tuple[float, float]) -> None:
        self.touch("touchStart", places[0])
        for place in places[1:]:
            self.touch("touchMove", place)
        self.lift()

    def spread(self, start: float, end: float, *, down: float = 0) -> None:
        """Two fingers at the same height, as far apart as these shares; both go `down` by one."""
        self.touch("touchStart", (0.5 - start / 2, 0.5))
        self.touch("touchStart", (0.5 - start / 2, 0.5), (0.5 + start / 2, 0.5))
        for step in range(1, 11):
            apart = start + (end - start) * step / 10
            height = 0.5 + down * step / 10
            self.touch("touchMove", (0.5 - apart / 2, height), (0.5 + apart / 2, height))
        self.lift()

    def lift(self) -> None:
        self.page.wait_for_timeout(REST)
        self.touch("touchEnd")


def middle(page: Page) -> tuple[float, float]:
    """Of the picture, on the screen."""
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_by_touch_it_is_painted_pinched_moved_and_saved(
    browser: Browser, signed_in_page: Page, address: str
) -> None:
    context = browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740}
    )
    context.add_cookies(signed_in_page.context.cookies())  # type: ignore[arg-type]
    page = edit(context.new_page(), address)
    fingers, undo = Fingers(page), page.get_by_role("button", name="Undo")
    fit = page.get_by_role("button", name="Fit on the stage")
    fitted = zoom(page)
    fingers.spread(0.2, 0.6)
    assert fitted * 2 < zoom(page) < fitted * 4, "as much larger as the fingers went apart"
    expect(undo).to_be_disabled()  # The first finger of two paints nothing.
    x, y = middle(page)
    fingers.spread(0.3, 0.3, down=0.2)
    moved = middle(page)
    assert moved[1] - y > 40, "two fingers move it"
    assert abs(moved[0] - x) < 2
    fingers.spread(0.6, 0.2)
    fit.tap()
    assert zoom(page) == fitted
    page.get_by_text("Move", exact=True).tap()
    x, y = middle(page)
    fingers.draw((0.5, 0.5), (0.5, 0.6), (0.5, 0.7))
    assert middle(page)[1] - y > 40, "with this tool one finger moves it"
    expect(undo).to_be_disabled()
    fit.tap()
    page.get_by_text("Erase", exact=True).tap()
    assert alpha(page, 0.5, 0.5) == 255
    top = page.evaluate("scrollY")
    fingers.draw((0.4, 0.5), (0.45, 0.5), (0.5, 0.5), (0.55, 0.5), (0.6, 0.5))
    expect(page.locator("[data-said]")).to_have_text("1 stroke, not saved yet.")
    assert alpha(page, 0.5, 0.5) == 0
    assert page.evaluate("scrollY") == top, "no finger on the stage has scrolled the page"
    save(page, 1)
    assert solid(page, address, 400, 300) == 0
    assert solid(page, address, 400, 200) == 255
    context.close()


def test_on_a_phone_the_brush_bar_shows_that_it_goes_on(signed_in_page: Page, address: str) -> None:
    page = edit(signed_in_page, address)
    bar = page.locator("[data-tools]")
    sign = "bar => getComputedStyle(bar, '::after').opacity"
    hidden = "bar => getComputedStyle(bar, '::after').display"
    assert bar.evaluate(hidden) == "none", "beside the stage all of it is seen"
    page.set_viewport_size({"width": 360, "height": 740})
    assert bar.evaluate("bar => bar.scrollWidth > bar.clientWidth")
    page.wait_for_timeout(100)
    assert bar.evaluate(sign) == "1"
    assert bar.evaluate("bar => getComputedStyle(bar, '::after').position") == "sticky"
    bar.evaluate("bar => { bar.scrollLeft = bar.scrollWidth; }")
    page.wait_for_timeout(100)
    assert bar.evaluate(sign) == "0"
