"""Downloads through a link: all at once, the last one, and fifty at the same moment."""

import io
import zipfile
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from processing.flows.shorten import Shorter, shorten
from processing.models import Image, Share, ShareDownload
from tests import photos
from tests.cast import at_page, browser, finish, make_user, nothing_is_left, submit
from tests.links import begin, break_off, downloads, fetch, share, somebody, take
from tests.processing.threads import apart, at_once
from tests.processing.views.given_out import image, made, png

__all__ = ["image", "made", "png"]


def archive(token: str, **fields: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(fetch(somebody(), begin(token, "all", **fields))))


def test_all_of_them_are_one_zip_and_one_download(owner: User, image: Image, png: bytes) -> None:
    made = share(owner, image, finish(submit(owner)))
    with archive(made.token) as found:
        assert found.testzip() is None
        assert found.namelist() == ["image-1.png", "image-2.png"]
        assert found.read("image-1.png") == png
    assert downloads() == 1
    entry = AuditEntry.objects.get(action="share.downloaded")
    assert (entry.count, entry.image_id) == (2, None)


def test_a_zip_has_the_names_where_the_owner_says_so(owner: User, image: Image) -> None:
    made = share(owner, image, finish(submit(owner, name="b.png")), names=True)
    with archive(made.token) as found:
        assert found.namelist() == ["Olivia's lamp.png", "b.png"]


def test_a_zip_of_originals(owner: User, image: Image) -> None:
    made = share(owner, image, finish(submit(owner, name="b.png")), originals=True)
    with archive(made.token, format="original") as found:
        assert found.read("image-2.png") == photos.draw()


def test_a_zip_that_was_sent_is_over_and_one_that_broke_off_begins_again(
    owner: User, image: Image
) -> None:
    made = share(owner, image, finish(submit(owner)))
    address = begin(made.token, "all")
    assert break_off(address).startswith(b"PK")
    assert somebody().head(address)["Content-Type"] == "application/zip"
    fetch(somebody(), address)
    assert somebody().get(address).status_code == 410
    assert downloads() == 1


# --- the last one --------------------------------------------------------------------------------


def test_after_the_last_byte_of_the_last_download_the_images_are_erased(
    owner: User, image: Image, png: bytes
) -> None:
    made = share(owner, image, download_limit=2, erase_after_last=True)
    fetch(somebody(), begin(made.token))
    assert Image.objects.get().life == "live"
    last = begin(made.token)
    assert fetch(somebody(), last, Range="bytes=0-99") == png[:100]
    assert Image.objects.get().life == "live"
    assert fetch(somebody(), last, Range="bytes=100-") == png[100:]
    assert nothing_is_left()
    assert not Share.objects.exists()
    assert somebody().get(last).status_code == 410


def test_the_last_one_waits_for_those_that_are_still_under_way(
    owner: User, image: Image, png: bytes
) -> None:
    made = share(owner, image, download_limit=2, erase_after_last=True)
    slow, quick = begin(made.token), begin(made.token)
    assert fetch(somebody(), quick) == png
    assert Image.objects.get().life == "live"
    assert fetch(somebody(), slow) == png
    assert nothing_is_left()


def test_a_last_download_that_breaks_off_erases_nothing(owner: User, image: Image) -> None:
    made = share(owner, image, download_limit=1, erase_after_last=True)
    address = begin(made.token)
    break_off(address)
    fetch(somebody(), address, Range="bytes=0-9")
    assert Image.objects.get().life == "live"


def test_the_last_of_a_zip_erases_all_of_its_images(owner: User, image: Image) -> None:
    other = finish(submit(owner))
    made = share(owner, image, finish(submit(owner)), download_limit=1, erase_after_last=True)
    fetch(somebody(), begin(made.token, "all"))
    assert list(Image.objects.values_list("pk", flat=True)) == [other.pk]


def test_an_image_that_goes_with_its_download_goes_with_one_by_a_link(
    owner: User, image: Image
) -> None:
    made = share(owner, image, finish(submit(owner)), originals=True)
    image.refresh_from_db()
    shorten(image, Shorter(after_download=True), at_page(owner))
    fetch(somebody(), begin(made.token, format="original"))
    fetch(somebody(), begin(made.token, 2))
    assert Image.objects.filter(life="live").count() == 2
    fetch(somebody(), begin(made.token))
    assert not Image.objects.filter(pk=image.pk).exists()
    assert somebody().get(f"/s/{made.token}/state").json()["places"] == [2]


# --- fifty at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_limit_of_five_gives_exactly_five_of_fifty_at_once() -> None:
    owner = make_user("olivia@example.org")
    image = finish(submit(owner))
    png = fetch(browser(owner), f"/images/{image.pk}/cutout.png")
    made = share(owner, image, download_limit=5)

    def try_it() -> bytes | None:
        client = somebody()
        response = take(client, made.token)
        if response.status_code == 410:
            return None
        assert response.status_code == 201
        return fetch(client, response.json()["url"])

    got = at_once(*[try_it] * 50)
    assert [content for content in got if content is not None] == [png] * 5
    assert downloads() == 5
    assert ShareDownload.objects.filter(finished_at__isnull=False).count() == 5
    assert AuditEntry.objects.filter(action="share.downloaded").count() == 5


@pytest.mark.django_db(transaction=True)
def test_of_five_last_ones_at_once_each_gets_its_file_and_one_erases() -> None:
    owner = make_user("olivia@example.org")
    image = finish(submit(owner))
    png = fetch(browser(owner), f"/images/{image.pk}/cutout.png")
    made = share(owner, image, download_limit=5, erase_after_last=True)
    addresses = [apart(lambda: begin(made.token)) for _ in range(5)]
    steps = [lambda address=one: fetch(somebody(), address) for one in addresses]
    assert at_once(*steps) == [png] * 5
    assert nothing_is_left()
    assert AuditEntry.objects.filter(action="image.erased").count() == 1
