"""What never leaves the device: what a photo says of itself, and what is covered on it."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests import photos
from tests.browser.conftest import Site, sign_in
from tests.browser.gestures import Held, card, cards, drop
from tests.browser.wire_tap import Tap, tapped
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PATIENCE = 30_000
SIZE = (1200, 900)
# Where the marker is on the photo the right way up: left, top, right, bottom.
MARKER = (300, 450, 540, 660)
SECRETS = (b"Exif", b"SECRET-MAKER", b"SECRET-OWNER", b"SECRET-COMMENT", b"GPS")
WORDS = "This photo says where it was taken. The place is taken out before it is sent."
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def scene() -> Image.Image:
    """A disc before grey, with a marker in it whose colours are nowhere else: magenta and green."""
    picture = Image.open(io.BytesIO(photos.draw(*SIZE))).convert("RGB")
    left, top, right, bottom = MARKER
    for number, x in enumerate(range(left, right, 8)):
        colour = (255, 0, 255) if number % 2 else (0, 255, 0)
        picture.paste(colour, (x, top, min(x + 8, right), bottom))
    return picture


def told(kind: str = "JPEG", turn: int = 6) -> bytes:
    """The scene as a camera writes it: lying on its side, with place, maker, owner and comment."""
    exif = Image.Exif()
    exif[0x0112] = turn
    exif[0x010F] = "SECRET-MAKER"
    exif[0x013B] = "SECRET-OWNER"
    gps = {1: "N", 2: (48.0, 12.0, 30.5), 3: "E", 4: (16.0, 22.0, 7.25)}
    exif.get_ifd(0x8825).update(gps)
    turned = scene().transpose(Image.Transpose.ROTATE_90) if turn == 6 else scene()
    out = io.BytesIO()
    more = {"comment": b"SECRET-COMMENT", "quality": 95} if kind == "JPEG" else {"lossless": True}
    turned.save(out, kind, exif=exif.tobytes(), **more)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    scene().save(out, "PNG")
    return out.getvalue()


def has_marker(picture: Image.Image) -> bool:
    """Whether any pixel has more than half of the marker's way from grey to magenta or green."""
    red, green, blue = np.moveaxis(np.asarray(picture.convert("RGB"), np.int16), 2, 0)
    magenta = (red - green > 90) & (blue - green > 90)
    return bool((magenta | ((green - red > 90) & (green - blue > 90))).any())


@pytest.fixture
def tap(site: Site) -> Iterator[Tap]:
    with tapped(site.url) as line:
        yield line


@pytest.fixture
def studio(visit: BrowserContext, site: Site, tap: Tap) -> Page:
    """The studio, at the other end of a line that is listened to."""
    sign_in(visit, site)
    page = visit.new_page()
    page.goto(f"{tap.url}/")
    return page


def hold(page: Page, *held: Held) -> None:
    """Drops photos that are to wait."""
    page.get_by_label("Let me cover parts before sending").check()
    drop(page, *held)
    for one in held:
        expect(card(page, one.name)).to_have_attribute("data-state", "ready")


def open_cover(page: Page, name: str) -> Locator:
    card(page, name).get_by_role("button", name="Cover parts").click()
    expect(page.get_by_role("heading", name=f"Cover parts of {name}")).to_be_visible()
    return page.locator("[data-cover-canvas]")


def drag(page: Page, canvas: Locator, box: tuple[int, int, int, int]) -> None:
    """From one corner to the other of a box of the photo, which is seen as a whole."""
    place = canvas.bounding_box()
    assert place is not None
    scale = min(place["width"] / SIZE[0], place["height"] / SIZE[1])
    left = place["x"] + (place["width"] - SIZE[0] * scale) / 2
    top = place["y"] + (place["height"] - SIZE[1] * scale) / 2
    page.mouse.move(left + box[0] * scale, top + box[1] * scale)
    page.mouse.down()
    page.mouse.move(left + box[2] * scale, top + box[3] * scale, steps=6)
    page.mouse.up()


def finish(page: Page, name: str) -> None:
    page.get_by_role("button", name="Done").click()
    expect(card(page, name)).to_contain_text("Ready to be sent, covered", timeout=PATIENCE)


def send(page: Page, name: str) -> bytes:
    """The original as the server has it."""
    card(page, name).get_by_role("button", name=f"Send {name}", exact=True).click()
    return received(page, name)


def received(page: Page, name: str) -> bytes:
    expect(card(page, name)).to_have_attribute("data-state", "done", timeout=PATIENCE)
    address = card(page, name).get_attribute("data-url")
    return page.request.get(f"{page.url.rstrip('/')}{address}original").body()


