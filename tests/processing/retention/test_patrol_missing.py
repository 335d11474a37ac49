"""What is recorded and not stored."""

import logging
from typing import Any

import pytest

from accounts.models import User
from processing import storage
from processing.models import Blob, Image, Life, Reason, database_now
from processing.retention import erase
from processing.retention.patrol import findings, missing, objects
from processing.retention.patrol.seen import Seen
from processing.storage import Stored
from tests import cast
from tests.processing.retention.patrolled import SECOND, kept_image, look, our_storage

__all__ = ["our_storage"]
pytestmark = pytest.mark.django_db


def test_what_is_recorded_and_not_stored_is_missing(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)
    with caplog.at_level(logging.ERROR):
        assert findings(look()) == {"missing_objects": 1}
    assert caplog.messages == [
        f"patrol: original of image {image.pk} is recorded and not in the storage",
        "patrol: missing_objects: 1",
    ]


def test_what_an_opt_in_keeps_past_its_deadline_is_missed_too(owner: User) -> None:
    image = kept_image(owner)
    storage.shred_prefix(image.prefix)
    assert findings(look()) == {"missing_objects": 1}


def test_what_was_seen_is_remembered_in_room_for_all_that_is_recorded(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.finish(cast.submit(owner))
    Blob.objects.filter(kind="preview.webp").update(stored=False)
    expected: list[int] = []

    def remember(number: int) -> Seen:
        expected.append(number)
        return Seen(number)

    monkeypatch.setattr(objects, "Seen", remember)
    look()
    assert expected == [4]


def test_what_is_stored_without_a_byte_is_missing(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that was told to keep versions has such a marker in the place of what is deleted."""
    image = cast.submit(owner)
    marker = Stored(f"{image.prefix[:2]}/{image.prefix}/0/original", 0, database_now())
    storage.shred_prefix(image.prefix)
    monkeypatch.setattr(storage, "walk_objects", lambda: iter([marker]))
    assert findings(look()) == {"missing_objects": 1}


def test_what_came_while_the_storage_was_walked_is_not_missing(owner: User) -> None:
    """Nobody has seen it; the second look finds it, or finds that it is gone by right."""
    cast.finish(cast.submit(owner))
    assert missing.look(database_now(), Seen(0)) == {"missing_objects": 0}
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)
    assert missing.look(image.received_at, Seen(0)) == {"missing_objects": 0}
    assert missing.look(database_now(), Seen(0)) == {"missing_objects": 1}
    Blob.objects.filter(image=image).update(stored=False)
    assert missing.look(database_now(), Seen(0)) == {"missing_objects": 0}


def test_only_what_can_be_read_and_is_recorded_as_stored_is_asked_for_anew(owner: User) -> None:
    """One by one, with a lock each: not a million that are being erased."""
    live, due, erased, arriving, unstored = (cast.submit(owner) for _ in range(5))
    now = database_now() + SECOND
    cast.age(due, due.purge_at - now)
    erase.condemn(erased, now, Reason.ASKED_FOR)
    Image.objects.filter(pk=arriving.pk).update(life=Life.RECEIVING)
    Blob.objects.filter(image=unstored).update(stored=False)
    assert [blob.image_id for blob in missing._unseen(now, Seen(0))] == [live.pk]


def test_all_that_is_missing_is_found_in_pieces_in_whatever_order_it_came(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "BATCH", 2)
    images = [cast.submit(owner) for _ in range(3)]
    for image in reversed(images):
        Blob.objects.create(image=image, kind="mask.png", generation=1, stored=True)
        storage.shred_prefix(image.prefix)
    assert missing.look(database_now(), Seen(0)) == {"missing_objects": 6}


def test_what_is_erased_meanwhile_is_not_missing(owner: User) -> None:
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)
    (blob,) = missing._unseen(database_now(), Seen(0))
    erase.condemn(image, database_now(), Reason.ASKED_FOR)
    assert not missing._is_missing(blob)


def test_a_blob_that_was_given_up_meanwhile_is_not_missing_for_others_that_are_there(
    owner: User,
) -> None:
    cast.submit(owner)
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)
    (blob,) = missing._unseen(database_now(), _everything_but(image))
    Blob.objects.filter(image=image).update(stored=False)
    assert not missing._is_missing(blob)


def _everything_but(image: Image) -> Any:
    """What a walk has seen that passed this image by."""
    return {one.name for one in storage.walk_objects() if image.prefix not in one.name}
