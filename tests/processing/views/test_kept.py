"""What the opt-in keeps: an amber mark with the day, a filter, and no end to count down to."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from processing.models import Image
from tests.cast import JSON, age, browser, finish, opt_in, opt_out, submit

SHOWN = re.compile(r'class="state state-(\w+) photo-\w+"( hidden)?')


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def kept(owner: User) -> Image:
    opt_in(owner)
    return finish(submit(owner))


def marks(client: Client, path: str) -> set[str]:
    """Which of the two states the cards of a page show."""
    page = client.get(path).content.decode().split("<template")[0]
    return {state for state, hidden in SHOWN.findall(page) if not hidden}


@pytest.mark.parametrize("path", ["/", "/gallery/", "/images/{id}/"])
def test_every_page_tells_the_two_states_apart(client: Client, kept: Image, path: str) -> None:
    address = path.format(id=kept.pk)
    assert marks(client, address) == {"kept"}
    opt_out(kept.uploaded_by)
    assert marks(client, address) == {"erased"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "Kept for training since {since} because you opted in on {agreed}"),
        ("/gallery/", "Kept: you opted in on {agreed}"),
        ("/images/{id}/", "Kept for training since {since} because you opted in on {agreed}"),
    ],
)
def test_it_is_there_past_its_time_and_says_since_when(
    client: Client, kept: Image, path: str, words: str
) -> None:
    age(kept, timedelta(days=40))
    kept.refresh_from_db()
    page = client.get(path.format(id=kept.pk)).content.decode()
    assert str(kept.pk) in page
    assert kept.consent
    since, agreed = (f"{at.day} {at:%B}" for at in (kept.received_at, kept.consent.at))
    assert words.format(since=since, agreed=agreed) in re.sub(r"<[^>]+>", "", page)


def test_its_bytes_open_past_its_time(client: Client, kept: Image) -> None:
    age(kept, timedelta(days=2))
    assert client.get(f"/images/{kept.pk}/cutout.png").status_code == 200


def test_programs_are_told(client: Client, kept: Image, owner: User) -> None:
    body = client.get(f"/images/{kept.pk}/", headers=JSON).json()
    assert (body["kept"], body["erase_after_download"]) == (True, False)
    opt_out(owner)
    assert client.get(f"/images/{kept.pk}/", headers=JSON).json()["kept"] is False


def test_what_is_withdrawn_past_its_time_is_gone_at_once(client: Client, kept: Image) -> None:
    age(kept, timedelta(days=2))
    opt_out(kept.uploaded_by)
    assert client.get(f"/images/{kept.pk}/").status_code == 404
    assert client.get("/gallery/").context["numbers"] == {"all": 0, "kept": 0}


def test_the_gallery_can_show_the_kept_alone(client: Client, kept: Image) -> None:
    opt_out(kept.uploaded_by)
    opt_in(kept.uploaded_by)
    second = submit(kept.uploaded_by)
    gallery = client.get("/gallery/")
    assert gallery.context["numbers"] == {"all": 2, "kept": 1}
    assert 'href="?show=kept"' in gallery.content.decode()
    alone = client.get("/gallery/?show=kept").context["cards"]
    assert [card["id"] for card in alone] == [str(second.pk)]


def test_without_any_there_is_no_filter_and_asked_for_it_is_empty(
    client: Client, owner: User
) -> None:
    submit(owner)
    assert "?show=kept" not in client.get("/gallery/").content.decode()
    response = client.get("/gallery/?show=kept")
    assert "Nothing is kept" in response.content.decode()


def test_before_sending_it_is_said_what_will_become_of_photos(client: Client, owner: User) -> None:
    assert "Not used for training." in client.get("/").content.decode()
    assert "are kept for training" not in client.get("/").content.decode()
    opt_in(owner)
    page = client.get("/").content.decode()
    assert "These photos are kept for training, because you opted in." in page
    assert "your new photos are kept for training" in page[page.index("<footer") :]


def test_what_goes_with_its_download_says_so(client: Client, owner: User) -> None:
    image = submit(owner)
    client.post(f"/images/{image.pk}/shorten/", {"erase_after": "download"})
    for path in ("/", "/gallery/", f"/images/{image.pk}/"):
        page = client.get(path).content.decode()
        assert '<span class="photo-once" data-once>, or once downloaded</span>' in page