def pixels(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def around(box: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_what_is_covered_never_reaches_the_server(studio: Page, tap: Tap, size: dict) -> None:  # type: ignore[type-arg]
    studio.set_viewport_size(size)  # type: ignore[arg-type]
    photo = told()
    assert has_marker(Image.open(io.BytesIO(photo)))
    assert all(secret in photo for secret in SECRETS if secret != b"GPS")
    hold(studio, Held("party.jpg", photo, "image/jpeg"))
    expect(card(studio, "party.jpg")).to_contain_text(WORDS)
    drag(studio, open_cover(studio, "party.jpg"), around(MARKER, 8))
    finish(studio, "party.jpg")
    original = send(studio, "party.jpg")

    picture = Image.open(io.BytesIO(original))
    assert (picture.format, picture.size) == ("JPEG", SIZE), "the right way up, at full size"
    assert not has_marker(picture)
    assert not picture.getexif()
    left, top, right, bottom = MARKER
    assert np.asarray(picture)[top:bottom, left:right].max() < 8, "black"
    assert np.abs(np.asarray(picture)[50:400, 50:200].astype(int) - 224).max() < 8, "untouched"
    assert tap.files == [original], "all that was ever sent of it"
    assert not any(secret in tap.everything for secret in SECRETS)
    assert b"party.jpg" in tap.everything, "the line was listened to"


def test_what_is_pixelated_is_one_average_for_each_square(studio: Page, tap: Tap) -> None:
    hold(studio, Held("screen.png", png(), "image/png"))
    canvas = open_cover(studio, "screen.png")
    studio.get_by_label("Pixelate").check()
    drag(studio, canvas, around(MARKER, 8))
    finish(studio, "screen.png")
    original = send(studio, "screen.png")

    assert Image.open(io.BytesIO(original)).format == "PNG"
    now, before = pixels(original), pixels(png())
    left, top, right, bottom = around(MARKER, 8)
    changed = np.argwhere((now != before).any(axis=2))
    assert (changed >= (top - 2, left - 2)).all()
    assert (changed <= (bottom + 2, right + 2)).all()
    side = 1200 // 24
    for y in range(top - top % side + side, bottom - side, side):
        for x in range(left - left % side + side, right - side, side):
            square = now[y : y + side, x : x + side].reshape(-1, 3)
            assert (square == square[0]).all()
            average = before[y : y + side, x : x + side].reshape(-1, 3).mean(axis=0)
            assert np.abs(square[0] - average).max() < 6
    assert not has_marker(Image.open(io.BytesIO(original)))
    assert tap.files == [original]


def test_a_brush_covers_what_it_is_drawn_over(studio: Page) -> None:
    hold(studio, Held("screen.png", png(), "image/png"))
    canvas = open_cover(studio, "screen.png")
    studio.get_by_label("Brush", exact=True).check()
    studio.get_by_label("Width of the brush").fill("60")  # 180 of the photo's pixels.
    for y in (500, 580, 640):
        drag(studio, canvas, (MARKER[0] - 20, y, MARKER[2] + 20, y))
    finish(studio, "screen.png")
    now = Image.open(io.BytesIO(send(studio, "screen.png")))
    assert not has_marker(now)
    assert now.convert("RGB").getpixel((40, 40)) == (224, 224, 224)


def test_a_rectangle_is_placed_by_keys_alone(studio: Page) -> None:
    hold(studio, Held("screen.png", png(), "image/png"))
    studio.locator("[data-act=cover]").focus()
    studio.keyboard.press("Enter")
    expect(studio.locator("[data-cover-canvas]")).to_be_focused()
    # 240 × 240 in the middle, at 480, 330: to the marker's place by steps of 12 pixels.
    for key, times in (("ArrowLeft", 16), ("ArrowDown", 9), ("Shift+ArrowRight", 3)):
        for _ in range(times):
            studio.keyboard.press(key)
    expect(studio.locator("[data-cover-says]")).to_contain_text("23 % wide, 27 % high, 24 % from")
    studio.keyboard.press("Enter")
    expect(studio.locator("[data-cover-says]")).to_have_text("1 part is covered.")
    finish(studio, "screen.png")
    expect(studio.locator("[data-act=cover]")).to_be_focused()
    assert not has_marker(Image.open(io.BytesIO(send(studio, "screen.png"))))


def test_what_is_taken_back_or_given_up_is_not_covered(studio: Page) -> None:
    hold(studio, Held("screen.png", png(), "image/png"))
    canvas = open_cover(studio, "screen.png")
    says = studio.locator("[data-cover-says]")
    drag(studio, canvas, MARKER)
    drag(studio, canvas, (0, 0, 100, 100))
    expect(says).to_have_text("2 parts are covered.")
    canvas.press("Control+z")
    expect(says).to_have_text("1 part is covered.")
    canvas.press("Control+Shift+z")
    expect(says).to_have_text("2 parts are covered.")
    for _ in range(2):
        studio.get_by_role("button", name="Undo").click()
    expect(says).to_have_text("Nothing is covered yet.")
    expect(studio.get_by_role("button", name="Done")).to_have_attribute("aria-disabled", "true")
    drag(studio, canvas, MARKER)
    canvas.press("Escape")
    expect(says).to_have_text("Press Escape again to leave without covering anything.")
    studio.get_by_role("button", name="Cancel").click()
    expect(card(studio, "screen.png")).to_have_attribute("data-state", "ready")
    assert (pixels(send(studio, "screen.png")) == pixels(png())).all()


def test_near_by_one_covers_what_one_sees(studio: Page) -> None:
    """Zoomed in and moved, a rectangle lies where it was drawn."""
    hold(studio, Held("screen.png", png(), "image/png"))
    canvas = open_cover(studio, "screen.png")
    place = canvas.bounding_box()
    assert place is not None
    studio.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    studio.mouse.wheel(0, -400)
    canvas.press("+")
    studio.mouse.down()
    studio.mouse.move(place["x"] + place["width"] / 2 + 40, place["y"] + 200)
    studio.mouse.up()
    finish(studio, "screen.png")
    changed = np.argwhere((pixels(send(studio, "screen.png")) != pixels(png())).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert max(abs(left - 600), abs(bottom - 449)) <= 1, "from the photo's middle"
    assert right - left < 40 / 0.75, "fewer pixels than on the screen that showed it whole"
    assert bottom - top > right - left


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "trip.jpg"), ("WEBP", "trip.webp")])
def test_a_place_is_taken_out_and_no_pixel_is_touched(
    studio: Page, tap: Tap, kind: str, name: str
) -> None:
    photo = told(kind)
    drop(studio, Held(name, photo, f"image/{kind.lower()}"))
    expect(studio.locator("[data-say]")).to_contain_text(WORDS)
    original = received(studio, name)
    stripped, source = Image.open(io.BytesIO(original)), Image.open(io.BytesIO(photo))
    assert dict(stripped.getexif()) == {0x0112: 6}, "which way up it is, and nothing else"
    assert (np.asarray(stripped) == np.asarray(source)).all()
    assert tap.files == [original]
    assert not any(secret in tap.everything for secret in SECRETS[1:])


