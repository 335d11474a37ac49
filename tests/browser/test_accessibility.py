"""axe-core finds nothing on any page, light and dark, narrow and wide; none scrolls sideways."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import photos
from tests.browser.conftest import Site, sign_in
from tests.browser.gestures import Held, card, drop
from tests.conftest import ROOT

pytestmark = pytest.mark.browser
AXE = Path(ROOT / "node_modules" / "axe-core" / "axe.min.js")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SIGNED_OUT = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing"]
SIGNED_IN = [
    "/",
    "/gallery/",
    "/account/",
    "/account/training/",
    "/account/training/history/",
    "/account/activity/",
    "/receipts/",
    "/receipts/verify/",
    "/accounts/email/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/password/change/",
]
LOOKS = [("light", 360, 740), ("dark", 360, 740), ("light", 1280, 800), ("dark", 1280, 800)]


def findings(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    answer: dict[str, Any] = page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{page.url} {found['id']}: {node['html'][:200]}"
        for found in answer["violations"]
        for node in found["nodes"]
    ]


def look_at(page: Page, address: str) -> list[str]:
    page.goto(address, wait_until="networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return findings(page) + ([f"{address} is {wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize(("scheme", "width", "height"), LOOKS)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, site: Site, scheme: Any, width: int, height: int
) -> None:
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page = context.new_page()
    found = [one for path in SIGNED_OUT for one in look_at(page, site.url + path)]
    sign_in(context, site)
    found += [one for path in SIGNED_IN for one in look_at(page, site.url + path)]

    page.goto(site.url)
    drop(page, Held("cup.png", photos.draw(), "image/png"), Held("a.pdf", b"%PDF-1.4"))
    expect(card(page, "cup.png")).to_have_attribute("data-state", "done", timeout=30_000)
    found += findings(page)
    found += look_at(page, f"{site.url}/gallery/")
    page.locator("[data-pick]").first.check()
    found += findings(page)
    address = page.locator("[data-card]").first.get_attribute("data-url")
    found += look_at(page, f"{site.url}{address}")
    context.close()
    assert found == []
