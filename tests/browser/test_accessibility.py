"""Every page in every state, for everybody: axe-core, a finger, small and large, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests import photos
from tests.browser.conftest import run_site
from tests.browser.gestures import Held
from tests.look.eyes import findings, set_text_size, sideways, small_targets
from tests.look.pages import STATES, State
from tests.look.people import Cast

pytestmark = pytest.mark.browser
NARROW, WIDE = (360, 740), (1280, 800)
WIDTHS = (320, 360, 768, 1280, 3840)


@pytest.fixture(scope="module")
def cast(browser: Browser) -> Iterator[Cast]:
    whole = photos.draw(400, 400, "JPEG")
    sent = (
        Held("cup of coffee.png", photos.draw(640, 480), "image/png"),
        Held("saucer.png", photos.draw(480, 640), "image/png"),
        Held("torn.jpg", whole[: len(whole) // 2], "image/jpeg"),
    )
    with run_site("tests.look.settings", MODEL="synthetic", SWEEP_EVERY="3s") as site:
        cast = Cast(site, browser, sent)
        cast.gather()
        yield cast


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def page(request: pytest.FixtureRequest, browser: Browser, cast: Cast) -> Iterator[Page]:
    """A page in one of its states; the tests of this module look at it one after the other."""
    context = browser.new_context(
        locale="en-GB", reduced_motion="reduce", storage_state=cast.states[request.param.who]
    )
    page = context.new_page()
    resize(page, NARROW)
    request.param.reach(page, cast)
    yield page
    context.close()


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_axe_finds_nothing_in_light_and_dark(page: Page, size: tuple[int, int]) -> None:
    resize(page, size)
    page.emulate_media(color_scheme="light")
    found = findings(page)
    page.emulate_media(color_scheme="dark")
    found += findings(page, "color-contrast")  # All that a scheme can change.
    page.emulate_media(color_scheme="light")
    assert found == []


def test_a_finger_hits_everything(page: Page) -> None:
    resize(page, NARROW)
    assert small_targets(page, 24) == []  # WCAG 2.2, 2.5.8, without its allowance for spacing.
    assert small_targets(page, 44) == []


def test_nothing_is_scrolled_sideways_from_small_phones_to_large_screens(page: Page) -> None:
    wider = {}
    for width in WIDTHS:
        resize(page, (width, 800))
        wider[width] = sideways(page)
    assert {width: by for width, by in wider.items() if by > 0} == {}


def test_nothing_is_scrolled_sideways_with_text_twice_as_large(page: Page) -> None:
    """On a phone, where WCAG 2.2, 1.4.4 and 1.4.10, would be content with one of the two."""
    resize(page, NARROW)
    set_text_size(page, 32)
    try:
        page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '32px'")
        assert sideways(page) <= 0
    finally:
        set_text_size(page, 16)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_longer_words_fit(browser: Browser, cast: Cast, state: State) -> None:
    """German, on a small phone: no page is wider, and no button narrower than what it says."""
    context = browser.new_context(
        locale="de-DE", reduced_motion="reduce", storage_state=cast.states[state.who]
    )
    page = context.new_page()
    resize(page, (320, 740))
    state.reach(page, cast)
    assert page.evaluate("document.documentElement.lang") == "de"
    assert sideways(page) <= 0
    assert page.evaluate(_SPILLING) == []
    context.close()


_SPILLING = """() => [...document.querySelectorAll(".button, .link-button, .badge, h1, h2")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
  .filter((one) => getComputedStyle(one).display !== "inline")
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.textContent.trim())"""


def test_every_module_that_runs_was_announced(page: Page) -> None:
    """Otherwise each step of imports waits for the one before it.

    Not those that an act brings in later: they come when they are needed.
    """
    ran, announced = page.evaluate("""() => [
      performance.getEntriesByType("resource").filter(({ name, startTime }) =>
        /\\/static\\/js\\/.*\\.js$/.test(name) &&
        startTime < performance.getEntriesByType("navigation")[0].loadEventStart
      ).map(({ name }) => name),
      [...document.querySelectorAll("script[src], link[rel=modulepreload]")]
        .map((one) => one.src || one.href),
    ]""")
    assert set(ran) <= set(announced)
