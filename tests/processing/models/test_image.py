"""Names and keys of images: sealed in the row, opened only with the row's own key."""

from datetime import timedelta

import pytest
from django.conf import settings as site
from django.utils import timezone

from accounts.models import User
from processing.models import Image, ImageQuerySet, Life, database_now
from processing.storage import KeyGone, SealBroken, destroy_expired_epochs
from tests import cast


def everything() -> ImageQuerySet:
    images: ImageQuerySet = Image.objects.all()
    return images


def test_a_name_is_sealed_with_the_image(owner: User) -> None:
    image = cast.submit(owner, name="Grüße 🏝.png")
    row = Image.objects.get(pk=image.pk)
    assert row.open_name() == "Grüße 🏝.png"
    assert "Gr" not in str(vars(row))
    assert "Gr" not in f"{row} {row!r}"


def test_a_name_does_not_open_in_another_row(owner: User) -> None:
    one, two = cast.submit(owner, name="one.png"), cast.submit(owner, name="two.png")
    one.sealed_name = two.sealed_name
    with pytest.raises(SealBroken):
        one.open_name()
    one.wrapped_key = two.wrapped_key
    with pytest.raises(KeyGone):
        one.open_name()


def test_a_key_lives_longer_than_its_image_and_dies_with_its_epoch(owner: User) -> None:
    image = cast.submit(owner)
    destroy_expired_epochs(image.purge_at)
    image.open_key()
    destroy_expired_epochs(image.purge_at + site.RETENTION / 96 + timedelta(seconds=1))
    with pytest.raises(KeyGone):
        image.open_key()
    with pytest.raises(KeyGone):
        image.open_name()


def test_only_what_is_live_and_not_due_is_readable(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    assert everything().readable(now).get() == image
    for moment in (image.purge_at, image.purge_at + timedelta(days=7)):
        assert not everything().readable(moment).exists()
    Image.objects.update(life=Life.RECEIVING)
    assert not everything().readable(now).exists()


@pytest.mark.parametrize("life", [Life.RECEIVING, Life.LIVE])
def test_an_image_is_due_by_time_alone(owner: User, life: Life) -> None:
    image = cast.submit(owner)
    Image.objects.update(life=life)
    before = image.purge_at - timedelta(microseconds=1)
    assert not everything().due(before).exists()
    assert everything().due(image.purge_at).exists()


@pytest.mark.django_db
def test_the_databases_clock_is_aware_and_right() -> None:
    assert abs(database_now() - timezone.now()) < timedelta(seconds=2)
    assert database_now().utcoffset() == timedelta(0)