def test_a_photo_without_a_place_is_not_warned_of(studio: Page) -> None:
    drop(studio, Held("cup.png", photos.draw(), "image/png"))
    received(studio, "cup.png")
    expect(card(studio, "cup.png").locator("[data-place]")).to_be_hidden()


def test_photos_wait_until_all_are_sent_and_some_never_are(studio: Page, tap: Tap) -> None:
    names = ("a.png", "b.png", "c.png")
    hold(studio, *(Held(name, photos.draw(), "image/png") for name in names))
    expect(studio.locator("[data-summary]")).to_have_text("3 photos are ready to be sent.")
    card(studio, "b.png").get_by_role("button", name="Do not send").click()
    assert studio.evaluate("!dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    # What is dropped with the switch off goes at once, whoever waits.
    studio.get_by_label("Let me cover parts before sending").uncheck()
    drop(studio, Held("d.png", photos.draw(), "image/png"))
    received(studio, "d.png")
    assert len(tap.files) == 1
    studio.get_by_role("button", name="Send all 2").click()
    for name in ("a.png", "c.png"):
        received(studio, name)
    expect(studio.get_by_role("button", name="Send all")).to_be_hidden()
    expect(cards(studio)).to_have_count(3)
    assert len(tap.files) == 3


def test_the_choice_is_remembered_nowhere(studio: Page) -> None:
    studio.get_by_label("Let me cover parts before sending").check()
    studio.reload()
    expect(studio.get_by_label("Let me cover parts before sending")).not_to_be_checked()


def test_a_file_that_cannot_be_followed_waits_for_a_word(studio: Page, tap: Tap) -> None:
    out = io.BytesIO()
    scene().quantize(16).save(out, "GIF")
    odd = out.getvalue()
    at = odd.index(b"\x2c\0\0\0\0")
    odd = odd[:at] + b"\0" + odd[at:]  # A byte between two blocks, which no walk can pass.
    drop(studio, Held("odd.gif", odd, "image/gif"))
    mine = card(studio, "odd.gif")
    expect(mine).to_contain_text("Waiting for your word")
    expect(mine).to_contain_text("cannot be taken out")
    assert tap.files == []
    assert send(studio, "odd.gif") == odd


def test_a_photo_that_the_browser_cannot_draw_says_so(studio: Page) -> None:
    out = io.BytesIO()
    scene().save(out, "TIFF", compression="tiff_lzw")
    hold(studio, Held("scan.tiff", out.getvalue(), "image/tiff"))
    card(studio, "scan.tiff").get_by_role("button", name="Cover parts").click()
    expect(card(studio, "scan.tiff")).to_contain_text("This browser cannot draw this photo")
    assert (pixels(send(studio, "scan.tiff")) == np.asarray(scene())).all()


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_everybody_can_cover(studio: Page, size: dict) -> None:  # type: ignore[type-arg]
    studio.set_viewport_size(size)  # type: ignore[arg-type]
    hold(studio, Held("trip.jpg", told(), "image/jpeg"))
    found = findings(studio)
    open_cover(studio, "trip.jpg")
    found += findings(studio)
    studio.get_by_text("Keys", exact=True).click()
    found += findings(studio)
    assert found == []
    assert studio.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_without_scripts_the_switch_is_not_offered(studio: Page) -> None:
    browser = studio.context.browser
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, storage_state=studio.context.storage_state()
    )
    page = context.new_page()
    page.goto(studio.url)
    expect(page.locator("[data-dropzone]")).to_be_visible()
    expect(page.locator("[data-cover-first]")).to_be_hidden()
    context.close()
