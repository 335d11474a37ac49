"""Promise 4: past `purge_at` every page, address and worker refuses, with the sweeper long dead."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.models import User
from processing.access import find_image, images_of
from processing.engine import FILES
from processing.flows.submit import find_earlier
from processing.jobs.claim import ClaimLost, claim_next
from processing.jobs.results import RESULT_KINDS, reserve
from processing.models import Image, Job, database_now
from tests import cast, photos

NAME = "grandma-on-the-island.png"
AGES = [timedelta(hours=23), timedelta(days=7)]
# Every named address below which an image is asked for by its id: those of an image that is there,
OF_THE_LIVING = {
    *("image", "image-erase", "image-content", "image-ticket", "image-shorten"),
    *("image-render", "image-render-state"),
    *("image-edit", "image-version", "image-version-file"),
}
# those that tell of its end, without its name or content, and those of staff, who have a test of
# their own (test_staff_see_nothing).
OF_ITS_END = {"receipt", "receipt-json"}
OF_STAFF = {"staff-image", "staff-image-open", "staff-image-content"}


def addresses(image_id: uuid.UUID) -> Iterator[str]:
    yield f"/images/{image_id}/"
    for kind in ("original", *FILES):
        yield f"/images/{image_id}/{kind}"
        yield f"/images/{image_id}/{kind}?download=1"
    yield f"/images/{image_id}/render?format=webp&size=original"
    yield f"/images/{image_id}/render/cutout.webp/"
    yield f"/images/{image_id}/edit/"
    yield f"/images/{image_id}/edits/0/"
    for kind in RESULT_KINDS:
        yield f"/images/{image_id}/edits/0/{kind}"


@pytest.fixture(params=AGES, ids=str)
def due(request: pytest.FixtureRequest, owner: User) -> Image:
    """Done, readable a moment ago, and due now; the sweeper has never run."""
    image = cast.finish_with_renderings(cast.submit(owner, name=NAME))
    client = cast.browser(owner)
    assert {client.get(address).status_code for address in addresses(image.pk)} == {200, 302}
    cast.age(image, request.param)
    return image


@pytest.fixture
def client(owner: User) -> Client:
    return cast.browser(owner)


def test_these_are_all_addresses_with_an_images_id() -> None:
    routes_by_name: Any = get_resolver().reverse_dict
    found = {
        name
        for name, (routes, *_) in routes_by_name.items()
        for _, names in routes
        if isinstance(name, str) and "image_id" in names
    }
    assert found == OF_THE_LIVING | OF_ITS_END | OF_STAFF


def test_no_address_gives_anything(client: Client, due: Image) -> None:
    for address in addresses(due.pk):
        for headers in ({}, cast.JSON):
            for method in (client.get, client.head):
                answer = method(address, headers=headers)
                assert answer.status_code == 404
                assert NAME.encode() not in answer.content
    assert client.delete(f"/images/{due.pk}/").status_code == 404
    for act in ("erase", "ticket", "shorten", "edit", "edits/0"):
        answer = client.post(f"/images/{due.pk}/{act}/", {"erase_after": "1h"}, headers=cast.JSON)
        assert answer.status_code == 404
        assert NAME.encode() not in answer.content


def test_what_tells_of_its_end_tells_neither_name_nor_content(client: Client, due: Image) -> None:
    for address in (f"/receipts/{due.pk}/", f"/receipts/{due.pk}.json", "/receipts/"):
        answer = client.get(address)
        assert "grandma" not in answer.text
        assert not answer.headers["Content-Type"].startswith("image/")


def test_no_list_and_no_count_knows_it(client: Client, due: Image) -> None:
    state = client.get(f"/images/?ids={due.pk}", headers=cast.JSON).json()
    assert (state["images"], state["gone"]) == ([], [str(due.pk)])
    for page in ("/", "/gallery/", "/gallery/?page=1", "/account/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert str(due.pk) not in answer.text
        assert "grandma" not in answer.text
    assert client.get("/").context["cards"] == []


def test_sending_it_again_does_not_bring_it_back(owner: User, client: Client) -> None:
    first = cast.send(client, photos.draw(), address="/images/?request=key").json()["images"][0]
    cast.age(Image.objects.get(), timedelta(hours=23))
    assert (
        find_earlier(cast.sender_of(owner, "key", workspace=Image.objects.get().workspace), 0)
        is None
    )
    second = cast.send(client, photos.draw(), address="/images/?request=key").json()["images"][0]
    assert second["id"] != first["id"]
    assert client.get(first["url"]).status_code == 404
    assert client.get(second["url"]).status_code == 200


def test_no_query_gives_it(owner: User, due: Image) -> None:
    assert not images_of(owner).exists()
    with pytest.raises(Image.DoesNotExist):
        find_image(owner, due.pk)


@pytest.mark.parametrize("age", AGES, ids=str)
def test_no_worker_begins_with_it_or_goes_on(owner: User, age: timedelta) -> None:
    waiting, running = cast.submit(owner), cast.submit(owner)
    Job.objects.filter(image=running).update(queued_at=database_now() - timedelta(hours=1))
    claim = claim_next(database_now())
    assert claim is not None
    assert claim.image == running
    for image in (waiting, running):
        cast.age(image, age)
    assert claim_next(database_now()) is None
    with pytest.raises(ClaimLost):
        reserve(claim, FILES)
