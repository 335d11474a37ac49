"""The whole of it, as a newcomer meets it: sign up, drop a real photo, look, download, erase."""

import contextlib
import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from processing.storage import MARK_NAME
from tests.browser.conftest import Site, run_site
from tests.browser.gestures import Held, card, drop

pytestmark = [pytest.mark.browser, pytest.mark.model]


@pytest.fixture(scope="module")
def real_site() -> Iterator[Site]:
    with run_site(MODEL="u2netp") as running:
        yield running


def cup_of_coffee() -> bytes:
    file = io.BytesIO()
    Image.fromarray(data.coffee()).save(file, "JPEG", quality=90)
    return file.getvalue()


def test_a_newcomer_cuts_out_a_photo_and_leaves_nothing_behind(page: Page, real_site: Site) -> None:
    page.goto(real_site.url)
    page.get_by_role("link", name="Sign up").first.click()
    page.get_by_label("E-mail").first.fill("newcomer@example.com")
    page.locator("input[type=password]").first.fill("a cup of coffee in the morning")
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("[data-studio]")).to_be_visible()
    page.wait_for_load_state("load")  # Before its scripts run, nobody listens for a drop.

    drop(page, Held("secret coffee.jpg", cup_of_coffee(), "image/jpeg"))
    mine = card(page, "secret coffee.jpg")
    expect(mine).to_have_attribute("data-state", "done", timeout=60_000)
    expect(mine.locator("[data-after] img")).to_be_visible()

    with page.expect_download() as download:
        mine.locator("[data-link=cutout_png]").click()
    with Image.open(download.value.path()) as cutout:
        assert cutout.format == "PNG"
        assert cutout.size == (600, 400)
        alpha = np.asarray(cutout.getchannel("A"))
    assert alpha[200, 300] > 250, "the cup is kept"
    assert alpha[:20, :20].max() < 10, "the table behind it is gone"
    assert 0.1 < (alpha > 128).mean() < 0.9

    mine.locator("[data-erase] button").click()
    expect(mine).to_have_count(0)
    left = [path for path in (real_site.data / "media").rglob("*") if path.is_file()]
    assert [path for path in left if path.name != MARK_NAME] == []
    for path in real_site.data.rglob("*"):
        if path.is_file() and "models" not in path.parts and "static" not in path.parts:
            with contextlib.suppress(FileNotFoundError):  # The site works on: one goes meanwhile.
                assert b"secret coffee" not in path.read_bytes(), path
