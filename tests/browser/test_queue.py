"""The studio's queue in a real browser: many files, paused, cut off, failed, tried again."""

import contextlib
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Error, Page, Request, Route, expect

from tests import photos
from tests.browser.gestures import SENDING, Held, card, cards, drop
from tests.look.eyes import findings

pytestmark = pytest.mark.browser
PATIENCE = 120_000
MIB = 1_048_576
FOLDER = """({ name, files }) => {
  const file = (one) => ({
    isFile: true, isDirectory: false, name: one.name,
    file: (found) => found(new File([Uint8Array.from(atob(one.content), (c) => c.charCodeAt(0))],
      one.name, { type: "image/png" })),
  });
  const parts = [files.slice(0, 25).map(file), files.slice(25).map(file), []];
  const folder = { isFile: false, isDirectory: true, name,
    createReader: () => ({ readEntries: (found) => found(parts.shift() ?? []) }) };
  const transfer = new DataTransfer();
  transfer.items.add(new File([""], name));
  Object.defineProperty(DataTransferItem.prototype, "webkitGetAsEntry", { value: () => folder });
  document.querySelector("footer").dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""

KEEP_DROP = """() => addEventListener("drop", (event) => {
  event.stopImmediatePropagation();
  const { dataTransfer } = event;
  const again = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
  window.letDrop = () => document.querySelector("main").dispatchEvent(again);
}, { capture: true, once: true })"""
# How many cards come between two turns that the page has for other things.
COUNT_CARDS = """() => {
  window.came = [0];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => window.came.push(0);
  new MutationObserver((records) => {
    for (const node of records.flatMap(({ addedNodes }) => [...addedNodes]))
      if (node.nodeType === 1 && node.matches("[data-card]")) window.came[window.came.length - 1]++;
    port2.postMessage(null);
  }).observe(document.querySelector("[data-cards]"), { childList: true });
}"""
COUNT_BYTES = """() => {
  window.wentUp = [];
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (body) {
    const place = window.wentUp.push(0) - 1;
    this.upload.addEventListener("progress", ({ loaded }) => (window.wentUp[place] = loaded));
    send.call(this, body);
  };
}"""


@pytest.fixture
def studio(signed_in_page: Page, live_site: str) -> Page:
    signed_in_page.goto(f"{live_site}/")
    expect(signed_in_page.locator("[data-studio][data-empty]")).to_be_visible()
    return signed_in_page


def photo(name: str) -> Held:
    return Held(name, photos.draw(80, 60), "image/png")


def hold_all(page: Page) -> Callable[[], None]:
    """No photo is answered until the function that is returned is called."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(SENDING, hold)

    def let_go() -> None:
        page.unroute(SENDING)
        for route in held:
            with contextlib.suppress(Error):  # Its page has given it up.
                route.continue_()

    return let_go


def test_the_bar_hides_nothing_that_the_keyboard_leads_to(studio: Page) -> None:
    studio.set_viewport_size({"width": 360, "height": 740})
    let_go = hold_all(studio)
    drop(studio, *(photo(f"{number}.png") for number in range(6)))
    bar = studio.locator("[data-sending]")
    expect(bar).to_be_visible()
    last = cards(studio).nth(5).get_by_role("button", name="Do not send")
    expect(last).to_be_visible()
    last.evaluate("button => scrollBy(0, button.getBoundingClientRect().bottom - innerHeight + 8)")
    last.focus()  # It is in the window, but under the bar.
    button, edge = last.bounding_box(), bar.bounding_box()
    assert button is not None
    assert edge is not None
    assert button["y"] + button["height"] <= edge["y"]
    let_go()


def test_a_folder_of_sixty_with_a_bad_one_arrives_but_for_that_one(studio: Page) -> None:
    names = [f"photo-{number:02}.png" for number in range(60)]
    small = b64encode(photos.draw(80, 60)).decode()
    bad = b64encode(photos.PDF).decode()
    files = [{"name": name, "content": bad if name == names[30] else small} for name in names]
    studio.evaluate(FOLDER, {"name": "holiday", "files": files})
    bar = studio.locator("[data-sending]")
    expect(bar).to_be_visible()
    expect(cards(studio)).to_have_count(60)
    assert cards(studio).locator("[data-name]").all_text_contents() == names
    expect(bar).to_contain_text("59 of 60 photos sent, 1 failed", timeout=PATIENCE)
    expect(card(studio, names[30])).to_contain_text("This file is a PDF.")
    expect(bar.get_by_role("button", name="again")).to_be_hidden()
    studio.reload()
    expect(cards(studio).first).to_be_visible()
    assert studio.locator("[data-cards] [data-state=checking]").count() == 0


