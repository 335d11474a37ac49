"""The editor in a browser: painted, undone, saved, seen; by mouse, by keys alone, in two tabs."""

import io

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests import photos
from tests.browser.gestures import Held, card, drop
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PATIENCE = 60_000
# Milliseconds. A finger that lifts while it moves has thrown the page, to the browser: the next tap
# would only stop that, and press nothing.
REST = 100
SIZES = [(1280, 800), (360, 740)]
RED, BLUE = (255, 0, 0), (0, 0, 255)


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


def zoom(page: Page) -> int:
    return int(page.locator("[data-zoom]").inner_text().removesuffix(" %"))


def middle(page: Page) -> tuple[float, float]:
    """Of the picture, on the screen."""
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def brightness(page: Page, x: float, y: float) -> float:
    """Of what is on the screen at these shares of the picture, 0 to 255."""
    box = page.locator("[data-canvas]").bounding_box()
    assert box
    with Image.open(io.BytesIO(page.screenshot())) as screen:
        spot = int(box["x"] + x * box["width"]), int(box["y"] + y * box["height"])
        pixel = screen.convert("L").getpixel(spot)
    assert isinstance(pixel, (int, float))
    return pixel


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


def solid(page: Page, address: str, x: int, y: int) -> int:
    """How solid the PNG is at a place."""
    pixel = download(page, address).convert("RGBA").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return pixel[3]


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
