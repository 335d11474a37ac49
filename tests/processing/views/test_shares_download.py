"""Downloads through a link: counted exactly, in pieces, after a break, as a ZIP, the last one."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from processing.engine.files import FILE_OPTIONS
from processing.flows import reading, share_download
from processing.flows import share as flow
from processing.flows.attempts import Limit
from processing.flows.reading import ReadOn
from processing.flows.share import Made
from processing.flows.share_terms import Terms
from processing.flows.shorten import Shorter, shorten
from processing.models import Blob, Image, ShareDownload
from processing.views import shared
from tests import photos
from tests.cast import (
    JSON,
    at_page,
    browser,
    finish,
    nothing_is_left,
    render,
    start_worker,
    submit,
)
from tests.links import begin, break_off, downloads, fetch, share, somebody, take

NAME = "Olivia's lamp.png"


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner, name=NAME))


@pytest.fixture
def made(owner: User, image: Image) -> Made:
    return share(owner, image)


@pytest.fixture
def png(owner: User, image: Image) -> bytes:
    return fetch(browser(owner), f"/images/{image.pk}/cutout.png")


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


def test_what_broke_off_goes_on_without_counting_again(
    owner: User, image: Image, png: bytes
) -> None:
    made = share(owner, image, download_limit=1)
    address = begin(made.token)
    assert png.startswith(break_off(address))
    assert take(somebody(), made.token).status_code == 410  # Used up for everybody else.
    assert fetch(somebody(), address, Range="bytes=0-99") == png[:100]
    assert fetch(somebody(), address, Range="bytes=100-") == png[100:]
    assert downloads() == 1


def test_a_download_is_one_download(made: Made, png: bytes) -> None:
    """Its end can have been lost on the way; all of it again would be another download."""
    address = begin(made.token)
    assert fetch(somebody(), address) == png
    assert somebody().get(address).status_code == 410
    assert somebody().get(address, headers={"Range": "bytes=0-"}).status_code == 410
    assert fetch(somebody(), address, Range="bytes=-100") == png[-100:]
    assert fetch(somebody(), address, Range="bytes=101-") == png[101:]
    assert somebody().get(address, headers={"Range": "bytes=1-"}).status_code == 206


def test_not_more_than_twice_its_bytes(made: Made, png: bytes) -> None:
    address = begin(made.token)
    fetch(somebody(), address)
    while somebody().head(address).status_code == 200:
        response = somebody().get(address, headers={"Range": "bytes=1-"})
        if response.status_code == 410:
            break
        b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert ShareDownload.objects.get().sent < 3 * len(png)


def test_a_ticket_ends(made: Made) -> None:
    address = begin(made.token)
    began = ShareDownload.objects.get().ends_at - share_download.TICKET_LIFE
    ShareDownload.objects.update(ends_at=began)
    assert somebody().get(address).status_code == 410


def test_a_ticket_never_ends_after_its_link(owner: User, image: Image) -> None:
    made = share(owner, image, life=timedelta(hours=1))
    begin(made.token)
    assert ShareDownload.objects.get().ends_at == made.share.expires_at


@pytest.mark.parametrize("act", [flow.pause, flow.revoke, flow.renew])
def test_a_ticket_ends_with_its_link(owner: User, made: Made, act: Callable[..., object]) -> None:
    address = begin(made.token)
    act(owner, made.share.pk, at_page(owner))
    assert somebody().get(address).status_code == 410


def test_a_ticket_of_one_link_opens_nothing_by_another(
    owner: User, image: Image, made: Made
) -> None:
    other = share(owner, image)
    stolen = begin(made.token).replace(made.token, other.token)
    assert somebody().get(stolen).status_code == 410


@pytest.mark.parametrize("act", [flow.pause, flow.revoke])
def test_a_download_under_way_is_cut_off_when_its_link_ends(
    owner: User, made: Made, act: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share_download, "LOOK_EVERY", 0)
    monkeypatch.setattr(share_download, "_cut", lambda *_: iter([b"some", b"more"]))
    chunks = iter(somebody().get(begin(made.token)).streaming_content)  # type: ignore[attr-defined]
    assert next(chunks) == b"some"
    act(owner, made.share.pk, at_page(owner))
    with pytest.raises(ReadOn):
        next(chunks)


def test_a_download_under_way_is_cut_off_when_its_image_is_erased(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    photo = photos.draw(1200, 900)
    large = finish(submit(owner, photo), photo)
    blob = Blob.objects.get(image=large, kind="cutout.png")

    def pieces(*_: Any) -> Iterator[bytes]:
        yield from (b"some", b"more")

    monkeypatch.setattr(share_download, "read_blob", pieces)
    chunks = share_download.open_blob(large, blob, 0, 7)
    assert next(chunks) == b"some"
    browser(owner).delete(f"/images/{large.pk}/")
    with pytest.raises(ReadOn):
        next(chunks)


def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece of a file is as good as a second after the one before."""
    monkeypatch.setattr(share_download, "LOOK_EVERY", 0)
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)

    def pieces(*_: Any) -> Iterator[bytes]:
        yield from (b"some", b"more")

    monkeypatch.setattr(share_download, "read_blob", pieces)