def test_paused_nothing_is_sent_and_it_goes_on(studio: Page) -> None:
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request)

    studio.on("request", note)
    let_go = hold_all(studio)
    drop(studio, *(photo(f"{number}.png") for number in range(8)))
    bar = studio.locator("[data-sending]")
    expect(bar).to_contain_text("0 of 8 photos sent")
    expect(studio.locator("[data-cards] [data-state=sending]")).to_have_count(2)
    bar.get_by_role("button", name="Pause").press("Enter")
    expect(bar).to_contain_text("Paused: 0 of 8 photos sent")
    expect(studio.locator("[data-say]")).to_contain_text("Sending is paused.")
    let_go()
    studio.wait_for_timeout(1000)
    there = len(sent)
    assert there <= 2
    studio.wait_for_timeout(500)
    assert len(sent) == there
    go_on = bar.get_by_role("button", name="Go on")
    assert go_on.evaluate("button => button === document.activeElement")
    go_on.press("Enter")
    expect(bar).to_contain_text("All 8 photos are sent", timeout=PATIENCE)
    expect(bar).to_be_hidden(timeout=20_000)


def test_one_is_held_back_and_then_all_the_rest(studio: Page) -> None:
    let_go = hold_all(studio)
    drop(studio, *(photo(f"{number}.png") for number in range(6)))
    bar = studio.locator("[data-sending]")
    expect(bar).to_contain_text("0 of 6 photos sent")
    card(studio, "5.png").get_by_role("button", name="Do not send").click()
    expect(bar).to_contain_text("0 of 5 photos sent")
    bar.get_by_role("button", name="Send no more").click()
    question = studio.locator("[data-sending-confirm]")
    expect(question).to_contain_text(re.compile(r"Do not send \d photos\?"))
    question.get_by_role("button", name="Send them all").click()
    expect(cards(studio)).to_have_count(5)
    bar.get_by_role("button", name="Send no more").click()
    question.get_by_role("button", name=re.compile("^Do not send")).click()
    let_go()
    # What was on its last step has arrived; nothing else has.
    expect(studio.locator("[data-state=waiting], [data-state=checking]")).to_have_count(0)
    expect(bar).to_be_hidden(timeout=20_000)
    assert cards(studio).count() <= 2


def test_what_failed_is_tried_again_by_one_button(studio: Page) -> None:
    def refuse(route: Route) -> None:
        error = {"code": "storage_full", "message": "There is no room. Try again in an hour."}
        route.fulfill(status=507, json={"images": [], "errors": [{"index": 0, **error}]})

    studio.route(SENDING, refuse, times=2)
    drop(studio, *(photo(f"{number}.png") for number in range(4)))
    bar = studio.locator("[data-sending]")
    expect(bar).to_contain_text("2 of 4 photos sent, 2 failed", timeout=PATIENCE)
    expect(studio.locator("[data-alarm]")).to_contain_text("There is no room.")
    bar.get_by_role("button", name="Try the 2 failed again").click()
    expect(bar).to_contain_text("All 4 photos are sent", timeout=PATIENCE)


