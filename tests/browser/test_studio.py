"""The studio in a real browser: every way in, every state, every way out."""

import io
import re

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests import photos
from tests.browser.gestures import SENDING, Held, card, cards, drag_over, drop, paste
from tests.browser.in_studio import PATIENCE, expect_done, photo, studio

__all__ = ["studio"]
pytestmark = pytest.mark.browser


def still(found: Locator) -> object:
    """Where it is once it has come to rest."""
    place = None
    for _ in range(50):
        before, place = place, found.bounding_box()
        if before == place:
            break
        found.page.wait_for_timeout(100)
    return place


def test_photos_dropped_anywhere_become_cutouts_without_a_reload(studio: Page) -> None:
    studio.evaluate("window.sameDocument = true")
    drop(studio, photo("a.png"), photo("b.png"), photo("c.png"))
    expect(cards(studio)).to_have_count(3)
    for name in ("a.png", "b.png", "c.png"):
        expect_done(studio, name)
    assert studio.evaluate("window.sameDocument")
    assert cards(studio).locator("[data-name]").all_inner_texts() == ["a.png", "b.png", "c.png"]


def test_a_pasted_picture_gets_a_name_of_its_own(studio: Page) -> None:
    paste(studio, photo("image.png"))
    expect_done(studio, "Pasted photo.png")


def test_chosen_files_are_taken_at_once_and_the_send_button_stays_away(studio: Page) -> None:
    cup: FilePayload = {"name": "cup.png", "mimeType": "image/png", "buffer": photos.draw()}
    studio.set_input_files("[data-input]", [cup])
    expect(card(studio, "cup.png")).to_be_visible()
    expect(studio.locator(".dropzone-send")).to_be_hidden()
    expect_done(studio, "cup.png")


def test_the_window_shows_that_it_takes_a_drop(studio: Page) -> None:
    veil = studio.locator("[data-drop-veil]")
    drag_over(studio, photo())
    expect(veil).to_be_visible()
    studio.evaluate("document.body.dispatchEvent(new DragEvent('dragleave', { bubbles: true }))")
    expect(veil).to_be_hidden()


def test_a_bad_file_says_what_it_is_and_stops_no_other(studio: Page) -> None:
    sent: list[str] = []
    studio.on("request", lambda request: sent.append(request.method))
    drop(studio, Held("plan.jpg", photos.PDF, "image/jpeg"), Held("void.png", b""), photo())
    refused = card(studio, "plan.jpg")
    expect(refused).to_contain_text("This file is a PDF. Send a JPEG")
    expect(card(studio, "void.png")).to_contain_text("This file is empty.")
    expect(studio.locator("[data-alarm]")).to_contain_text("2 photos failed.")
    expect_done(studio, "cup.png")
    expect(studio.locator("[data-say]")).to_contain_text("1 photo is cut out, 2 are not.")
    assert sent.count("POST") == 1
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)


