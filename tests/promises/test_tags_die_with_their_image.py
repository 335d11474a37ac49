"""Promises 8 and 9 for the words that people put on images: sealed, and gone when the image is.

Not even a guess can be checked: once its image's epoch has ended, the digest that a tag is found by
is noise to whoever has a backup, the keys' folder as it is by then, and the master key.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site

from accounts.audit import Actor
from accounts.models import User
from processing.access import images_of, workspaces_of
from processing.flows.erase import erase_images
from processing.flows.export import export_data
from processing.flows.shorten import Shorter, shorten_from_now
from processing.flows.tags import latest_words, tag, with_tag
from processing.models import Image, Tag, alike, database_now
from processing.retention.sweeper import sweep
from processing.storage import (
    KeyGone,
    SealBroken,
    destroy_expired_epochs,
    destroy_grant,
    digests_alive,
)
from tests import cast
from tests.promises import residue

pytestmark = pytest.mark.django_db(transaction=True)
WORD = "grandma 7f3a91c2 secret"


@pytest.fixture
def by(owner: User) -> Actor:
    return cast.at_page(owner)


@pytest.fixture
def image(owner: User, by: Actor) -> Image:
    image = cast.submit(owner)
    tag([image], WORD, by)
    return image


def nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> bool:
    needles = {**residue.needles_of_name(WORD), **residue.needles_of_name(alike(WORD))}
    hits = residue.find(needles, Path(site.DATA_DIR), tmp_path)
    hits += residue.find_in_tables(needles) + residue.find_in_messages(needles)
    hits += [what for what, needle in needles.items() if needle in caplog.text.encode()]
    assert hits == []
    return True


def test_no_word_is_anywhere_in_the_clear(
    owner: User, by: Actor, image: Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = cast.browser(owner)
    for address in (f"/gallery/?tag={WORD}", f"/images/{image.pk}/"):
        assert WORD in client.get(address).content.decode()
    assert latest_words(owner) == [WORD]
    assert nowhere(tmp_path, caplog)
    erase_images([image], by)
    assert nowhere(tmp_path, caplog)


def test_its_owner_has_it_in_their_data(owner: User, by: Actor, image: Image) -> None:
    assert WORD.encode() in b"".join(export_data(owner, by))


@pytest.mark.parametrize("way", ["asked for", "deadline", "sweep"])
def test_it_is_gone_the_moment_its_image_is(owner: User, by: Actor, image: Image, way: str) -> None:
    if way == "asked for":
        erase_images([image], by)
    else:
        cast.age(image, timedelta(hours=23))
        assert latest_words(owner) == [], "past its time nothing reads"
        assert not with_tag(images_of(owner), WORD, workspaces_of(owner)).exists()
    if way == "sweep":
        sweep(database_now())
    if way != "deadline":
        assert not Tag.objects.exists()


def test_no_backup_tells_of_it_once_its_epoch_has_ended(owner: User, image: Image) -> None:
    restored = Tag.objects.select_related("image").get()
    place = image.workspace_id.bytes
    assert restored.digest in digests_alive(alike(WORD), place, [])
    end = image.purge_at + timedelta(hours=1)
    assert destroy_expired_epochs(end)
    assert restored.digest not in digests_alive(alike(WORD), place, [])
    with pytest.raises((KeyGone, SealBroken)):
        restored.open()


def test_of_what_was_kept_none_does_once_the_opt_in_has_ended(owner: User, by: Actor) -> None:
    cast.opt_in(owner)
    image = cast.submit(owner)
    tag([image], WORD, by)
    destroy_expired_epochs(image.purge_at + timedelta(hours=1))
    place, grants = image.workspace_id.bytes, image.grants
    restored = Tag.objects.select_related("image").get()
    assert set(with_tag(images_of(owner), WORD, workspaces_of(owner))) == {image}
    assert restored.open() == WORD
    destroy_grant(grants[0])
    assert restored.kept_digest not in digests_alive(alike(WORD), place, [grants])
    with pytest.raises((KeyGone, SealBroken)):
        restored.open()


def test_a_shorter_life_is_a_shorter_one_of_its_words_too(
    owner: User, by: Actor, image: Image
) -> None:
    """Whoever has a backup could guess at them until the epoch that the image had before."""
    shorten_from_now(image, Shorter(timedelta(hours=1)), by)
    image.refresh_from_db()
    assert destroy_expired_epochs(image.purge_at + timedelta(minutes=1))
    backup = Tag.objects.get()
    assert backup.digest not in digests_alive(alike(WORD), image.workspace_id.bytes, [])


def test_what_is_kept_no_more_is_not_found_by_its_opt_in(owner: User, by: Actor) -> None:
    """The opt-in goes on, without an end, and with it the key of the second digest."""
    cast.opt_in(owner)
    image = cast.submit(owner)
    tag([image], WORD, by)
    grants = image.grants
    shorten_from_now(image, Shorter(timedelta(hours=1)), by)
    backup = Tag.objects.get()
    found = digests_alive(alike(WORD), image.workspace_id.bytes, [grants])
    assert backup.kept_digest not in found
    assert set(with_tag(images_of(owner), WORD, workspaces_of(owner))) == {image}
