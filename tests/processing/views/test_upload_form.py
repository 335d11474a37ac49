"""POST /images/ from the plain form of a browser without JavaScript."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts.models import User
from processing.models import Image
from tests import photos
from tests.cast import browser, nothing_is_left, send
from tests.photos import Part

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def submit_form(client: Client, *files: Part | bytes, **more: Any) -> Any:
    return send(client, *files, headers=PAGE, **more)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_one_photo_leads_to_its_page(client: Client) -> None:
    response = submit_form(client, photos.draw())
    image = Image.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/images/{image.pk}/")
    assert client.get(response["Location"]).status_code == 200


def test_several_photos_lead_to_the_gallery(client: Client) -> None:
    response = submit_form(client, photos.draw(), photos.draw())
    assert (response.status_code, response["Location"]) == (302, "/gallery/")


def test_what_was_refused_beside_them_is_said_on_the_next_page(client: Client) -> None:
    response = submit_form(client, photos.draw(), photos.SVG, photos.draw(), b"")
    assert response["Location"] == "/gallery/"
    assert [message.split(":")[0] for message in said(response)] == ["Photo 2", "Photo 4"]
    assert all(message.endswith(".") for message in said(response))
    page = client.get("/gallery/").content.decode()
    assert "Photo 2:" in page
    assert "Photo 4:" in page


def test_one_bad_file_is_a_page_with_its_status_and_what_to_do(client: Client) -> None:
    response = submit_form(client, photos.SVG)
    assert response.status_code == 415
    assert response["Content-Type"].startswith("text/html")
    assert "SVG drawing" in response.content.decode()
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 400, "This file is empty."),
        (photos.NOISE, 415, "This file is not a photo."),
        (photos.png_header(20_000, 20_000), 413, "the limit is 100 megapixels"),
    ],
)
def test_each_refusal_is_a_page_that_says_its_sentence(
    client: Client, content: bytes, status: int, words: str
) -> None:
    response = submit_form(client, content)
    assert response.status_code == status
    assert words in response.content.decode()


def test_only_bad_files_lead_back_to_the_studio_with_each_reason(client: Client) -> None:
    response = submit_form(client, photos.SVG, b"")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert len(said(response)) == 2


def test_a_form_without_a_photo_says_so(client: Client) -> None:
    response = client.post("/images/", {}, headers=PAGE)
    assert response.status_code == 400
    assert "Choose at least one photo." in response.content.decode()


def test_the_studio_s_form_is_a_plain_one_that_carries_a_token_and_a_key(client: Client) -> None:
    page = client.get("/").content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert 'name="image_file"' in page
    assert "csrfmiddlewaretoken" in page


def test_a_form_sent_twice_is_one_image_and_leads_to_the_same_page(client: Client) -> None:
    first = submit_form(client, photos.draw(), address="/images/?request=key")
    second = submit_form(client, photos.draw(), address="/images/?request=key")
    assert first["Location"] == second["Location"]
    assert Image.objects.count() == 1


def test_erasing_leads_to_the_gallery_and_says_how_many(client: Client) -> None:
    submit_form(client, photos.draw(), photos.draw(), photos.draw())
    ids = [str(pk) for pk in Image.objects.values_list("pk", flat=True)]
    one = client.post(f"/images/{ids[0]}/erase/", headers=PAGE)
    assert (one.status_code, one["Location"]) == (302, "/gallery/")
    assert said(one) == ['1 image erased. <a href="/receipts/">See the receipt</a>']
    client.get("/gallery/")
    many = client.post("/images/erase/", {"id": ids[1:]}, headers=PAGE)
    assert (many.status_code, many["Location"]) == (302, "/gallery/")
    assert said(many) == ['2 images erased. <a href="/receipts/">See the receipts</a>']
    assert said(many)[0] in client.get("/gallery/").content.decode()
    none = client.post("/images/erase/", {"id": ids}, headers=PAGE)
    assert said(none) == ["There was nothing to erase."]
