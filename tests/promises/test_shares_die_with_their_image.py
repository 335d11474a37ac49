"""A link never outlives its images: not by its rows, not by what it opens, sweeper or not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from accounts.models import AuditEntry, User
from processing.flows.close_account import close_account
from processing.flows.erase import erase_images
from processing.flows.share import Made
from processing.flows.shorten import Shorter, shorten_from_now
from processing.models import Image, Receipt, Share, ShareDownload, ShareItem, database_now
from processing.retention import sweeper
from tests.cast import age, at_page, browser, finish, make_user, nothing_is_left, opt_in, opt_out
from tests.cast import submit as send
from tests.links import fetch, share, somebody, take
from tests.processing.threads import at_once

DUE = timedelta(hours=23)


@pytest.fixture
def image(owner: User) -> Image:
    return finish(send(owner, name="lamp.png"))


def no_link_is_left() -> bool:
    return not any(table.objects.exists() for table in (Share, ShareItem, ShareDownload))


def addresses(made: Made) -> list[str]:
    ticket = take(somebody(), made.token).json()["url"]
    here = f"/s/{made.token}/"
    return [here, f"{here}state", f"{here}1/preview.webp", ticket]


def statuses(paths: list[str]) -> set[int]:
    return {somebody().get(path).status_code for path in paths}


def test_past_the_deadline_nothing_opens_though_no_sweeper_ever_comes(
    owner: User, image: Image
) -> None:
    paths = addresses(made := share(owner, image))
    assert statuses(paths) == {200}
    age(image, DUE)
    assert Share.objects.get().expires_at > database_now()  # Its own row says otherwise.
    assert statuses(paths) == {410}
    assert take(somebody(), made.token).status_code == 410


def erase_by_hand(owner: User, image: Image) -> None:
    browser(owner).delete(f"/images/{image.pk}/")


def sweep_at_its_time(owner: User, image: Image) -> None:
    age(image, DUE)
    sweeper.sweep(database_now())


def close(owner: User, image: Image) -> None:
    close_account(owner, at_page(owner))


@pytest.mark.parametrize("end", [erase_by_hand, sweep_at_its_time, close], ids=lambda e: e.__name__)
def test_its_rows_go_with_the_image_s(
    owner: User, image: Image, end: Callable[[User, Image], None]
) -> None:
    made = share(owner, image, password="swordfish", download_limit=5)
    client = somebody()
    client.post(f"/s/{made.token}/unlock/", {"password": "swordfish"})
    fetch(client, take(client, made.token).json()["url"])
    assert ShareDownload.objects.exists()
    end(owner, image)
    assert Receipt.objects.filter(image_id=image.pk).exists()
    assert nothing_is_left()
    assert no_link_is_left()


def test_one_of_several_goes_alone_and_the_last_takes_the_link_along(
    owner: User, image: Image
) -> None:
    other = finish(send(owner))
    share(owner, image, other)
    erase_by_hand(owner, image)
    assert [item.image_id for item in ShareItem.objects.all()] == [other.pk]
    erase_by_hand(owner, other)
    assert no_link_is_left()


def test_a_shorter_life_is_the_link_s_as_well(owner: User, image: Image) -> None:
    share(owner, image)
    shorten_from_now(image, Shorter(timedelta(minutes=5)), at_page(owner))
    image.refresh_from_db()
    assert Share.objects.get().expires_at == image.purge_at


def test_no_row_ever_says_that_a_link_lives_longer_than_its_images(owner: User) -> None:
    images = [finish(send(owner)) for _ in range(3)]
    for number, one in enumerate(images):
        age(one, timedelta(hours=3 * number))
        one.refresh_from_db()
    share(owner, *images)
    share(owner, images[0], images[2])
    shorten_from_now(images[0], Shorter(timedelta(hours=2)), at_page(owner))
    shorten_from_now(images[1], Shorter(timedelta(hours=1)), at_page(owner))
    for item in ShareItem.objects.select_related("share", "image"):
        assert item.share.expires_at <= item.image.purge_at


def test_turning_the_opt_in_off_ends_the_links_to_what_it_kept(owner: User) -> None:
    opt_in(owner)
    kept = finish(send(owner))
    age(kept, timedelta(days=3))
    paths = addresses(share(owner, kept))
    assert statuses(paths) == {200}
    opt_out(owner)
    assert statuses(paths) == {410}
    sweeper.sweep(database_now())
    assert no_link_is_left()


def test_neither_the_address_nor_the_password_nor_a_name_is_in_any_row(
    owner: User, image: Image
) -> None:
    made = share(owner, image, password="pilchards and sprats", names=True)
    client = somebody()
    client.post(f"/s/{made.token}/unlock/", {"password": "pilchards and sprats"})
    client.get(f"/s/{made.token}/")
    fetch(client, take(client, made.token).json()["url"])
    browser(owner).get(f"/shares/{made.share.pk}/")
    written = str([everything(table) for table in apps.get_models(include_auto_created=True)])
    assert str(made.share.pk) in written
    for secret in (made.token, "pilchards", "lamp"):
        assert secret not in written
    assert AuditEntry.objects.filter(share_id=made.share.pk).exists()


def everything(table: Any) -> list[Any]:
    rows = list(table._default_manager.values_list())
    return [
        [bytes(value) if isinstance(value, memoryview) else value for value in row] for row in rows
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_each_erase_one_of_its_images_one_takes_the_link_along() -> None:
    owner = make_user("olivia@example.org")
    for _ in range(5):
        images = [finish(send(owner)) for _ in range(2)]
        share(owner, *images)

        def erase(image: Image) -> None:
            there = Image.objects.select_related("workspace__owner").filter(pk=image.pk)
            erase_images(there, at_page(owner))

        at_once(*[lambda image=one: erase(image) for one in images])
        assert nothing_is_left()
        assert no_link_is_left()


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_made_while_its_image_is_erased_leaves_nothing() -> None:
    owner = make_user("olivia@example.org")
    for _ in range(5):
        image = finish(send(owner))

        def make(image: Image = image) -> None:
            try:
                share(owner, image)
            except Image.DoesNotExist:
                return

        def erase(image: Image = image) -> None:
            there = Image.objects.select_related("workspace__owner").filter(pk=image.pk)
            erase_images(there, at_page(owner))

        at_once(make, erase)
        sweeper.sweep(database_now())
        assert nothing_is_left()
        assert no_link_is_left()
