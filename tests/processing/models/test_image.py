"""Names and keys of images: sealed in the row, opened only with the row's own key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import ConsentEntry, User
from processing.models import Image, ImageQuerySet, Life, database_now
from processing.retention import deadlines
from processing.storage import (
    KeyGone,
    SealBroken,
    destroy_epoch,
    destroy_expired_epochs,
    destroy_grant,
    epochs_alive,
    grants_alive,
)
from tests import cast

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


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


@pytest.fixture
def own_keys(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


def make(life: timedelta = timedelta(hours=23)) -> Image:
    """A row in memory."""
    image = Image(received_at=NOON, purge_at=NOON + life)
    image.give_key("photo.png")
    return image


def keep(image: Image, uploader: int = 3, owner: int = 4) -> None:
    image.keep(ConsentEntry(number=uploader), ConsentEntry(number=owner))


def test_what_is_kept_opens_by_its_epoch_and_then_by_its_consents(own_keys: None) -> None:
    image = make()
    key = image.open_key()
    keep(image)
    assert (image.kept, image.consent_id, image.owner_consent_id) == (True, 3, 4)
    assert image.open_key() == key
    destroy_epoch(image.epoch)
    assert image.open_key() == key
    assert image.open_name() == "photo.png"
    destroy_grant(4)
    with pytest.raises(KeyGone):
        image.open_key()


def test_what_is_kept_no_longer_opens_by_its_epoch_alone(own_keys: None) -> None:
    image = make()
    keep(image, 3, 3)
    image.kept = False
    image.open_key()
    destroy_epoch(image.epoch)
    with pytest.raises(KeyGone):
        image.open_key()
    assert grants_alive() == [3]  # The secret is still there: it is the row that says no.


def test_nothing_is_kept_without_a_key(own_keys: None) -> None:
    image = make()
    image.wrapped_key = None
    with pytest.raises(KeyGone):
        keep(image)
    assert grants_alive() == []


@pytest.mark.parametrize("missing", ["consent_id", "owner_consent_id", "kept_key"])
def test_a_row_without_one_of_both_consents_does_not_open(own_keys: None, missing: str) -> None:
    image = make()
    keep(image)
    destroy_epoch(image.epoch)
    setattr(image, missing, None)
    with pytest.raises(KeyGone):
        image.open_key()


def test_a_shorter_life_moves_the_key_under_an_earlier_epoch(own_keys: None) -> None:
    image = make()
    key, before = image.open_key(), image.epoch
    image.shorten(NOON + timedelta(hours=1))
    assert image.purge_at == NOON + timedelta(hours=1)
    assert image.epoch < before
    assert epochs_alive() == [image.epoch, before]
    destroy_epoch(before)
    assert image.open_key() == key
    destroy_expired_epochs(NOON + timedelta(hours=1, minutes=1))
    with pytest.raises(KeyGone):
        image.open_key()


@settings(deadline=None, max_examples=50)  # Each makes files, and waits for the disk.
@given(life=st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds)))
def test_the_key_of_a_shorter_life_dies_before_that_life_ends(life: timedelta) -> None:
    image = Image(received_at=NOON, purge_at=NOON + timedelta(hours=23))
    image.give_key("")
    image.shorten(deadlines.purge_at(NOON, life))
    at_arrival = Image(received_at=NOON, purge_at=deadlines.purge_at(NOON, life))
    at_arrival.give_key("")
    assert image.epoch == at_arrival.epoch
    assert image.purge_at.timestamp() < image.epoch < (NOON + life).timestamp()
    width = deadlines.budget(life).epoch.total_seconds()
    assert image.epoch <= image.purge_at.timestamp() + 1 + width


def test_no_life_is_lengthened(own_keys: None) -> None:
    image = make(timedelta(hours=1))
    before = vars(image).copy()
    with pytest.raises(ValueError, match="nothing lengthens"):
        image.shorten(image.purge_at + timedelta(microseconds=1))
    assert vars(image) == before
    image.shorten(image.purge_at)


def test_a_key_whose_epoch_has_ended_cannot_be_moved(own_keys: None) -> None:
    image = make()
    keep(image)
    destroy_epoch(image.epoch)
    before = vars(image).copy()
    with pytest.raises(KeyGone):
        image.shorten(NOON + timedelta(hours=1))
    assert vars(image) == before


def test_rotating_rewraps_both_keys(own_keys: None, settings: Settings) -> None:
    settings.MASTER_KEY = "before"
    image = make()
    keep(image)
    key = image.open_key()
    assert not image.rewrap()
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    assert image.rewrap()
    assert not image.rewrap()
    settings.OLD_MASTER_KEY = ""
    assert image.open_key() == key
    destroy_epoch(image.epoch)
    assert image.open_key() == key


@pytest.mark.parametrize("of", ["wrapped_key", "kept_key"])
def test_rotating_goes_on_where_it_was_cut_off(own_keys: None, settings: Settings, of: str) -> None:
    settings.MASTER_KEY = "before"
    image = make()
    keep(image)
    before = getattr(image, of)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    image.rewrap()
    setattr(image, of, before)
    assert image.rewrap()
    assert getattr(image, of) != before
    assert not image.rewrap()


def test_rotating_what_is_kept_beyond_its_epoch(own_keys: None, settings: Settings) -> None:
    settings.MASTER_KEY = "before"
    image = make()
    keep(image)
    key = image.open_key()
    destroy_epoch(image.epoch)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    assert image.rewrap()
    settings.OLD_MASTER_KEY = ""
    assert image.open_key() == key
    image.kept = False
    with pytest.raises(KeyGone):
        image.rewrap()