def test_leaving_says_what_is_not_sent(studio: Page) -> None:
    let_go = hold_all(studio)
    drop(studio, *(photo(f"{number}.png") for number in range(6)))
    expect(studio.locator("[data-sending]")).to_contain_text("0 of 6 photos sent")
    questions: list[str] = []

    def stay(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    studio.on("dialog", stay)
    studio.locator("[data-summary]").click()  # A page that nobody has touched asks nothing.
    studio.evaluate("location.reload()")
    unsent = studio.locator("[data-sending-unsent]")
    expect(unsent).to_contain_text(re.compile(r"\d.png.* not sent yet\. Closing this page leaves"))
    assert questions == ["beforeunload"]
    let_go()
    expect(studio.locator("[data-sending]")).to_contain_text("All 6", timeout=PATIENCE)
    expect(unsent).to_be_hidden()


def test_the_line_is_cut_in_a_large_file_and_it_goes_on_where_it_was(studio: Page) -> None:
    """Slowed down, so that the line breaks in the middle; the bytes that went up are counted."""
    content = photos.draw_flat(1500, 1400)  # Of pixels alone: all else is taken out before.
    size = len(content)
    assert size > 6 * MIB
    studio.evaluate(COUNT_BYTES)
    line = studio.context.new_cdp_session(studio)
    line.send("Network.enable")
    slow = {"latency": 5, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
    line.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    begun: list[str] = []
    studio.on("request", lambda request: begun.append(f"{request.method} {request.url}"))
    drop(studio, Held("large.png", content, "image/png"))
    large = card(studio, "large.png")
    expect(large).to_contain_text(re.compile(r"Being sent, [3-5]\d %"), timeout=PATIENCE)
    line.send("Network.emulateNetworkConditions", {"offline": True, **slow})
    expect(large).to_have_attribute("data-state", "pausing", timeout=PATIENCE)
    expect(studio.locator("[data-notice=offline]")).to_be_visible()
    fast = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", {"offline": False, **fast})
    expect(large).to_have_attribute("data-state", "done", timeout=PATIENCE)
    places = [int(one.rpartition("/")[2]) for one in begun if one.startswith("PUT")]
    assert len(places) >= 3
    assert places[0] == 0
    assert sum(one.startswith("POST") and one.endswith("/uploads/") for one in begun) == 1
    went_up = studio.evaluate("window.wentUp.reduce((all, one) => all + one)")
    assert size <= went_up < 1.5 * size
    answer = studio.request.get(
        studio.url.rstrip("/")
        + (large.locator("[data-name]").get_attribute("href") or "")
        + "original"
    )
    assert answer.body() == content


def test_a_large_file_that_is_held_back_leaves_nothing_on_the_server(studio: Page) -> None:
    studio.route(re.compile(r"/uploads/[^/]+/\d+$"), lambda route: None)
    drop(studio, Held("large.png", photos.draw_flat(1400, 1300), "image/png"))
    large = card(studio, "large.png")
    expect(large).to_have_attribute("data-state", "sending")
    expect(studio.locator("[data-sending]")).to_be_visible()
    studio.wait_for_timeout(500)
    with studio.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        large.get_by_role("button", name="Do not send").click()
    expect(cards(studio)).to_have_count(0)
    assert studio.request.get(deleted.value.url).status == 404
    studio.unroute_all(behavior="ignoreErrors")


def test_everybody_can_use_the_bar_and_its_question(studio: Page) -> None:
    studio.set_viewport_size({"width": 360, "height": 740})
    let_go = hold_all(studio)
    drop(studio, *(photo(f"{number}.png") for number in range(6)))
    bar = studio.locator("[data-sending]")
    bar.get_by_role("button", name="Pause").click()
    expect(bar).to_contain_text("Paused: 0 of 6 photos sent")
    assert findings(studio) == []
    assert studio.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = "buttons => buttons.map((one) => one.offsetHeight).filter((one) => one && one < 44)"
    assert bar.locator("button").evaluate_all(small) == []
    bar.get_by_role("button", name="Send no more").click()
    assert findings(studio) == []
    studio.keyboard.press("Escape")
    expect(cards(studio)).to_have_count(6)
    let_go()


def test_with_five_hundred_cards_the_page_keeps_answering(studio: Page) -> None:
    """By how many cards come at one go, which no load changes, and by the processor's time of each
    task, which a busy machine lengthens little."""
    files = [photo(f"photo-{number:03}.png") for number in range(500)]
    events: list[dict[str, Any]] = []
    ended: list[object] = []
    trace = studio.context.new_cdp_session(studio)

    def collect(found: dict[str, Any]) -> None:
        events.extend(found["value"])

    def end(found: object) -> None:
        ended.append(found)

    trace.on("Tracing.dataCollected", collect)
    trace.on("Tracing.tracingComplete", end)
    categories = {"includedCategories": ["toplevel"], "recordMode": "recordContinuously"}
    studio.evaluate(KEEP_DROP)
    studio.evaluate(COUNT_CARDS)
    drop(studio, *files)
    trace.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": categories})
    studio.evaluate("window.letDrop()")
    expect(cards(studio)).to_have_count(500, timeout=PATIENCE)
    studio.wait_for_timeout(10_000)
    trace.send("Tracing.end")
    while not ended:
        studio.wait_for_timeout(100)
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks = [one for one in events if (one["pid"], one["tid"]) in mains and "tdur" in one]
    longest = sorted(one["tdur"] / 1000 for one in tasks)
    came = studio.evaluate("window.came")
    assert sum(came) == 500
    assert max(came) < 100, "a fifth of them at once, where 16 are meant"
    assert len(longest) > 500
    assert longest[-1] < 100, longest[-10:]
    assert studio.locator("[data-before] canvas").count() < 60
    expect(studio.locator("[data-sending]")).to_contain_text("of 500 photos sent")
