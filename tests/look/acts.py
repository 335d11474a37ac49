"""What somebody does on a page to bring it into a state, by the controls that everybody uses.

In whichever language the page is: controls are named here by their English names.
"""

import gettext
import re
from functools import cache

from playwright.sync_api import Page, expect

from tests import photos
from tests.browser.gestures import Held, cards, drag_over, drop
from tests.conftest import ROOT

PASSWORD = "a cup of coffee in the morning"
PATIENCE = 120_000  # Milliseconds, on a machine that has other things to do.
CUP = Held("cup.png", photos.draw(480, 360), "image/png")


def address_of(name: str) -> str:
    return f"{name}@example.com"


def named(page: Page, english: str) -> str:
    """What the page calls it."""
    language = page.locator("html").get_attribute("lang") or "en"
    return english if language == "en" else _catalog(language).gettext(english)


@cache
def _catalog(language: str) -> gettext.GNUTranslations:
    folder = ROOT / "bgerase_site" / "locale" / language / "LC_MESSAGES"
    with (folder / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def open_page(page: Page, address: str) -> None:
    """Goes there; where the password is asked for once more on the way, gives it."""
    page.goto(address, wait_until="networkidle")
    if "/reauthenticate/" in page.url and "/reauthenticate/" not in address:
        page.locator("main input[type=password]").fill(PASSWORD)
        press_submit(page)
        page.wait_for_load_state("networkidle")


def press_submit(page: Page) -> None:
    page.locator("main form [type=submit]").first.click()


# ---- in and out ----


def sign_up(page: Page, name: str) -> None:
    page.locator("#id_email").fill(address_of(name))
    page.locator("#id_password1").fill(PASSWORD)
    press_submit(page)
    expect(page.locator("[data-studio]")).to_be_visible(timeout=PATIENCE)


def sign_up_wrongly(page: Page) -> None:
    page.locator("#id_email").fill("nora@example.com")
    page.locator("#id_password1").fill("password")
    press_submit(page)
    expect(page.locator(".field-error").first).to_be_visible()


def sign_in_wrongly(page: Page) -> None:
    page.locator("#id_login").fill("nobody@example.com")
    page.locator("#id_password").fill("a word that nobody has")
    press_submit(page)
    expect(page.get_by_role("alert").first).to_be_visible()


def sign_in_as_guarded(page: Page) -> None:
    page.locator("#id_login").fill(address_of("gloria"))
    page.locator("#id_password").fill(PASSWORD)
    press_submit(page)
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))


# ---- photos ----


def hold_a_photo_over_the_page(page: Page) -> None:
    drag_over(page, CUP)
    expect(page.locator("[data-drop-veil]")).to_be_visible()


def drop_over_a_very_slow_line(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    line = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 20}
    devtools.send("Network.emulateNetworkConditions", line)
    before = cards(page).count()  # What was sent so before can have arrived after all.
    drop(page, CUP, Held("saucer.png", photos.draw(360, 480), "image/png"))
    expect(cards(page)).to_have_count(before + 2)
    sending = page.locator("[data-cards] [data-state=sending]")
    expect(sending.first).to_be_visible(timeout=PATIENCE)


def drop_what_is_no_photo(page: Page) -> None:
    drop(page, Held("plan.jpg", photos.PDF, "image/jpeg"), Held("void.png", b""))
    expect(page.locator("[data-cards] [data-trouble]:not([hidden])")).to_have_count(2)


def open_a_menu(page: Page) -> None:
    page.locator("[data-cards] [data-menu]:visible summary").first.click()
    expect(page.locator("[data-cards] [data-menu][open]")).to_have_count(1)


def select_two(page: Page) -> None:
    for place in (0, 1):
        page.locator("[data-pick]").nth(place).check()
    expect(page.locator("[data-selection]")).to_be_visible()


def ask_to_erase_the_selected(page: Page) -> None:
    select_two(page)
    page.locator('[data-selection] [data-act="erase"]').click()
    expect(page.locator("dialog[open]")).to_be_visible()


def compare(page: Page) -> None:
    page.get_by_role("button", name=named(page, "Compare with the original")).click()
    expect(page.locator("[data-split]")).to_be_visible(timeout=PATIENCE)


def open_the_keys(page: Page) -> None:
    page.locator(".viewer-keys summary").click()
    expect(page.locator(".viewer-keys-list")).to_be_visible()


def edit_without_picture(page: Page) -> None:
    page.get_by_label(named(page, "Behind the subject")).select_option("bg_image")
    page.locator("[data-edit-words]").click()
    words = named(page, "No picture was chosen. Choose the one that goes behind the images.")
    expect(page.get_by_role("alert")).to_contain_text(words)


def make_a_link(page: Page) -> None:
    page.get_by_role("button", name=named(page, "Make the link")).click()
    expect(page.get_by_label(named(page, "The address"))).to_be_visible()


def make_a_locked_link(page: Page) -> None:
    page.locator("#share-password").fill(PASSWORD)
    make_a_link(page)


def open_a_link_wrongly(page: Page) -> None:
    page.get_by_label(named(page, "Password")).fill("another password")
    press_submit(page)
    expect(page.get_by_role("alert")).to_be_visible()


def take_what_is_not_given_out(page: Page) -> None:
    """Without scripts, from a page that is older than the link's terms."""
    page.evaluate("""() => {
      const form = document.querySelector("[data-take]");
      form.elements.namedItem("format").selectedOptions[0].value = "tiff";
      form.insertAdjacentHTML("beforeend", '<input type="hidden" name="place" value="1">');
      form.submit();
    }""")
    expect(page.get_by_role("heading", name=named(page, "That did not work"))).to_be_visible()


# ---- account and receipts ----


def press_the_switch(page: Page) -> None:
    page.get_by_role("switch", name=named(page, "AI Training Data")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def type_another_word(page: Page) -> None:
    page.locator("#close-word").fill("open")
    page.get_by_role("button", name=named(page, "Close my account")).click()
    expect(page.locator("#close-wrong")).to_be_visible()


def verify_it(page: Page) -> None:
    page.get_by_role("button", name=named(page, "Verify it")).click()
    genuine = named(page, "This receipt is genuine.")
    expect(page.get_by_role("heading", name=genuine)).to_be_visible()


def verify_nonsense(page: Page) -> None:
    page.locator("#receipt").fill("nonsense")
    page.get_by_role("button", name=named(page, "Verify")).click()
    unreadable = "This is not the JSON of a receipt. Save it anew from its page, and send it whole."
    expect(page.get_by_text(named(page, unreadable))).to_be_visible()
