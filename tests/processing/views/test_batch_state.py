"""GET /images/?ids=: the state of many images in one request."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from processing.errors import ERRORS
from tests.cast import (
    JSON,
    age,
    browser,
    count_queries,
    fail,
    fill,
    finish,
    start,
    start_worker,
    submit,
)


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def ask(client: Client, *ids: object) -> dict[str, Any]:
    response = client.get("/images/", {"ids": ",".join(map(str, ids))}, headers=JSON)
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    assert set(body) == {"images", "gone", "worker_up"}
    return body


def test_each_state_is_told(client: Client, owner: User) -> None:
    done = finish(submit(owner))
    failed = submit(owner)
    fail(failed, "unknown_foreground")
    running = submit(owner)
    start(running)
    queued = submit(owner)
    found = {
        card["id"]: card
        for card in ask(client, *[queued.pk, running.pk, done.pk, failed.pk])["images"]
    }
    assert {key: card["state"] for key, card in found.items()} == {
        str(queued.pk): "queued",
        str(running.pk): "running",
        str(done.pk): "done",
        str(failed.pk): "failed",
    }
    assert found[str(failed.pk)]["error"] == {
        "code": "unknown_foreground",
        "message": ERRORS["unknown_foreground"].says,
    }
    assert all(card["error"] is None for key, card in found.items() if key != str(failed.pk))


def test_it_tells_the_same_as_each_image_s_own_address(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    own = client.get(f"/images/{image.pk}/", headers=JSON).json()
    del own["tags"]  # Asked for one by one.
    assert ask(client, image.pk)["images"] == [own]


def test_what_is_not_there_is_gone(client: Client, owner: User, outsider: User) -> None:
    erased, due, never = submit(owner), submit(owner), uuid.uuid4()
    theirs = submit(outsider)
    client.delete(f"/images/{erased.pk}/")
    age(due, timedelta(hours=23))
    body = ask(client, erased.pk, due.pk, never, theirs.pk)
    assert body["images"] == []
    assert body["gone"] == [str(erased.pk), str(due.pk), str(never), str(theirs.pk)]


def test_what_is_no_id_is_gone_too(client: Client, owner: User) -> None:
    image = submit(owner)
    body = ask(client, "abc", image.pk, "1", "' OR 1=1 --", "%00")
    assert [card["id"] for card in body["images"]] == [str(image.pk)]
    assert body["gone"] == ["abc", "1", "' OR 1=1 --", "%00"]


def test_an_id_twice_or_written_otherwise_is_one_image(client: Client, owner: User) -> None:
    image, gone = submit(owner), uuid.uuid4()
    body = ask(client, image.pk, str(image.pk).upper(), image.pk.hex, gone, f" {gone} ")
    assert [card["id"] for card in body["images"]] == [str(image.pk)]
    assert body["gone"] == [str(gone)]


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=,,", "?other=1"])
def test_no_ids_are_no_images(client: Client, query: str) -> None:
    body = client.get(f"/images/{query}", headers=JSON).json()
    assert (body["images"], body["gone"]) == ([], [])


def test_a_hundred_ids_are_answered_and_more_are_a_bad_request(client: Client) -> None:
    ids = [uuid.uuid4() for _ in range(101)]
    assert len(ask(client, *ids[:100])["gone"]) == 100
    response = client.get("/images/", {"ids": ",".join(map(str, ids))}, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert "100" in response.json()["error"]["message"]


def test_it_says_whether_a_worker_is_there(client: Client) -> None:
    assert ask(client)["worker_up"] is False
    start_worker()
    assert ask(client)["worker_up"] is True


def test_one_image_costs_as_many_queries_as_fifty(client: Client, owner: User) -> None:
    """Session, user and device; images, their jobs, their blobs; the workers."""
    ids = fill(owner, 50)
    ask(client, *ids)  # The first request of a session writes when it was seen.
    for count in (1, 50):
        assert count_queries(partial(ask, client, *ids[:count])) == 7


def test_a_page_is_led_to_the_gallery(client: Client) -> None:
    response = client.get("/images/", headers={"Accept": "text/html"})
    assert (response.status_code, response["Location"]) == (302, "/gallery/")
