"""Links for tests: made by the flow that pages use, opened by somebody without an account."""

from typing import Any

from django.test import Client

from accounts.models import User
from processing.flows import share as flow
from processing.flows.share_terms import Terms
from processing.models import Image, Share
from tests.cast import JSON, at_page, browser, finish, submit


def share(user: User, *images: Image, **terms: Any) -> flow.Made:
    """A link to these images, or to one that is cut out for it."""
    ids = [image.pk for image in images or (finish(submit(user)),)]
    return flow.create(user, ids, Terms(**terms), at_page(user))  # type: ignore[typeddict-item]


def take(client: Client, token: str, place: object = 1, **fields: Any) -> Any:
    """Counts a download; as JSON, with the address of its file."""
    body = {"place": place, "format": "png", **fields}
    return client.post(f"/s/{token}/take/", body, headers=JSON)


def fetch(client: Client, address: str, **headers: str) -> bytes:
    response = client.get(address, headers=headers)
    assert response.status_code in {200, 206}, response.status_code
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def somebody() -> Client:
    return browser()


def begin(token: str, place: object = 1, **fields: Any) -> str:
    """Counts a download; the address of its file."""
    response = take(somebody(), token, place, **fields)
    assert response.status_code == 201, response.content
    return str(response.json()["url"])


def break_off(address: str) -> bytes:
    """Takes the first piece and hangs up."""
    response: Any = somebody().get(address)
    piece = next(iter(response.streaming_content))
    response._iterator.close()
    return bytes(piece)


def downloads() -> int:
    return Share.objects.get().downloads
