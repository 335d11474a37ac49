"""`erase_after`: a shorter life for what one request sends, and for one image later on."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import UnreadablePostError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from processing.access import home_of
from processing.flows import shorten as flow
from processing.flows.shorten import choose_life
from processing.models import Image, Receipt, database_now
from processing.retention.deadlines import live_time
from tests import photos
from tests.cast import JSON, age, at_page, browser, finish, nothing_is_left, opt_in, send, submit

HOUR = timedelta(hours=1)
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def send_form(client: Client, erase_after: str, **more: Any) -> Any:
    """As a browser without scripts sends it: the field stands behind the photos in the body."""
    photo = SimpleUploadedFile("cup.png", photos.draw())
    data = {"image_file": photo, "erase_after": erase_after}
    more.setdefault("headers", JSON)
    return client.post(more.pop("address", "/images/"), data, **more)


def test_in_the_address_it_holds_from_the_first_byte_on(client: Client) -> None:
    response = send(client, photos.draw(), photos.draw(), address="/images/?erase_after=1h")
    assert response.status_code == 201
    for image in Image.objects.all():
        assert image.purge_at == image.received_at + live_time(HOUR)


def test_as_a_field_it_holds_too(client: Client) -> None:
    assert send_form(client, "90s").status_code == 201
    image = Image.objects.get()
    assert image.purge_at == image.received_at + live_time(timedelta(seconds=90))


def test_sent_again_with_the_same_key_it_is_the_same_image(client: Client) -> None:
    """Whichever came first: its shorter life, or the photo without one."""
    for asked in ("", "2h", "1h", "2h"):
        response = send_form(client, asked, address="/images/?request=key")
        assert response.status_code == 201
    image = Image.objects.get()
    assert image.purge_at == image.received_at + live_time(HOUR)
    for address in ("/images/?request=key&erase_after=30m", "/images/?request=key"):
        assert send(client, photos.draw(), address=address).status_code == 201
    assert Image.objects.get().purge_at == image.received_at + live_time(HOUR / 2)


@pytest.mark.parametrize("way", ["address", "field"])
def test_download_is_a_word_of_its_own(client: Client, way: str) -> None:
    if way == "field":
        response = send_form(client, "download")
    else:
        response = send(client, photos.draw(), address="/images/?erase_after=download")
    (card,) = response.json()["images"]
    assert card["erase_after_download"] is True
    image = Image.objects.get()
    assert image.purge_at == image.received_at + timedelta(hours=23)


@pytest.mark.parametrize("asked", ["59s", "junk", "25h", "0h"])
def test_a_wrong_one_in_the_address_is_refused_before_the_body_is_read(
    client: Client, asked: str
) -> None:
    body = b"this is not even a body"
    address = f"/images/?erase_after={asked}"
    kind = "multipart/form-data; boundary=x"
    response = client.post(address, body, content_type=kind, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_erase_after"
    assert nothing_is_left()


@pytest.mark.parametrize("address", ["/images/", "/images/?request=key"])
@pytest.mark.parametrize("asked", ["59s", "junk", "25h"])
def test_a_wrong_field_leaves_nothing(client: Client, asked: str, address: str) -> None:
    response = send_form(client, asked, address=address)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_erase_after"
    assert nothing_is_left()


def test_a_wrong_field_is_said_on_a_page(client: Client) -> None:
    response = send_form(client, "25h", headers=PAGE)
    assert response.status_code == 400
    assert "only be made shorter" in response.content.decode()


def test_a_database_that_refuses_leaves_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(flow, "note", refuse)
    client.raise_request_exception = False
    assert send_form(client, "1h", address="/images/?request=key").status_code == 500
    assert nothing_is_left()


def test_longer_than_the_workspace_s_life_is_refused(client: Client, owner: User) -> None:
    choose_life(home_of(owner), 3600, at_page(owner))
    response = send(client, photos.draw(), address="/images/?erase_after=61m")
    assert "1h" in response.json()["error"]["message"]
    assert send(client, photos.draw(), address="/images/?erase_after=1h").status_code == 201


@pytest.mark.parametrize("asked", ["1h", "download"])
@pytest.mark.parametrize("way", ["address", "field"])
def test_what_goes_sooner_is_not_kept_for_training(
    client: Client, owner: User, asked: str, way: str
) -> None:
    opt_in(owner)
    if way == "field":
        response = send_form(client, asked)
    else:
        response = send(client, photos.draw(), address=f"/images/?erase_after={asked}")
    assert response.json()["images"][0]["kept"] is False
    assert not Image.objects.get().kept


def test_what_broke_off_before_the_choice_was_read_is_not_kept_for_training(
    client: Client, owner: User
) -> None:
    """The field stands behind the photos: one is whole, one cut off, the choice never came."""
    opt_in(owner)
    whole, cut = photos.Part(photos.draw()), photos.Part(photos.pad(photos.draw(), 400_000))
    body = photos.multipart(whole, cut, end=False)[:-200_000]
    client.post("/images/?request=key", body, content_type=photos.CONTENT_TYPE, headers=JSON)
    image = Image.objects.get(life="live")
    assert (image.kept, image.kept_key) == (False, None)
    assert send(client, photos.draw(), address="/images/?request=other").json()["images"][0]["kept"]


@pytest.mark.parametrize("key", ["", "?request=key"])
def test_what_broke_off_with_an_error_is_not_kept_for_training(
    client: Client, owner: User, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*args: Any) -> None:
        raise UnreadablePostError

    opt_in(owner)
    monkeypatch.setattr("processing.views.images._shorten", break_off)
    response = send(client, photos.draw(), address=f"/images/{key}")
    assert response.json()["error"]["code"] == "interrupted"
    assert not Image.objects.filter(kept=True).exists()
    assert Image.objects.filter(life="live").count() == bool(key)


def test_a_request_sent_again_can_ask_for_less(client: Client) -> None:
    send(client, photos.draw(), address="/images/?request=key")
    again = send(client, photos.draw(), address="/images/?request=key&erase_after=1h")
    image = Image.objects.get()
    assert again.json()["images"][0]["id"] == str(image.pk)
    assert image.purge_at == image.received_at + live_time(HOUR)


def test_the_studio_offers_it_without_scripts(client: Client, owner: User) -> None:
    page = client.get("/").content.decode()
    assert 'name="erase_after"' in page
    assert '<option value="1h"' in page
    assert '<option value="download"' in page
    choose_life(home_of(owner), 3600, at_page(owner))
    assert '<option value="1h"' not in client.get("/").content.decode()


def shorten(client: Client, image: Image, asked: str, headers: dict[str, str] = JSON) -> Any:
    address = f"/images/{image.pk}/shorten/"
    return client.post(address, {"erase_after": asked}, headers=headers)


def test_one_image_can_be_given_an_hour(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    response = shorten(client, image, "1h")
    assert response.status_code == 200
    left = Image.objects.get().purge_at - database_now()
    assert timedelta(minutes=59) < left <= HOUR
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 200


def test_the_page_of_an_image_says_when_it_goes_now(client: Client, owner: User) -> None:
    image = submit(owner)
    response = shorten(client, image, "1h", PAGE)
    assert response["Location"] == f"/images/{image.pk}/"
    until = Image.objects.get().purge_at
    assert f"{until:%H:%M} UTC" in client.get(response["Location"]).content.decode()


def test_the_page_offers_only_what_would_be_sooner(client: Client, owner: User) -> None:
    image = submit(owner)
    path = f"/images/{image.pk}/"
    assert client.get(path).context["sooner"] == {"hour": True, "download": True}
    shorten(client, image, "download")
    assert client.get(path).context["sooner"] == {"hour": True, "download": False}
    shorten(client, image, "1h")
    assert client.get(path).context["sooner"] == {"hour": False, "download": False}


def test_what_is_kept_past_its_time_can_only_be_erased(client: Client, owner: User) -> None:
    opt_in(owner)
    image = finish(submit(owner))
    age(image, timedelta(hours=30))
    page = client.get(f"/images/{image.pk}/")
    assert page.context["sooner"] == {"hour": False, "download": False}
    for asked in ("1h", "download"):
        assert shorten(client, image, asked).json()["error"]["code"] == "bad_erase_after"
    assert client.delete(f"/images/{image.pk}/").status_code == 204
    assert nothing_is_left()


@pytest.mark.parametrize("asked", ["", "junk", "25h", "24h", "59s"])
def test_nonsense_changes_nothing(client: Client, owner: User, asked: str) -> None:
    image = submit(owner)
    response = shorten(client, image, asked)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_erase_after"
    assert Image.objects.get().purge_at == image.purge_at


def test_past_its_shorter_life_nothing_reads(client: Client, owner: User) -> None:
    send(client, photos.draw(), address="/images/?erase_after=60s")
    image = Image.objects.get()
    age(image, timedelta(seconds=58))
    assert client.get(f"/images/{image.pk}/", headers=JSON).status_code == 404
    assert client.get(f"/images/{image.pk}/original", headers=JSON).status_code == 404
    assert image.purge_at < timezone.now() + timedelta(seconds=58)
    assert not Receipt.objects.exists()
