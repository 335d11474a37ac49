"""/: the studio, or the landing page for a visitor."""

import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from processing.flows.facts import in_words
from processing.models import WorkerBeat
from processing.views.pages import STUDIO_CARDS
from tests.cast import browser, count_queries, fill, start_worker, submit


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def test_a_visitor_sees_what_this_is_and_where_to_begin(db: None) -> None:
    page = browser().get("/").content.decode()
    assert "24 hours" in page
    assert "/accounts/signup/" in page
    assert "/accounts/login/" in page


def test_the_newest_images_are_here(client: Client, owner: User) -> None:
    ids = [str(key) for key in fill(owner, STUDIO_CARDS + 3)]
    context = client.get("/").context
    assert [card["id"] for card in context["cards"]] == ids[:STUDIO_CARDS]


def test_the_newest_drop_is_first_and_each_stands_as_it_was_dropped(
    client: Client, owner: User
) -> None:
    first, second = uuid.uuid4(), uuid.uuid4()
    came = [submit(owner, batch=batch) for batch in (first, first, None, None, second, second)]
    a, b, c, d, e, f = (str(image.pk) for image in came)
    cards = client.get("/").context["cards"]
    assert [card["id"] for card in cards] == [e, f, d, c, a, b]


def test_its_cost_does_not_grow(client: Client, owner: User) -> None:
    """Session, user, device; images, jobs, blobs; the workers; the opt-in, the workspace's life."""
    client.get("/")
    fill(owner, 2)
    assert count_queries(lambda: client.get("/")) == 9
    fill(owner, 200)
    assert count_queries(lambda: client.get("/")) == 9


def test_the_browser_is_told_the_limits(client: Client) -> None:
    assert client.get("/").context["limits"] == {
        "max_bytes": 30_000_000,
        "max_pixels": 100_000_000,
        "max_files": 100,
    }


def test_every_page_view_has_a_request_key_of_its_own(client: Client) -> None:
    keys = {str(client.get("/").context["request_key"]) for _ in range(3)}
    assert len(keys) == 3


def test_the_token_is_in_the_page_and_in_a_cookie_that_scripts_can_read(client: Client) -> None:
    response = client.get("/")
    assert re.search(r'<meta name="csrf-token" content="\w{64}">', response.content.decode())
    assert not response.cookies["csrftoken"]["httponly"]


def test_it_says_when_no_worker_runs(client: Client, owner: User) -> None:
    hidden = re.compile(r'data-notice="worker"\s+hidden')
    page = client.get("/").content.decode()
    assert "No worker is running" in page
    assert not hidden.search(page)
    start_worker()
    assert hidden.search(client.get("/").content.decode())


def test_a_worker_that_fell_silent_is_no_worker(client: Client) -> None:
    start_worker()
    WorkerBeat.objects.update(seen_at=timezone.now() - timedelta(seconds=21))
    assert client.get("/").context["worker_up"] is False


def test_a_photo_waits_for_a_worker(client: Client, owner: User) -> None:
    submit(owner)
    (card,) = client.get("/").context["cards"]
    assert card["state"] == "queued"


def test_the_promise_in_the_page_is_the_one_in_force(client: Client, settings: Settings) -> None:
    settings.RETENTION = timedelta(minutes=90)
    privacy = client.get("/").context["privacy"]
    assert privacy.retention_words == privacy.life_words == "90 minutes"
    assert privacy.training is False
    left: timedelta = privacy.erased_at - timezone.now()
    assert isinstance(privacy.erased_at, datetime)
    assert timedelta(minutes=85) < left < timedelta(minutes=87)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(seconds=61), "61 seconds"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_whole_unit(length: timedelta, words: str) -> None:
    assert in_words(length) == words
