"""What a link gives out: the file or a part of it, counted once and noted."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from processing.engine.files import FILE_OPTIONS
from processing.flows import share_download
from processing.flows.attempts import Limit
from processing.flows.share import Made
from processing.models import Image, ShareDownload
from processing.views import shared
from tests import photos
from tests.cast import JSON, render, start_worker
from tests.links import begin, downloads, fetch, share, somebody, take
from tests.processing.views.given_out import image, made, png

__all__ = ["image", "made", "png"]


def test_a_download_is_the_file_and_is_counted_and_noted(
    owner: User, image: Image, made: Made, png: bytes
) -> None:
    client = Client(REMOTE_ADDR="198.51.100.7")
    address = take(client, made.token).json()["url"]
    response = client.get(address)
    assert b"".join(response.streaming_content) == png  # type: ignore[attr-defined]
    assert {name: response[name] for name in ("Content-Type", "Accept-Ranges")} == {
        "Content-Type": "image/png",
        "Accept-Ranges": "bytes",
    }
    assert response["Content-Disposition"] == 'attachment; filename="image-1.png"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert downloads() == 1
    entry = AuditEntry.objects.get(action="share.downloaded")
    assert (entry.owner, entry.actor, entry.image_id) == (owner, None, image.pk)
    assert (entry.detail, entry.address, entry.share_id) == (
        "png full",
        "198.51.100.0/24",
        made.share.pk,
    )


def test_a_form_is_led_to_the_file(made: Made, png: bytes) -> None:
    response = somebody().post(f"/s/{made.token}/take/", {"place": 1}, follow=False)
    assert response.status_code == 303
    assert fetch(somebody(), response["Location"]) == png


def test_looking_and_asking_for_the_head_count_nothing(made: Made, png: bytes) -> None:
    client = somebody()
    client.get(f"/s/{made.token}/")
    assert client.get(f"/s/{made.token}/take/").status_code == 405
    assert client.head(f"/s/{made.token}/take/").status_code == 405
    assert downloads() == 0
    address = begin(made.token)
    for _ in range(3):
        head = client.head(address, headers={"Range": "bytes=5-9"})
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(png))
    assert downloads() == 1
    assert fetch(client, address) == png


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-", slice(0, None)),
        ("bytes=0-9", slice(0, 10)),
        ("bytes=10-", slice(10, None)),
        ("bytes=10-10", slice(10, 11)),
        ("bytes=5-999999999", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=-999999999", slice(0, None)),
    ],
)
def test_a_part_is_just_these_bytes(made: Made, png: bytes, asked: str, part: slice) -> None:
    response = somebody().get(begin(made.token), headers={"Range": asked})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert (response.status_code, content) == (206, png[part])
    assert response["Content-Length"] == str(len(content))
    first = png.index(content) if len(content) > 8 else part.start % len(png)
    last = first + len(content) - 1
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(png)}"


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "lines=0-1", "bytes=²-"],
)
def test_what_is_no_part_is_the_whole_file(made: Made, png: bytes, asked: str) -> None:
    response = somebody().get(begin(made.token), headers={"Range": asked})
    assert (response.status_code, b"".join(response.streaming_content)) == (200, png)  # type: ignore[attr-defined]


@pytest.mark.parametrize("asked", ["bytes={size}-", "bytes={size}-{size}", "bytes=-0"])
def test_a_part_that_is_not_there_is_told_so(made: Made, png: bytes, asked: str) -> None:
    headers = {"Range": asked.format(size=len(png))}
    response = somebody().get(begin(made.token), headers=headers)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(png)}")


def test_a_part_of_another_file_is_the_whole_of_this_one(made: Made, png: bytes) -> None:
    address, client = begin(made.token), somebody()
    tag = client.head(address)["ETag"]
    mine = client.get(address, headers={"Range": "bytes=3-", "If-Range": tag})
    assert mine.status_code == 206
    other = client.get(address, headers={"Range": "bytes=3-", "If-Range": '"another"'})
    assert (other.status_code, b"".join(other.streaming_content)) == (200, png)  # type: ignore[attr-defined]


def test_originals_only_where_the_owner_says_so(owner: User, image: Image, made: Made) -> None:
    assert take(somebody(), made.token, format="original").status_code == 400
    with_it = share(owner, image, originals=True)
    response = somebody().get(begin(with_it.token, format="original"))
    assert b"".join(response.streaming_content) == photos.draw()  # type: ignore[attr-defined]
    assert response["Content-Disposition"] == 'attachment; filename="image-1.png"'


def test_names_only_where_the_owner_says_so(owner: User, image: Image) -> None:
    token = share(owner, image, names=True).token
    disposition = somebody().head(begin(token))["Content-Disposition"]
    assert disposition == 'attachment; filename="Olivia\'s lamp.png"'


@pytest.mark.parametrize("place", [1, "all"])
def test_a_visitor_writes_nothing_of_their_own_into_the_owners_log(
    owner: User, image: Image, place: object
) -> None:
    made = share(owner, image, originals=True)
    words = "call this number " * 20
    assert take(somebody(), made.token, place, format="original", size=words).status_code == 201
    assert AuditEntry.objects.get(action="share.downloaded").detail == "original"
    assert ShareDownload.objects.get().size == ""


def test_nobody_fills_the_owners_log(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link without a limit of downloads, and somebody who begins one after the other."""
    monkeypatch.setattr(share_download, "PER_NETWORK", Limit("link-downloads", 3, 600))
    client = Client(REMOTE_ADDR="198.51.100.7")
    assert [take(client, made.token).status_code for _ in range(5)] == [201] * 3 + [429] * 2
    assert take(client, made.token).json()["error"]["code"] == "rate_limited"
    assert AuditEntry.objects.filter(action="share.downloaded").count() == 3
    assert take(Client(REMOTE_ADDR="203.0.113.7"), made.token).status_code == 201


def test_another_format_and_size_is_made_before_it_is_counted(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0.0)
    made = share(owner, image, formats=["png", "webp"], sizes=["full", "hd"])
    start_worker()
    waiting = take(somebody(), made.token, format="webp")
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (503, "not_ready")
    assert downloads() == 0
    Image.objects.get().jobs.filter(task="render").delete()
    render(image, FILE_OPTIONS["cutout.webp"])
    response = somebody().get(begin(made.token, format="webp"))
    assert response["Content-Type"] == "image/webp"
    assert downloads() == 1


def test_an_error_of_the_database_gives_nothing_out_that_is_not_noted(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(share_download, "note", locked)
    client = Client(raise_request_exception=False)
    response = client.post(f"/s/{made.token}/take/", {"place": 1}, headers=JSON)
    assert response.status_code == 500
    assert downloads() == 0
    assert not ShareDownload.objects.exists()
