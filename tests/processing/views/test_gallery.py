"""/gallery/: all live images, page by page, at a cost that does not grow."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from accounts.models import User
from processing.views.pages import PAGE_CARDS
from tests.cast import age, browser, count_queries, fill, finish, start_worker, submit


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def test_an_empty_gallery_says_what_will_be_here(client: Client) -> None:
    response = client.get("/gallery/")
    assert response.status_code == 200
    assert "24 hours" in response.content.decode()


def test_newest_first(client: Client, owner: User) -> None:
    images = [submit(owner) for _ in range(3)]
    age(images[0], timedelta(hours=2))
    age(images[1], timedelta(hours=1))
    cards = client.get("/gallery/").context["page"].object_list
    assert [card["id"] for card in cards] == [str(image.pk) for image in reversed(images)]


def test_only_one_s_own(client: Client, owner: User, outsider: User) -> None:
    mine, theirs = submit(owner), submit(outsider)
    page = client.get("/gallery/").content.decode()
    assert str(mine.pk) in page
    assert str(theirs.pk) not in page


def test_a_done_image_shows_its_thumbnail(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    assert f"/images/{image.pk}/thumbnail.webp" in client.get("/gallery/").content.decode()


def test_each_card_carries_the_moments_that_the_page_counts_down_to(
    client: Client, owner: User
) -> None:
    image = submit(owner)
    (card,) = client.get("/gallery/").context["page"].object_list
    assert (card["received_time"], card["purge_time"]) == (image.received_at, image.purge_at)


def test_a_thousand_images_cost_as_many_queries_as_one(client: Client, owner: User) -> None:
    """Session, user, device; the numbers; images, their jobs, their blobs; workers; the opt-in."""
    fill(owner, 1)
    client.get("/gallery/")
    assert count_queries(lambda: client.get("/gallery/")) == 9
    fill(owner, 999)
    last = -(-1000 // PAGE_CARDS)
    for address in ("/gallery/", "/gallery/?page=2", f"/gallery/?page={last}"):
        assert count_queries(partial(client.get, address)) == 9
    page = client.get(f"/gallery/?page={last}").context["page"]
    assert len(page.object_list) == 1000 - (last - 1) * PAGE_CARDS


def test_every_image_is_on_exactly_one_page(client: Client, owner: User) -> None:
    ids = {str(key) for key in fill(owner, 2 * PAGE_CARDS + 7)}
    shown = [
        card["id"]
        for number in (1, 2, 3)
        for card in client.get("/gallery/", {"page": number}).context["page"].object_list
    ]
    assert len(shown) == len(set(shown))
    assert set(shown) == ids


@pytest.mark.parametrize(
    ("page", "number"), [("", 1), ("junk", 1), ("0", 3), ("-1", 3), ("99", 3), ("3", 3), ("1e9", 1)]
)
def test_a_page_that_is_not_there_is_the_nearest_that_is(
    client: Client, owner: User, page: str, number: int
) -> None:
    fill(owner, 2 * PAGE_CARDS + 1)
    assert client.get("/gallery/", {"page": page}).context["page"].number == number


def test_it_says_when_no_worker_runs(client: Client, owner: User) -> None:
    submit(owner)
    hidden = re.compile(r'data-notice="worker"\s+hidden')
    assert not hidden.search(client.get("/gallery/").content.decode())
    start_worker()
    assert hidden.search(client.get("/gallery/").content.decode())
