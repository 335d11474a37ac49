"""Text twice as large on a phone: no word is torn in two where one looks at photos."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import photos
from tests.browser.conftest import Site, sign_in
from tests.browser.gestures import Held, card, cards, drop
from tests.look.eyes import set_text_size, sideways

pytestmark = pytest.mark.browser
PATIENCE = 60_000
# Words that go on in a further line without a hyphen. A part behind a soft hyphen begins with it.
# Addresses and hashes may: nobody reads them word by word.
TORN = """() => {
  const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const torn = [];
  while (texts.nextNode()) {
    const { data, parentElement: parent } = texts.currentNode;
    if (!parent.checkVisibility() || parent.closest(".visually-hidden, .breakable")) continue;
    for (const { 0: word, index } of data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      if (/^[0-9a-f]{16,}$/.test(word)) continue;
      range.setStart(texts.currentNode, data[index - 1] === "\u00ad" ? index + 1 : index);
      range.setEnd(texts.currentNode, index + word.length);
      const seen = [...range.getClientRects()].filter(({ width }) => width > 1);
      if (new Set(seen.map(({ top }) => Math.round(top))).size > 1) torn.push(word);
    }
  }
  return torn;
}"""


@pytest.fixture(params=["en-GB", "de-DE"])
def large(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """A phone of 360 pixels, text twice as large, with photos that fared well and badly."""
    phone = ViewportSize(width=360, height=740)
    context = browser.new_context(locale=request.param, viewport=phone, reduced_motion="reduce")
    sign_in(context, site)
    page = context.new_page()
    page.goto(site.url)
    whole = photos.draw(400, 400, "JPEG")
    drop(
        page,
        Held("cup.png", photos.draw(320, 240), "image/png"),
        Held("receipt_letter_paper.png", photos.draw_speck(), "image/png"),
        Held("fog.png", photos.draw_plain(320, 240), "image/png"),
        Held("torn.jpg", whole[: len(whole) // 2], "image/jpeg"),
        Held("plan.jpg", photos.PDF, "image/jpeg"),
    )
    for name, state in (
        ("cup", "done"),
        ("receipt", "done"),
        ("fog", "failed"),
        ("torn", "failed"),
    ):
        expect(card(page, name)).to_have_attribute("data-state", state, timeout=PATIENCE)
    expect(cards(page)).to_have_count(5)
    set_text_size(page, 32)
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '32px'")
    yield page
    set_text_size(page, 16)
    context.close()


def test_what_can_be_done_with_a_photo_is_one_line_over_it(large: Page) -> None:
    acts = card(large, "cup").locator("[data-acts]")
    stage = card(large, "cup").locator("[data-stage]").bounding_box()
    box = acts.bounding_box()
    assert box is not None
    assert stage is not None
    assert stage["y"] <= box["y"]
    assert box["height"] < stage["height"] / 3


def test_no_word_is_torn_in_the_studio(large: Page) -> None:
    assert large.evaluate(TORN) == []
    assert sideways(large) <= 0


def test_no_word_of_a_name_is_torn_on_the_page_of_its_image(large: Page, site: Site) -> None:
    large.goto(site.url + (card(large, "receipt").get_attribute("data-url") or ""))
    expect(large.get_by_role("heading", name="receipt_letter_paper.png")).to_be_visible()
    assert large.evaluate(TORN) == []


def test_no_word_is_torn_in_the_gallery(large: Page, site: Site) -> None:
    large.goto(f"{site.url}/gallery/")
    large.locator("[data-pick]").first.check()
    assert large.evaluate(TORN) == []
    assert sideways(large) <= 0


# English has no soft hyphens: a browser that can divide words divides it.
UNDIVIDED = {"Authenticator"}


def test_no_word_is_torn_in_what_is_read_about_an_account(large: Page, site: Site) -> None:
    torn, wide = {}, {}
    for path in (
        "/account/",
        "/account/erase-all/",
        "/accounts/2fa/",
        "/accounts/email/",
        "/privacy/",
        "/receipts/",
        "/receipts/verify/",
        "/shares/",
    ):
        large.goto(f"{site.url}{path}")
        torn[path] = {*large.evaluate(TORN)} - UNDIVIDED
        wide[path] = max(0, sideways(large))
    assert not any(torn.values()), torn
    assert not any(wide.values()), wide


def test_no_word_is_torn_where_a_link_is_made(large: Page, site: Site) -> None:
    large.goto(f"{site.url}/gallery/")
    card(large, "cup").locator("[data-pick]").check()
    large.locator("[data-act=share]").click()
    expect(large.locator("[name=password]")).to_be_visible()
    assert large.evaluate(TORN) == []
    assert sideways(large) <= 0
