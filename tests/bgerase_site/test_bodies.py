from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from bgerase_site.photos import IN_PARTS, WHOLE, is_for_photos

MOST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
FORM = "application/x-www-form-urlencoded"
JSON = {"Accept": "application/json"}


def test_the_web_server_and_the_site_know_the_same_address_for_photos() -> None:
    assert reverse("images") == WHOLE
    assert reverse("uploads") == IN_PARTS
    part = reverse("upload-part", args=[uuid4(), 4_194_304])
    assert is_for_photos("PUT", part)
    assert not is_for_photos("POST", part)
    assert not is_for_photos("POST", IN_PARTS)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/images/erase/", "/healthz", "/nowhere"])
def test_a_long_body_is_refused_with_a_page_and_as_json(client: Client, address: str) -> None:
    body = b"a" * (MOST + 1)
    page = client.post(address, body, content_type=FORM)
    assert page.status_code == 413
    assert "larger than 1 MB" in page.content.decode()
    answer = client.post(address, body, content_type=FORM, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


@pytest.mark.django_db
def test_a_body_of_the_largest_size_is_read(client: Client) -> None:
    body = b"login=" + b"a" * (MOST - 6)
    assert client.post("/accounts/login/", body, content_type=FORM).status_code == 200


@pytest.mark.django_db
def test_only_sending_photos_takes_more(client: Client) -> None:
    body = b"a" * (MOST + 1)
    assert client.post("/images/", body, content_type=FORM, headers=JSON).status_code == 401
    part = f"/uploads/{uuid4()}/0"
    assert client.put(part, body, headers=JSON).status_code == 401
    assert client.post(part, body, content_type=FORM, headers=JSON).status_code == 413
    assert client.put("/images/", body, content_type=FORM, headers=JSON).status_code == 413
