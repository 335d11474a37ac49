"""How long the rows of links live: never longer than what they lead to."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings as site
from django.db import transaction

from accounts.models import User
from processing.models import Image, Share, ShareDownload, ShareItem, database_now
from processing.retention import shares
from tests.cast import age, finish, opt_in, submit
from tests.links import share

HOUR = timedelta(hours=1)


@pytest.fixture
def images(owner: User) -> list[Image]:
    return [finish(submit(owner)) for _ in range(2)]


def take(link: Share, now: datetime) -> None:
    ShareDownload.objects.create(share=link, place=1, format="png", ends_at=now + HOUR)


def left() -> tuple[int, int, int]:
    return Share.objects.count(), ShareItem.objects.count(), ShareDownload.objects.count()


def test_the_latest_end_is_the_earliest_deadline(images: list[Image]) -> None:
    now = database_now()
    age(images[1], HOUR)
    images[1].refresh_from_db()
    assert shares.latest_end(images, now) == images[1].purge_at


def test_what_is_kept_is_published_for_as_long_as_a_photo_that_is_not(owner: User) -> None:
    opt_in(owner)
    kept, now = submit(owner), database_now()
    assert kept.kept
    age(kept, 20 * HOUR)
    kept.refresh_from_db()
    assert shares.latest_end([kept], now) == now + timedelta(hours=23)


def test_an_earlier_deadline_is_that_of_its_links_and_of_no_others(
    owner: User, images: list[Image]
) -> None:
    first, second = images
    both, other = share(owner, first, second).share, share(owner, second).share
    first.purge_at = database_now() + HOUR
    with transaction.atomic():
        shares.shorten_with(first)
    both.refresh_from_db()
    assert both.expires_at == first.purge_at
    ends_at = other.expires_at
    other.refresh_from_db()
    assert other.expires_at == ends_at
    first.purge_at += HOUR
    with transaction.atomic():
        shares.shorten_with(first)
    both.refresh_from_db()
    assert both.expires_at == first.purge_at - HOUR  # Never later.


def test_one_that_was_due_before_its_link_began_ends_it_at_once(
    owner: User, images: list[Image]
) -> None:
    link = share(owner, images[0]).share
    images[0].purge_at = link.created_at - HOUR
    with transaction.atomic():
        shares.shorten_with(images[0])
    link.refresh_from_db()
    assert link.expires_at == link.created_at + timedelta(microseconds=1)


def test_a_link_goes_with_the_last_of_its_images_and_no_other_link_does(
    owner: User, images: list[Image]
) -> None:
    first, second = images
    link, other = share(owner, first, second).share, share(owner, second).share
    for one in (link, other):
        take(one, database_now())
    with transaction.atomic():
        shares.go_with([first.pk])
    assert left() == (2, 2, 2)
    assert [item.image_id for item in ShareItem.objects.filter(share=link)] == [second.pk]
    ShareItem.objects.filter(share=other).delete()  # As if it had none any more: not its turn.
    with transaction.atomic():
        shares.go_with([second.pk])
    assert [one.pk for one in Share.objects.all()] == [other.pk]
    assert [one.share_id for one in ShareDownload.objects.all()] == [other.pk]


def test_images_without_links_take_nothing_along(owner: User, images: list[Image]) -> None:
    share(owner, images[0])
    with transaction.atomic():
        shares.go_with([images[1].pk])
        shares.go_with([])
    assert left() == (1, 1, 0)


def test_a_link_that_ended_a_day_ago_is_forgotten(owner: User, images: list[Image]) -> None:
    link = share(owner, images[0], life=HOUR).share
    share(owner, images[1])
    take(link, database_now())
    day = link.expires_at + timedelta(hours=24)
    assert shares.forget_old_shares(day - timedelta(microseconds=1)) == 0
    assert left() == (2, 2, 1)
    assert shares.forget_old_shares(day) == 1
    assert left() == (1, 1, 0)
    assert timedelta(hours=24) == site.RETENTION
