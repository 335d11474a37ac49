"""The switch "AI Training Data": with a mouse, with the keyboard alone, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ON = "Photos that you upload now are kept for training until you turn it off."
OFF = "Your photos are erased within 24 hours, and none is used for training."


def test_the_switch_asks_with_the_exact_wording_and_turns_on_and_off(
    signed_in_page: Page, live_site: str
) -> None:
    page = signed_in_page
    page.goto(f"{live_site}/account/")
    switch = page.get_by_role("switch", name="AI Training Data")
    expect(switch).not_to_be_checked()
    expect(page.locator("#training-data")).to_contain_text(OFF)
    switch.click()
    dialog = page.get_by_role("dialog", name="Keep your new photos for training?")
    expect(dialog).to_contain_text("are kept beyond 24 hours")
    expect(dialog.get_by_role("button", name="Leave it off")).to_be_focused()
    dialog.get_by_role("button", name="Leave it off").click()
    expect(dialog).to_be_hidden()
    expect(switch).to_be_focused()
    expect(switch).not_to_be_checked()
    switch.click()
    dialog.get_by_role("button", name="Turn on AI Training Data").click()
    expect(switch).to_be_checked()
    expect(page.locator("#training-data")).to_contain_text(ON)
    page.goto(f"{live_site}/")
    expect(page.locator("#dropzone-fate")).to_contain_text("kept for training")
    page.locator("#dropzone-fate").get_by_role("link").click()
    expect(page).to_have_url(re.compile("/account/#training-data$"))
    switch.click()
    expect(switch).not_to_be_checked()
    expect(page.get_by_role("status").first).to_contain_text("Off. No photo of yours was kept.")


def test_the_keyboard_alone_is_enough(signed_in_page: Page, live_site: str) -> None:
    page = signed_in_page
    page.goto(f"{live_site}/account/")
    switch = page.get_by_role("switch")
    switch.focus()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Leave it off")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(switch).to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()


def test_without_scripts_the_question_is_a_page(signed_in_page: Page, live_site: str) -> None:
    browser = signed_in_page.context.browser
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, storage_state=signed_in_page.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{live_site}/account/")
    page.get_by_role("switch").click()
    expect(page).to_have_url(re.compile(r"/account/training/\??$"))
    page.get_by_role("button", name="Turn on AI Training Data").click()
    expect(page.get_by_role("switch")).to_be_checked()
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).not_to_be_checked()
    context.close()
