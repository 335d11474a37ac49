"""Under /account/: the life of new photos, and erasing all of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEntry, User
from processing.access import home_of
from processing.flows.submit import Upload
from processing.models import Image, Receipt
from processing.retention.deadlines import live_time
from processing.views.context import Privacy
from tests import photos
from tests.cast import JSON, browser, finish, nothing_is_left, opt_in, sender_of, submit


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def choose(client: Client, seconds: str, **more: Any) -> Any:
    return client.post("/account/retention/", {"seconds": seconds}, **more)


def test_the_life_of_new_photos_is_chosen_on_the_account_page(client: Client, owner: User) -> None:
    page = client.get("/account/").content.decode()
    for words in ("24 hours, as on this site", "12 hours", "6 hours", "1 hour"):
        assert f">{words}</option>" in page
    response = choose(client, "3600")
    assert response["Location"] == "/account/#photos"
    assert said(response) == ["Photos that you send from now on are erased within 1 hour."]
    assert home_of(owner).retention_seconds == 3600
    assert '<option value="3600" selected>' in client.get("/account/").content.decode()
    image = submit(owner)
    assert image.purge_at == image.received_at + live_time(timedelta(hours=1))


def test_it_can_be_the_site_s_again(client: Client, owner: User) -> None:
    choose(client, "3600")
    assert said(choose(client, ""))[-1].endswith("erased within 24 hours.")
    assert home_of(owner).retention_seconds is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("59", "bad_erase_after"),
        ("86401", "bad_erase_after"),
        ("junk", "bad_request"),
        ("-1", "bad_request"),
        ("\u0661", "bad_request"),
        ("1.5", "bad_request"),
        ("9" * 5000, "bad_request"),
    ],
)
def test_nonsense_changes_nothing(client: Client, owner: User, asked: str, code: str) -> None:
    response = choose(client, asked, headers=JSON)
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert home_of(owner).retention_seconds is None


def test_a_life_of_another_length_is_shown_as_it_is(owner: User, settings: Settings) -> None:
    home = home_of(owner)
    home.retention_seconds = 600
    home.save()
    chosen = [life for life in Privacy(owner).lives if life["chosen"]]
    assert [life["words"] for life in chosen] == ["10 minutes"]
    settings.RETENTION = timedelta(minutes=5)
    assert [life["words"] for life in Privacy(owner).lives] == ["5 minutes"]
    assert Privacy(owner).lives[0]["chosen"]


def test_before_erasing_all_it_says_how_many(client: Client, owner: User) -> None:
    assert "nothing to erase" in client.get("/account/erase-all/").content.decode()
    for _ in range(3):
        submit(owner)
    assert "Erase 3 images now" in client.get("/account/erase-all/").content.decode()


def test_all_means_all_of_one_s_own(client: Client, owner: User, outsider: User) -> None:
    opt_in(owner)
    finish(submit(owner))
    upload = Upload(sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    theirs = submit(outsider)
    response = client.post("/account/erase-all/")
    assert response["Location"] == "/gallery/"
    assert said(response) == ['2 images erased. <a href="/receipts/">See the receipts</a>']
    assert Image.objects.filter(life="live").get() == theirs
    assert client.get("/gallery/").context["numbers"] == {"all": 0, "kept": 0}
    upload.abandon()


def test_each_leaves_a_receipt_and_a_line_in_the_log(client: Client, owner: User) -> None:
    ids = {finish(submit(owner)).pk for _ in range(3)}
    client.post("/account/erase-all/")
    assert nothing_is_left()
    assert set(Receipt.objects.values_list("image_id", flat=True)) == ids
    erased = AuditEntry.objects.filter(action="image.erased", actor=owner)
    assert set(erased.values_list("image_id", flat=True)) == ids


def test_with_nothing_there_it_says_so(client: Client) -> None:
    assert said(client.post("/account/erase-all/")) == ["There was nothing to erase."]


def test_the_gallery_and_the_account_lead_there(client: Client, owner: User) -> None:
    submit(owner)
    for page in ("/gallery/", "/account/"):
        assert 'href="/account/erase-all/"' in client.get(page).content.decode()
