"""A download under way, when its link, its image or its terms come to an end."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from processing.flows import reading, share_download
from processing.flows import share as flow
from processing.flows.reading import ReadOn
from processing.flows.share import Made
from processing.flows.share_terms import Terms
from processing.flows.shorten import Shorter, shorten
from processing.models import Blob, Image, ShareDownload
from tests import photos
from tests.cast import at_page, browser, finish, nothing_is_left, submit
from tests.links import begin, fetch, share, somebody, take
from tests.processing.views.given_out import image, made

__all__ = ["image", "made"]


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
