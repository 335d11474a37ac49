"""How pages arrive over a slow line: weight of the scripts, first paint, and what jumps about."""

import statistics
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.browser import DROP, WATCH
from tests.bench.figures import Figure
from tests.bench.site import HOST, Sender

# "Fast 3G" as the browser's own tools know it. The processor is not slowed down.
FAST_3G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
NARROW, WIDE = (360, 740), (1280, 800)
# Every shift that no hand has caused, added up: the browser's own score looks at the worst five
# seconds alone. For half a second after a drop a shift is the answer to it: cards make room for the
# new one. After a key or a press the browser leaves the same time out itself.
SHIFTS = """
  window.shift = 0;
  window.dropped = -Infinity;
  new PerformanceObserver((list) => {
    for (const { startTime, hadRecentInput, value } of list.getEntries())
      if (!hadRecentInput && !(startTime - window.dropped < 500)) window.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
"""
ARRIVED = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource");
  const scripts = files.filter(({ name }) => name.endsWith(".js"));
  return {
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    listens: page.domContentLoadedEventEnd,
    scripts: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0) / 1000,
  };
}"""


def how_pages_arrive(sender: Sender, newcomer: Sender, photo: bytes, times: int) -> list[Figure]:
    """The sender's pages show some images that are done; the newcomer's studio is empty."""
    from processing.flows.gallery import PAGE  # Once Django is set up.

    ids = [sender.send(photo)[0] for _ in range(12)]
    sender.wait_for(ids)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        figures = [*_first_paint(browser, sender, times)]
        for what, path in (
            ("studio", "/"),
            ("gallery", "/gallery/"),
            ("image", f"/images/{ids[0]}/"),
        ):
            figures.append(_still(f"layout shift, {what}", _loading(browser, sender, path)))
        sender.wait_for([sender.send(photo)[0] for _ in range(PAGE)])
        figures.append(_still("layout shift, gallery, jump to its end", _jumping(browser, sender)))
        dropping = [*_dropping(browser, newcomer, photo), *_dropping(browser, sender, photo)]
        figures.append(_still("layout shift, studio, from drop to result", dropping))
        browser.close()
    return figures


def _still(what: str, shifts: list[float]) -> Figure:
    return Figure(what, 0.02, statistics.median(shifts), max(shifts), "", worst=True)


@contextmanager
def _new_page(browser: Browser, sender: Sender, size: tuple[int, int]) -> Iterator[Page]:
    """With nothing in its cache, at the end of a slow line."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies(
        [
            {"name": name, "value": value, "domain": HOST, "path": "/"}
            for name, value in (pair.split("=", 1) for pair in sender.cookies.split("; "))
        ]
    )
    context.add_init_script(SHIFTS)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", FAST_3G)
    yield page
    context.close()


def _first_paint(browser: Browser, sender: Sender, times: int) -> Iterator[Figure]:
    seen = []
    for _ in range(times):
        with _new_page(browser, sender, WIDE) as page:
            page.goto(f"http://{HOST}:{sender.port}/", wait_until="load")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            seen.append(page.evaluate(ARRIVED))
    for name, what, goal, unit in (
        ("scripts", "scripts of the studio before anybody does anything", 60, "kB"),
        ("paint", "first paint of the studio, fast 3G, nothing cached", 1000, "ms"),
        ("listens", "studio listens for photos, fast 3G, nothing cached", 2000, "ms"),
    ):
        ranked = sorted(one[name] for one in seen)
        yield Figure(what, goal, statistics.median(ranked), ranked[-1], unit)


def _loading(browser: Browser, sender: Sender, path: str) -> list[float]:
    shifts = []
    for size in (NARROW, WIDE):
        with _new_page(browser, sender, size) as page:
            page.goto(f"http://{HOST}:{sender.port}{path}", wait_until="networkidle")
            shifts.append(page.evaluate("window.shift"))
    return shifts


def _jumping(browser: Browser, sender: Sender) -> list[float]:
    """To the end of the first page: the next one's cards come, and the foot makes room for them."""
    shifts = []
    for size in (NARROW, WIDE):
        with _new_page(browser, sender, size) as page:
            page.goto(f"http://{HOST}:{sender.port}/gallery/", wait_until="networkidle")
            there = page.locator("[data-gallery] [data-card]")
            before = there.count()
            page.evaluate("window.shift = 0")
            page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
            page.wait_for_function(
                "before => document.querySelectorAll('[data-card]').length > before", arg=before
            )
            page.wait_for_timeout(1000)  # For what settles after the cards.
            shifts.append(page.evaluate("window.shift"))
    return shifts


def _dropping(browser: Browser, sender: Sender, photo: bytes) -> list[float]:
    shifts = []
    for size in (NARROW, WIDE):
        with _new_page(browser, sender, size) as page:
            page.goto(f"http://{HOST}:{sender.port}/", wait_until="networkidle")
            page.evaluate("window.shift = 0")
            page.evaluate(WATCH)
            page.evaluate(DROP, b64encode(photo).decode())
            page.wait_for_selector("[data-cards] > :first-child[data-state=done]", timeout=60_000)
            page.wait_for_timeout(1000)  # For what settles after the result.
            shifts.append(page.evaluate("window.shift"))
    return shifts
