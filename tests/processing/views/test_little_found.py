"""A result with next to nothing in it: no page calls that "cut out", and each says what to do."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from processing.models import Image, Job
from tests import photos
from tests.cast import JSON, browser, fail, finish, start_worker, submit

WORDS = "Almost nothing found"
ADVICE = "the restore brush brings the subject back."
OTHER_MODEL = "another model"


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


@pytest.fixture
def speck(owner: User) -> Image:
    return finish(submit(owner, photos.draw_speck()), photos.draw_speck())


def texts(client: Client, image: Image) -> list[str]:
    """Studio, gallery and the page of the image."""
    addresses = ("/", "/gallery/", f"/images/{image.pk}/")
    return [client.get(address).content.decode() for address in addresses]


def test_it_is_said_with_what_to_do(client: Client, speck: Image) -> None:
    assert client.get(f"/images/{speck.pk}/", headers=JSON).json()["little_found"] is True
    for text in texts(client, speck):
        assert 'data-found="little"' in text
        assert f"<span data-state-words>{WORDS}</span>" in text
        assert ADVICE in text
        assert OTHER_MODEL not in text  # There is none.


def test_of_what_is_cut_out_nothing_of_it_is_said(client: Client, owner: User) -> None:
    whole = finish(submit(owner))
    assert client.get(f"/images/{whole.pk}/", headers=JSON).json()["little_found"] is False
    for text in texts(client, whole):
        assert "data-found" not in text
        assert WORDS not in text


def test_a_later_version_is_somebody_s_own_work(client: Client, speck: Image) -> None:
    Image.objects.filter(pk=speck.pk).update(version=1, head=1)
    assert client.get(f"/images/{speck.pk}/", headers=JSON).json()["little_found"] is False


def test_where_nothing_is_found_the_state_says_so(client: Client, owner: User) -> None:
    none = submit(owner)
    fail(none, "unknown_foreground")
    for text in texts(client, none):
        assert 'data-found="nothing"' in text
        assert "<span data-state-words>No subject found</span>" in text


def test_another_model_is_advised_where_there_is_one(
    client: Client, owner: User, settings: Settings
) -> None:
    settings.MODEL, settings.MODELS = "synthetic", ["synthetic", "synthetic-detailed"]
    start_worker("", "synthetic-detailed")
    fail(submit(owner), "unknown_foreground")
    page = f"/images/{Job.objects.get().image_id}/"
    assert "Or choose another model above and send it again." in client.get("/").content.decode()
    assert "Or send it again with another model." in client.get(page).content.decode()
