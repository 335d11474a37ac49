"""One download is one ticket: it goes on where it broke off, and it ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from processing.flows import share as flow
from processing.flows import share_download
from processing.flows.share import Made
from processing.models import Image, ShareDownload
from tests.cast import at_page
from tests.links import begin, break_off, downloads, fetch, share, somebody, take
from tests.processing.views.given_out import image, made, png

__all__ = ["image", "made", "png"]


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