@pytest.mark.parametrize(
    ("before", "after", "goes_on"),
    [
        ({}, {"password": "swordfish"}, False),
        ({"password": "sturgeon"}, {"password": "swordfish"}, False),
        ({"password": "sturgeon"}, {"password": ""}, True),
        ({"names": True}, {"names": False}, False),
        ({}, {"names": True}, True),
        ({}, {"formats": ["webp"]}, False),
        ({}, {"download_limit": 1}, True),
    ],
)
def test_a_download_under_way_keeps_to_the_terms_of_now(
    owner: User,
    image: Image,
    before: dict[str, Any],
    after: dict[str, Any],
    goes_on: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = share(owner, image, **before)
    client = somebody()
    client.post(f"/s/{made.token}/unlock/", {"password": before.get("password", "")})
    address = take(client, made.token).json()["url"]
    slowly(monkeypatch)
    chunks = iter(somebody().get(address, headers={"Range": "bytes=0-7"}).streaming_content)  # type: ignore[attr-defined]
    assert next(chunks) == b"some"
    flow.change(owner, made.share.pk, Terms(**after), at_page(owner))  # type: ignore[typeddict-item]
    if goes_on:
        assert list(chunks) == [b"more"]
    else:
        with pytest.raises(ReadOn):
            next(chunks)


def test_a_link_that_ends_while_its_file_is_being_made_gives_none_of_it(
    owner: User, image: Image, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, prepare = begin(made.token), share_download.prepare

    def wait(*args: Any) -> str:
        kind = prepare(*args)
        flow.revoke(owner, made.share.pk, at_page(owner))
        return kind

    monkeypatch.setattr(share_download, "prepare", wait)
    with pytest.raises(ReadOn):
        next(iter(somebody().get(address).streaming_content))  # type: ignore[attr-defined]
    assert ShareDownload.objects.get().sent == 0


def test_what_goes_with_its_download_is_not_torn_from_whoever_is_at_it_too(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link goes with the image, and is no reason either."""
    shorten(image, Shorter(after_download=True), at_page(owner))
    made = share(owner, image)
    quick, slow = begin(made.token), begin(made.token)
    with monkeypatch.context() as patched:
        slowly(patched)
        response: Any = somebody().get(slow, headers={"Range": "bytes=0-7"})
        chunks = iter(response.streaming_content)
        assert next(chunks) == b"some"
    fetch(somebody(), quick)
    assert nothing_is_left()
    slowly(monkeypatch)
    assert list(chunks) == [b"more"]


@pytest.mark.parametrize("place", [1, "all"])
def test_one_download_begins_ten_times_at_most_however_many_ask_at_once(
    owner: User, image: Image, made: Made, place: object
) -> None:
    address = begin(made.token, place)
    open_ones = [somebody().get(address) for _ in range(12)]
    assert [one.status_code for one in open_ones] == [200] * 10 + [410] * 2
    assert downloads() == 1
    goes_on = somebody().get(address, headers={"Range": "bytes=1-"})
    assert goes_on.status_code == (206 if place == 1 else 410)
    assert somebody().get(begin(made.token, place)).status_code == 200


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


@pytest.mark.parametrize(
    ("terms", "goes_on"),
    [
        ({"originals": False}, False),
        ({"password": "swordfish"}, False),
        ({"password": ""}, True),
        ({"formats": ["webp"]}, True),
    ],
)
def test_what_a_link_gives_out_no_more_ends_for_whoever_had_begun_it(
    owner: User, image: Image, terms: dict[str, Any], goes_on: bool
) -> None:
    made = share(owner, image, originals=True)
    address = begin(made.token, format="original")
    flow.change(owner, made.share.pk, Terms(**terms), at_page(owner))  # type: ignore[typeddict-item]
    assert somebody().get(address).status_code == (200 if goes_on else 410)


def test_originals_that_are_taken_back_are_read_no_further(
    owner: User, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = share(owner, image, originals=True)
    opened, download = share_download.find_download(
        made.token, UUID(begin(made.token, format="original").split("/")[-2])
    )
    monkeypatch.setattr(share_download, "LOOK_EVERY", 0.0)
    sending = share_download.Sending(opened, download, 8, [], at_page(owner))
    pieces = sending.send([b"some", b"more"])
    assert next(pieces) == b"some"
    flow.change(owner, made.share.pk, Terms(originals=False), at_page(owner))
    with pytest.raises(ReadOn):
        next(pieces)


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
