"""POST /images/: the same request twice is one image, one after the other or at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.models import User
from processing.errors import Interrupted
from processing.flows.submit import Upload
from processing.models import Image, Life
from tests import photos
from tests.cast import age, browser, make_user, send, sender_of, stored_objects


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def in_header(key: str) -> dict[str, Any]:
    return {"headers": {"Accept": "application/json", "Idempotency-Key": key}}


def in_address(key: str) -> dict[str, Any]:
    return {"address": f"/images/?request={key}"}


@pytest.mark.parametrize("key", [in_header("again"), in_address("again")])
def test_sent_twice_it_is_one_image(client: Client, key: dict[str, Any]) -> None:
    first = send(client, photos.draw(), photos.draw(), **key)
    second = send(client, photos.draw(), photos.draw(), **key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(first.json()["images"]) == 2
    assert Image.objects.count() == len(stored_objects()) == 2


def test_header_and_address_mean_the_same_key(client: Client) -> None:
    send(client, photos.draw(), **in_header("same"))
    send(client, photos.draw(), **in_address("same"))
    assert Image.objects.count() == 1


def test_another_key_or_none_is_another_image(client: Client) -> None:
    send(client, photos.draw(), **in_header("one"))
    send(client, photos.draw(), **in_header("two"))
    send(client, photos.draw())
    send(client, photos.draw())
    assert Image.objects.count() == 4


def test_two_people_may_use_the_same_key(client: Client, outsider: User) -> None:
    send(client, photos.draw(), **in_header("key"))
    other = send(browser(outsider), photos.draw(), **in_header("key"))
    assert other.status_code == 201
    assert Image.objects.count() == 2


def test_a_key_is_stored_only_as_a_hash(client: Client) -> None:
    send(client, photos.draw(), **in_address("my-holiday.png"))
    assert "holiday" not in str(Image.objects.values())


def test_a_key_may_be_long_and_strange(client: Client) -> None:
    address = "/images/?request=" + "%F0%9F%90%88%00" * 400
    assert send(client, photos.draw(), address=address).status_code == 201
    assert send(client, photos.draw(), address=address).status_code == 201
    assert Image.objects.count() == 1


def test_what_was_refused_the_first_time_is_refused_again(client: Client) -> None:
    first = send(client, photos.draw(), photos.SVG, **in_header("mixed"))
    second = send(client, photos.draw(), photos.SVG, **in_header("mixed"))
    assert first.json() == second.json()
    assert Image.objects.count() == 1


def test_what_has_arrived_before_the_line_broke_is_found_when_the_request_is_sent_again(
    client: Client,
) -> None:
    """The second photo was cut off; sent again the first is not stored twice."""
    whole = photos.multipart(photos.Part(photos.draw()), photos.Part(photos.draw()))
    cut = whole[: len(whole) - len(photos.draw()) // 2 - 60]
    client.post(
        "/images/", cut, content_type=photos.CONTENT_TYPE, **in_header("line"), follow=False
    )
    assert Image.objects.count() == 1
    response = send(client, photos.draw(), photos.draw(), **in_header("line"))
    assert len(response.json()["images"]) == 2
    assert Image.objects.count() == len(stored_objects()) == 2


def test_the_key_of_an_erased_image_is_free_again(client: Client) -> None:
    (card,) = send(client, photos.draw(), **in_header("key")).json()["images"]
    assert client.delete(card["url"]).status_code == 204
    (again,) = send(client, photos.draw(), **in_header("key")).json()["images"]
    assert again["id"] != card["id"]


def test_the_key_of_an_image_that_is_due_but_not_swept_is_free_again(client: Client) -> None:
    (card,) = send(client, photos.draw(), **in_header("key")).json()["images"]
    age(Image.objects.get(), timedelta(hours=24))
    response = send(client, photos.draw(), **in_header("key"))
    assert response.status_code == 201
    (again,) = response.json()["images"]
    assert again["id"] != card["id"]


def test_sent_again_while_it_is_still_arriving_the_later_one_takes_its_place(
    client: Client, owner: User
) -> None:
    upload = Upload(sender_of(owner, "key"), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    (card,) = send(client, photos.draw(), **in_header("key")).json()["images"]
    with pytest.raises(Interrupted):
        upload.finish()
    upload.abandon()
    (again,) = send(client, photos.draw(), **in_header("key")).json()["images"]
    assert again["id"] == card["id"]
    assert Image.objects.filter(life=Life.LIVE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_six_times_at_once_it_is_one_image() -> None:
    """One stores it; the others are given it, or told that another took their place."""
    owner = make_user("olivia@example.org")
    clients = [browser(owner) for _ in range(6)]
    responses: list[Any] = []
    barrier = threading.Barrier(len(clients))

    def post(client: Client) -> None:
        barrier.wait()
        responses.append(send(client, photos.pad(photos.draw(), 400_000), **in_header("at once")))
        connections.close_all()

    threads = [threading.Thread(target=post, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = {error["code"] for response in responses for error in response.json()["errors"]}
    assert codes <= {"interrupted", "request_in_progress"}
    live = Image.objects.get(life=Life.LIVE)
    assert len(stored_objects()) == 1
    taken = [card["id"] for response in responses for card in response.json()["images"]]
    assert set(taken) == {str(live.pk)}