def test_what_only_the_engine_can_see_fails_with_its_sentence(studio: Page) -> None:
    whole = photos.draw(400, 400, "JPEG")
    drop(studio, Held("cut.jpg", whole[: len(whole) // 2], "image/jpeg"))
    failed = card(studio, "cut.jpg")
    expect(failed).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    expect(failed).to_contain_text("The end of this photo is missing.")
    expect(failed.get_by_role("button", name="Try again")).to_be_hidden()


def test_a_card_keeps_its_size_and_place_from_drop_to_result(studio: Page) -> None:
    drop(studio, photo())
    first = card(studio, "cup.png")
    before = still(first)  # Once the place for photos has become a bar.
    expect_done(studio, "cup.png")
    assert first.bounding_box() == before


def test_a_long_name_makes_no_card_larger(studio: Page) -> None:
    drop(studio, photo("short.png"), photo(f"{'a-very-long-name-' * 12}.png"))
    expect(studio.locator("[data-cards] [data-state=done]")).to_have_count(2, timeout=PATIENCE)
    short, long = (cards(studio).nth(place).bounding_box() for place in (0, 1))
    assert short
    assert long
    assert (short["width"], short["height"]) == (long["width"], long["height"])
    stages = studio.locator("[data-cards] [data-stage]")
    stage_heights = stages.evaluate_all("stages => stages.map((one) => one.offsetHeight)")
    assert len(set(stage_heights)) == 1


def test_the_photo_is_shown_before_anything_is_answered(studio: Page) -> None:
    studio.route(SENDING, lambda route: None)
    drop(studio, photo())
    expect(card(studio, "cup.png").locator("[data-before] canvas")).to_be_visible()
    expect(card(studio, "cup.png")).to_have_attribute("data-state", "sending")
    studio.unroute_all(behavior="ignoreErrors")


def test_a_photo_that_says_how_it_is_turned_is_shown_that_way_up(studio: Page) -> None:
    studio.route(SENDING, lambda route: None)
    stored = Image.new("RGB", (120, 60), "blue")
    stored.paste("red", (0, 0, 60, 60))
    turn = Image.Exif()
    turn[ExifTags.Base.Orientation] = 6  # By a quarter to the right: what was left is on top.
    out = io.BytesIO()
    stored.save(out, "JPEG", exif=turn)
    drop(studio, Held("upright.jpg", out.getvalue(), "image/jpeg"))
    drawing = card(studio, "upright.jpg").locator("[data-before] canvas")
    expect(drawing).to_be_visible()
    seen = Image.open(io.BytesIO(drawing.screenshot())).convert("RGB")
    top, bottom = (seen.getpixel((seen.width // 2, seen.height * part // 8)) for part in (3, 5))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]
    assert bottom[2] > 200 > top[2]
    studio.unroute_all(behavior="ignoreErrors")


def test_a_broken_line_is_tried_again_under_the_same_key(studio: Page) -> None:
    keys: list[str] = []

    def break_once(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    studio.route(SENDING, break_once)
    drop(studio, photo())
    expect(studio.locator("[data-notice=offline]")).to_be_visible()
    expect_done(studio, "cup.png")
    expect(studio.locator("[data-notice=offline]")).to_be_hidden()
    assert len(keys) == 2
    assert keys[0] == keys[1]


@pytest.mark.parametrize("module", ["parts/inspect", "pure/strip"])
def test_what_cannot_be_looked_into_is_not_sent(studio: Page, module: str) -> None:
    """The line broke after the page listened and before it had all that it needs for a photo."""
    sent: list[str] = []
    studio.on("request", lambda request: sent.append(request.method))
    studio.route(re.compile(rf"/{module}\b[^/]*\.js"), lambda route: route.abort())
    studio.reload()
    drop(studio, photo())
    problem = card(studio, "cup.png").locator("[data-problem]")
    expect(problem).to_contain_text("The connection broke before the page was whole.")
    assert "POST" not in sent
    studio.unroute_all(behavior="ignoreErrors")
    studio.reload()
    drop(studio, photo())
    expect_done(studio, "cup.png")


def test_a_photo_that_waits_for_the_server_can_be_held_back(studio: Page) -> None:
    studio.route(SENDING, lambda route: route.abort("connectionreset"))
    drop(studio, photo("a.png"), photo("b.png"), photo("c.png"))
    # On a line that breaks one is tried at a time.
    expect(card(studio, "a.png")).to_have_attribute("data-state", "pausing")
    expect(card(studio, "b.png")).to_have_attribute("data-state", re.compile("waiting|pausing"))
    card(studio, "b.png").get_by_role("button", name="Do not send").press("Enter")
    expect(card(studio, "b.png")).to_have_count(0)
    assert studio.evaluate("document.activeElement.textContent.includes('c.png')")
    studio.unroute_all(behavior="ignoreErrors")
    for name in ("a.png", "c.png"):
        expect_done(studio, name)
        expect(card(studio, name).get_by_role("button", name="Do not send")).to_be_hidden()


def test_signed_out_meanwhile_the_photos_wait_and_go_on(studio: Page) -> None:
    cookies = studio.context.cookies()
    studio.context.clear_cookies(name=re.compile("sessionid$"))
    drop(studio, photo())
    expect(studio.locator("[data-notice=signed-out]")).to_be_visible()
    link = studio.get_by_role("link", name="Sign in in a new tab")
    assert "/accounts/login/" in (link.get_attribute("href") or "")
    studio.context.add_cookies(cookies)  # type: ignore[arg-type]
    studio.get_by_role("button", name="Go on").click()
    expect_done(studio, "cup.png")
    expect(studio.locator("[data-notice=signed-out]")).to_be_hidden()


def test_without_a_worker_the_page_says_so_until_one_is_there(studio: Page) -> None:
    def without_worker(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "worker_up": False})

    studio.route("**/images/?ids=*", without_worker)
    drop(studio, photo())
    notice = studio.locator("[data-notice=worker]")
    expect(notice).to_contain_text("No worker is running.")
    studio.unroute("**/images/?ids=*", without_worker)
    expect(notice).to_be_hidden()


def test_erase_now_takes_the_photo_from_the_page_and_from_the_server(studio: Page) -> None:
    drop(studio, photo())
    expect_done(studio, "cup.png")
    address = card(studio, "cup.png").locator("[data-name]").get_attribute("href") or ""
    card(studio, "cup.png").get_by_role("button", name="Erase now").click()
    expect(cards(studio)).to_have_count(0)
    expect(studio.locator("[data-studio][data-empty]")).to_be_visible()
    assert studio.request.get(studio.url.rstrip("/") + address).status == 404
    assert studio.evaluate("document.activeElement.matches('[data-input]')")


def test_at_its_hour_a_photo_vanishes_from_an_open_page(studio: Page) -> None:
    drop(studio, photo())
    expect_done(studio, "cup.png")
    left = card(studio, "cup.png").locator("[data-countdown]")
    expect(left).to_have_text(re.compile(r"^Erased in 2\d h( \d+ min)?$"))
    left.evaluate("time => (time.dateTime = new Date(Date.now() + 3500).toISOString())")
    studio.evaluate("document.dispatchEvent(new Event('clock:changed'))")
    expect(left).to_have_text(re.compile("^Erased in [1-3] s$"))
    gone = card(studio, "cup.png")
    expect(gone).to_have_attribute("data-state", "erased")
    expect(gone.locator("img")).to_have_count(0)
    expect(gone.locator("a[href]")).to_have_count(0)


def test_a_reload_finds_the_photos_where_they_were(studio: Page) -> None:
    drop(studio, photo("a.png"))
    expect_done(studio, "a.png")
    drop(studio, photo("b.png"))
    expect(card(studio, "b.png")).to_have_attribute("data-id", re.compile("."))
    studio.reload()
    expect_done(studio, "b.png")
    assert cards(studio).locator("[data-name]").all_inner_texts() == ["b.png", "a.png"]


def test_leaving_is_only_questioned_while_something_is_being_sent(studio: Page) -> None:
    ask = "!dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not studio.evaluate(ask)
    studio.route(SENDING, lambda route: None)
    drop(studio, photo())
    expect(card(studio, "cup.png")).to_have_attribute("data-state", "sending")
    assert studio.evaluate(ask)
    studio.unroute_all(behavior="ignoreErrors")
