"""/images/<id>/: one image as JSON and as a page, and erasing it."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from processing.engine import PRESETS
from processing.errors import ERRORS
from processing.jobs import results
from processing.models import Blob, Image, Job, Receipt
from processing.retention import erase as retention
from tests import photos
from tests.cast import (
    JSON,
    age,
    browser,
    fail,
    finish,
    nothing_is_left,
    start,
    start_worker,
    stored_objects,
    submit,
)

ADDRESSES = {
    "original": "original",
    "preview": "preview.webp",
    "thumbnail": "thumbnail.webp",
    "cutout_png": "cutout.png",
    "cutout_webp": "cutout.webp",
    "cutout_jpg": "cutout.jpg",
    "mask": "mask.png",
}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def test_the_json_of_a_done_image_is_exactly_this(client: Client, owner: User) -> None:
    photo = photos.draw(120, 80)
    image = finish(submit(owner, photo, "cup.png"), photo)
    address = f"/images/{image.pk}/"
    response = client.get(address, headers=JSON)
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    timings, sizes = body.pop("timings"), body.pop("sizes")
    assert body == {
        "id": str(image.pk),
        "url": address,
        "name": "cup.png",
        "state": "done",
        "error": None,
        "little_found": False,
        "version": 0,
        "width": 120,
        "height": 80,
        "received_at": image.received_at.isoformat(timespec="milliseconds")[:-6] + "Z",
        "purge_at": image.purge_at.isoformat(timespec="milliseconds")[:-6] + "Z",
        "kept": False,
        "opted_in_at": None,
        "erase_after_download": False,
        "batch": str(image.batch),
        "tags": [],
        "model": "synthetic",
        "model_version": "1",
        "links": {"self": address} | {name: address + file for name, file in ADDRESSES.items()},
    }
    assert set(sizes) == set(ADDRESSES) - {"cutout_webp", "cutout_jpg"}  # Not made yet.
    assert sizes["original"] == len(photo)
    assert sizes["cutout_png"] == int(client.get(f"{address}cutout.png").headers["Content-Length"])
    assert timings["total"] == 12.5
    assert all(isinstance(value, float) for value in timings.values())


def test_the_json_of_a_waiting_image_is_exactly_this(client: Client, owner: User) -> None:
    image = submit(owner)
    body = client.get(f"/images/{image.pk}/", headers=JSON).json()
    address = f"/images/{image.pk}/"
    assert body["state"] == "queued"
    assert (body["error"], body["model"], body["timings"]) == (None, "", {})
    assert body["links"] == {"self": address, "original": f"{address}original"}


def test_it_is_promised_to_be_gone_within_a_day(client: Client, owner: User) -> None:
    image = submit(owner)
    body = client.get(f"/images/{image.pk}/", headers=JSON).json()
    received, purge = (datetime.fromisoformat(body[key]) for key in ("received_at", "purge_at"))
    assert timedelta(hours=22) < purge - received <= timedelta(hours=23)
    assert received.tzinfo is not None


def test_a_preview_can_be_fetched_while_the_job_runs(client: Client, owner: User) -> None:
    image = submit(owner)
    start(image)
    body = client.get(f"/images/{image.pk}/", headers=JSON).json()
    assert body["state"] == "running"
    assert set(body["links"]) == {"self", "original", "preview"}
    assert client.get(body["links"]["preview"]).status_code == 200


def test_every_link_can_be_fetched_and_nothing_else_can(client: Client, owner: User) -> None:
    image = submit(owner)
    start(image)
    links = client.get(f"/images/{image.pk}/", headers=JSON).json()["links"]
    for name, file in ADDRESSES.items():
        expected = 200 if name in links else 404
        assert client.get(f"/images/{image.pk}/{file}").status_code == expected


def test_a_reserved_blob_has_no_link_before_it_is_stored(client: Client, owner: User) -> None:
    image = submit(owner)
    results.reserve(start(image), ["cutout.png"])
    links = client.get(f"/images/{image.pk}/", headers=JSON).json()["links"]
    assert "cutout_png" not in links


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_a_failed_image_says_why_and_what_to_do(client: Client, owner: User, code: str) -> None:
    image = submit(owner)
    fail(image, code)
    body = client.get(f"/images/{image.pk}/", headers=JSON).json()
    assert body["state"] == "failed"
    assert body["error"] == {"code": code, "message": ERRORS[code].says}
    assert set(body["links"]) == {"self", "original"}
    page = client.get(f"/images/{image.pk}/").content.decode()
    assert ERRORS[code].says in page


@pytest.mark.parametrize("state", ["queued", "running", "done", "failed"])
def test_each_state_has_a_page(client: Client, owner: User, state: str) -> None:
    image = submit(owner, name="a cup & a saucer.png")
    if state == "running":
        start(image)
    elif state == "done":
        finish(image)
    elif state == "failed":
        fail(image, "truncated")
    response = client.get(f"/images/{image.pk}/")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/html")
    page = response.content.decode()
    assert f'data-state="{state}"' in page
    assert "a cup &amp; a saucer.png" in page
    assert f'action="/images/{image.pk}/erase/"' in page
    assert (f"/images/{image.pk}/cutout.png?download=1" in page) == (state == "done")


def test_the_page_says_until_when_it_is_there(client: Client, owner: User) -> None:
    image = submit(owner)
    page = client.get(f"/images/{image.pk}/").content.decode()
    times = [datetime.fromisoformat(text) for text in re.findall(r'datetime="([^"]+)"', page)]
    assert any(abs(image.purge_at - time) < timedelta(milliseconds=1) for time in times)


def test_head_has_the_headers_and_no_body(client: Client, owner: User) -> None:
    response = client.head(f"/images/{submit(owner).pk}/", headers=JSON)
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Type"] == "application/json"


def test_delete_erases_it_at_once(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    response = client.delete(f"/images/{image.pk}/")
    assert (response.status_code, response.content) == (204, b"")
    assert nothing_is_left()
    assert not Job.objects.exists()
    receipt = Receipt.objects.get()
    assert (receipt.image_id, receipt.reason) == (image.pk, "asked_for")
    for file in ("", *ADDRESSES.values()):
        assert client.get(f"/images/{image.pk}/{file}", headers=JSON).status_code == 404


def test_while_a_worker_can_still_write_the_row_stays_and_opens_nothing(
    client: Client, owner: User
) -> None:
    image = submit(owner)
    start(image)
    assert client.delete(f"/images/{image.pk}/").status_code == 204
    row = Image.objects.get(pk=image.pk)
    assert (row.life, row.wrapped_key, row.sealed_name) == ("erasing", None, None)
    assert stored_objects() == []
    assert Blob.objects.filter(image=image).exists()  # Until the sweeper has looked again.
    assert not Receipt.objects.exists()
    for file in ("", *ADDRESSES.values()):
        assert client.get(f"/images/{image.pk}/{file}", headers=JSON).status_code == 404


def test_deleted_twice_it_is_not_found(client: Client, owner: User) -> None:
    image = submit(owner)
    assert client.delete(f"/images/{image.pk}/", headers=JSON).status_code == 204
    assert client.delete(f"/images/{image.pk}/", headers=JSON).status_code == 404


def test_the_form_erases_it_too(client: Client, owner: User) -> None:
    image, other = submit(owner), submit(owner)
    assert client.post(f"/images/{image.pk}/erase/", headers=JSON).status_code == 204
    assert Image.objects.get(life="live") == other


def test_many_are_erased_at_once_and_the_rest_is_passed_over(
    client: Client, owner: User, outsider: User
) -> None:
    mine, kept, theirs = [submit(owner), submit(owner)], submit(owner), submit(outsider)
    ids = [*(str(image.pk) for image in mine), str(theirs.pk), "junk", str(mine[0].pk)]
    response = client.post("/images/erase/", {"id": ids}, headers=JSON)
    assert response.status_code == 200
    assert sorted(response.json()["erased"]) == sorted(str(image.pk) for image in mine)
    assert set(Image.objects.filter(life="live")) == {kept, theirs}


def test_a_storage_that_refuses_to_delete_does_not_keep_it_readable(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefixes: list[str], *_: Any) -> dict[str, Exception]:
        return {prefix: OSError("read-only file system") for prefix in prefixes}

    image = submit(owner)
    monkeypatch.setattr(retention, "shred_many", refuse)
    assert client.delete(f"/images/{image.pk}/").status_code == 204
    assert client.get(f"/images/{image.pk}/original").status_code == 404
    assert Image.objects.get().wrapped_key is None
    assert stored_objects() != []


def test_the_page_says_when_no_worker_runs(client: Client, owner: User) -> None:
    image = submit(owner)
    hidden = re.compile(r'data-notice="worker"\s+hidden')
    assert not hidden.search(client.get(f"/images/{image.pk}/").content.decode())
    start_worker()
    assert hidden.search(client.get(f"/images/{image.pk}/").content.decode())


def test_past_its_deadline_it_is_not_found_with_nobody_sweeping(
    client: Client, owner: User
) -> None:
    image = finish(submit(owner))
    age(image, timedelta(hours=23))
    for file in ("", *ADDRESSES.values()):
        assert client.get(f"/images/{image.pk}/{file}", headers=JSON).status_code == 404
    assert client.delete(f"/images/{image.pk}/").status_code == 404
    assert client.get("/gallery/").context["cards"] == []
    assert client.get("/").context["cards"] == []


def test_nobody_is_told_that_it_is_erased_when_the_database_cannot_be_written(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    image = submit(owner)
    client.raise_request_exception = False
    monkeypatch.setattr(retention, "condemn_locked", locked)
    assert client.delete(f"/images/{image.pk}/", headers=JSON).status_code == 500
    assert client.post("/images/erase/", {"id": [str(image.pk)]}, headers=JSON).status_code == 500
    assert stored_objects() != []


def test_its_page_leads_to_the_images_beside_it_in_the_gallery(
    client: Client, owner: User, outsider: User
) -> None:
    images = [submit(owner, name=f"{number}.png") for number in range(3)]
    submit(outsider)
    # Two came in the same moment: their ids decide, as in the gallery.
    moment = {"received_at": images[0].received_at, "purge_at": images[0].purge_at}
    Image.objects.filter(pk=images[1].pk).update(**moment)
    order = [card["id"] for card in client.get("/gallery/").context["cards"]]
    assert len(order) == 3
    for place, pk in enumerate(order):
        context = client.get(f"/images/{pk}/").context
        beside = [str(context[name]) if context[name] else None for name in ("newer", "older")]
        assert beside == [
            order[place - 1] if place else None,
            order[place + 1] if place < 2 else None,
        ]


def test_its_page_offers_every_preset_with_its_rule(client: Client, owner: User) -> None:
    page = client.get(f"/images/{finish(submit(owner)).pk}/").content.decode()
    for name, preset in PRESETS.items():
        assert f'<option value="{name}" data-rule="{escape(preset.rule)}' in page
