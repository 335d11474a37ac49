"""The switch "AI Training Data" and its pages: what they say, and what they do."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import escape
from pytest_django import Settings

from accounts import consent
from accounts.chain import hash_of
from accounts.consent import Wording
from accounts.models import ConsentEntry, User
from processing.models import Image
from tests.cast import age, browser, finish, opt_in, opt_out, submit

DAY = timedelta(days=1)
HISTORY = "/account/training/history"


def panel(user: User) -> str:
    """The panel of the account page, as its reader sees it: without tags, blanks as one."""
    section = panel_source(user)
    return " ".join(re.sub(r"<[^>]+>", " ", section).split())


def panel_source(user: User) -> str:
    page = browser(user).get("/account/").content.decode()
    return page[page.index('id="training-data"') : page.index('<nav class="account-index"')]


def forms(source: str) -> list[tuple[str, str]]:
    """Method and address of every form."""
    return re.findall(r'<form[^>]*method="(\w+)"[^>]*action="([^"]+)"', source)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_off_it_says_so_and_leads_to_the_wording(owner: User) -> None:
    source = panel_source(owner)
    switch = re.search(r"<button[^>]*role=\"switch\"[^>]*>", source)
    assert switch is not None
    assert 'type="submit"' in switch[0]
    assert 'aria-checked="false"' in switch[0]
    assert 'aria-labelledby="training-title"' in switch[0]
    assert forms(source)[0] == ("get", "/account/training/")
    assert "Off. Your photos are erased within 24 hours, and none is used" in panel(owner)
    assert "No photo of yours is kept." in panel(owner)
    page = browser(owner).get("/account/").content.decode()
    assert '<section class="training" id="training-data"' in page


def test_on_it_says_since_when_and_turns_off_in_one_step(owner: User) -> None:
    entry = opt_in(owner)
    page = browser(owner).get("/account/").content.decode()
    assert '<section class="training training-kept" id="training-data"' in page
    source = panel_source(owner)
    assert 'aria-checked="true"' in source
    assert forms(source) == [("post", "/account/training/off/")]
    assert "csrfmiddlewaretoken" in source
    assert f'datetime="{entry.at.isoformat()}"' in source
    assert "No photo of yours is kept yet." in panel(owner)


def test_both_states_are_explained_in_both(owner: User) -> None:
    for turn in (lambda: None, lambda: opt_in(owner)):
        turn()
        words = panel(owner)
        for sentence in (
            "erased within 24 hours of its arrival",
            "No photo is used for training.",
            "kept until you turn it off or erase them",
            "used to train background-removal models, on this site’s own machines",
            "Turning it off works at once, in one step.",
        ):
            assert sentence in words


def test_the_retention_in_force_is_named(owner: User, settings: Settings) -> None:
    settings.RETENTION = timedelta(hours=1)
    assert "within 1 hour of its arrival" in panel(owner)


def test_a_workspace_whose_photos_live_shorter_is_told_that_none_is_kept(owner: User) -> None:
    opt_in(owner)
    owner.owned_workspaces.update(retention_seconds=3600)
    words = panel(owner)
    assert "But photos that you upload now are erased within 1 hour" in words
    assert "are kept for training until you turn it off." not in words
    footer = browser(owner).get("/gallery/").content.decode()
    assert "live 1 hour in your workspace and are not kept" in footer


def test_what_is_kept_now_is_counted(owner: User, outsider: User) -> None:
    opt_in(owner)
    opt_in(outsider)
    for days in (0, 1, 3):
        image = finish(submit(owner))
        age(image, days * DAY)
    submit(outsider)
    size = sum(
        blob.size for image in Image.objects.filter(uploaded_by=owner) for blob in blobs(image)
    )
    words = panel(owner)
    assert "Kept now 3 photos" in words
    assert f"{size / 1e3:.0f} kB" in words
    oldest = Image.objects.filter(uploaded_by=owner).earliest("received_at")
    assert f'datetime="{oldest.received_at.isoformat()}"' in panel_source(owner)
    assert "2 of them are past their deadline and erased at once; the other 1 at its own" in words
    opt_out(owner)
    assert "No photo of yours is kept." in panel(owner)
    assert "Kept now 1 photo" in panel(outsider)


def blobs(image: Image) -> Any:
    return image.blobs.filter(stored=True)


def test_the_question_shows_the_exact_wording_and_one_button(owner: User) -> None:
    page = browser(owner).get("/account/training/").content.decode()
    for paragraph in consent.current().text.split("\n\n"):
        assert escape(paragraph) in page
    assert consent.current().hash in page
    main = page[page.index("<main") : page.index("</main>")]
    assert forms(main) == [("post", "/account/training/")]
    assert main.count('<button class="button button-kept" type="submit">') == 1
    assert 'name="wording" value="1"' in main
    assert "checkbox" not in main


def test_pressing_it_turns_it_on_and_says_what_that_means(owner: User) -> None:
    client = browser(owner)
    response = client.post("/account/training/", {"wording": "1"})
    assert (response.status_code, response["Location"]) == (302, "/account/#training-data")
    assert consent.is_on(owner)
    entry = ConsentEntry.objects.get()
    assert (entry.wording_hash, entry.address) == (consent.current().hash, "127.0.0.0/24")
    assert said(client.get("/account/")) == [
        "On. Photos that you upload from now on are kept for training until you turn it off."
    ]
    assert "What you agreed to" in client.get("/account/training/").content.decode()


def test_pressing_it_twice_is_pressing_it_once(owner: User) -> None:
    client = browser(owner)
    for _ in range(3):
        assert client.post("/account/training/", {"wording": "1"}).status_code == 302
    assert ConsentEntry.objects.count() == 1
    for _ in range(3):
        assert client.post("/account/training/off/").status_code == 302
    assert ConsentEntry.objects.count() == 2


@pytest.mark.parametrize("form", [{}, {"wording": ""}, {"wording": "0"}])
def test_an_older_wording_turns_nothing_on_and_the_new_one_is_shown(
    owner: User, monkeypatch: pytest.MonkeyPatch, form: dict[str, str]
) -> None:
    new = Wording("2", "Another text.")
    monkeypatch.setattr(consent, "WORDINGS", (*consent.WORDINGS, new))
    for sent in (form, {"wording": "1"}):
        response = browser(owner).post("/account/training/", sent)
        assert response.status_code == 409
        page = response.content.decode()
        assert "The wording has changed since you opened this page." in page
        assert "Another text." in page
        assert 'name="wording" value="2"' in page
    assert not consent.is_on(owner)


@pytest.mark.parametrize(
    ("due", "later", "sentence"),
    [
        (0, 0, "No photo of yours was kept"),
        (1, 0, "1 photo past its deadline is being erased now"),
        (2, 0, "2 photos past their deadline are being erased now"),
        (0, 1, "1 photo goes at its own deadline"),
        (0, 2, "2 photos go at their own deadline"),
        (
            2,
            1,
            "2 photos past their deadline are being erased now; 1 other goes at its own deadline",
        ),
        (
            1,
            2,
            "1 photo past its deadline is being erased now; 2 others go at their own deadline",
        ),
    ],
)
def test_turning_it_off_says_what_happens_to_what_was_kept(
    owner: User, due: int, later: int, sentence: str
) -> None:
    opt_in(owner)
    for days in [1] * due + [0] * later:
        age(submit(owner), days * DAY)
    client = browser(owner)
    response = client.post("/account/training/off/")
    assert (response.status_code, response["Location"]) == (302, "/account/#training-data")
    assert said(client.get("/account/")) == [f"Off. {sentence}."]
    assert not consent.is_on(owner)


def test_the_history_shows_every_turn_and_what_was_agreed_to(owner: User, outsider: User) -> None:
    opt_in(owner)
    opt_in(outsider)
    opt_out(owner)
    page = browser(owner).get(f"{HISTORY}/").content.decode()
    entries = list(consent.history(owner))
    assert page.index("Turned off") < page.index("Turned on")
    for entry in entries:
        assert entry.hash in page
    assert consent.latest(outsider) not in entries
    assert consent.history(outsider)[0].hash not in page.replace(entries[0].previous_hash, "")
    assert consent.current().hash in page


def test_the_history_can_be_taken_away_and_checked(owner: User, outsider: User) -> None:
    opt_in(owner)
    opt_in(outsider)
    opt_out(owner)
    response = browser(owner).get(f"{HISTORY}.json")
    assert response["Content-Disposition"] == 'attachment; filename="training-history.json"'
    told = json.loads(response.content)
    assert [entry["number"] for entry in told["entries"]] == [1, 3]
    for entry in told["entries"]:
        stored = entry.pop("hash")
        assert hash_of(entry) == stored
        assert entry["user"] == str(owner.pk)
    assert told["wordings"] == {
        "1": {"text": consent.current().text, "hash": consent.current().hash}
    }


def test_a_history_without_entries_says_so(owner: User) -> None:
    page = browser(owner).get(f"{HISTORY}/").content.decode()
    assert "Never turned on" in page
    assert json.loads(browser(owner).get(f"{HISTORY}.json").content) == {
        "entries": [],
        "wordings": {},
    }


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/account/training/"),
        ("post", "/account/training/"),
        ("post", "/account/training/off/"),
        ("get", f"{HISTORY}/"),
        ("get", f"{HISTORY}.json"),
    ],
)
@pytest.mark.django_db
def test_all_of_it_is_for_who_is_signed_in(method: str, address: str) -> None:
    response = getattr(browser(), method)(address)
    assert (response.status_code, response["Location"]) == (
        302,
        f"/accounts/login/?next={address}",
    )
