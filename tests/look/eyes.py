"""What can be seen of a page without a person: what is out of reach, too small, or too wide."""

from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

_AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Everything that takes a press, as the rectangle that takes it: a label's belongs to its box. Left
# out, as WCAG 2.5.8 does: links in the flow of a sentence, and links that a larger one equals.
_TARGETS = """() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, " +
    "[role=button], [role=switch], [role=checkbox], [tabindex='0']";
  const inSentence = (one) => {
    if (one.tagName !== "A" || getComputedStyle(one).display !== "inline") return false;
    const around = one.parentElement.textContent.replace(one.textContent, "");
    return /\\p{Letter}/u.test(around);
  };
  const areaOf = (one) => {
    const boxes = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left));
    const right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    return { width: right - left, height: bottom - top };
  };
  const open = document.querySelector("dialog[open]") ?? document;
  const found = [...open.querySelectorAll(kinds)]
    .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((one) => !one.closest(".visually-hidden, .skip-link") && !inSentence(one))
    .map((one) => ({ ...areaOf(one), href: one.href, html: one.outerHTML.slice(0, 160) }))
    .filter(({ width, height }) => width > 1 && height > 1);
  const side = ({ width, height }) => Math.min(width, height);
  const hasLarger = (one) =>
    one.href && found.some((other) => other.href === one.href && side(other) > side(one));
  return found.filter((one) => !hasLarger(one));
}"""


def findings(page: Page, *rules: str) -> list[str]:
    """What axe-core objects to: by all standards that the site keeps, or by some rules alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": _STANDARDS}
    answer: dict[str, Any] = page.evaluate(
        "(only) => axe.run(document, { runOnly: only, resultTypes: ['violations'] })", only
    )
    return [
        f"{page.url} {found['id']}: {node['html'][:200]}"
        for found in answer["violations"]
        for node in found["nodes"]
    ]


def small_targets(page: Page, least: float) -> list[str]:
    """What takes a press on less than `least` pixels in either direction."""
    return [
        f"{one['width']:.0f} × {one['height']:.0f}: {one['html']}"
        for one in page.evaluate(_TARGETS)
        if min(one["width"], one["height"]) < least - 0.5
    ]


def sideways(page: Page) -> int:
    """How many pixels wider than its window the page is."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def set_text_size(page: Page, pixels: int) -> None:
    """As somebody sets it in the browser's own settings; 16 is usual. It ends with the session."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": pixels}})
