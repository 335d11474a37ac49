"""What is stored against what is recorded, both ways."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.models import User
from processing import storage
from processing.models import Blob, Image, Life, Pulse, Reason, VaultMark, database_now
from processing.retention import gates, marks
from processing.retention.patrol import erasing, findings, missing, objects, patrol
from processing.retention.patrol.layout import prefix_of
from processing.retention.patrol.seen import Seen
from processing.storage import Stored
from tests import cast

pytestmark = pytest.mark.django_db
PREFIX = "ab" + "0" * 30
STRANGER = f"ab/{PREFIX}/1/original"
SECOND = timedelta(seconds=1)
OLD = settings.BUDGET.stranger_age + SECOND


@pytest.fixture(autouse=True)
def our_storage() -> None:
    assert marks.look_anew(database_now()) == marks.SAME


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Makes everything in the storage older, by the storage's own word."""
    walk = storage.walk_objects

    def age(by: timedelta) -> None:
        def aged() -> Iterator[Stored]:
            return (replace(one, modified_at=one.modified_at - by) for one in walk())

        monkeypatch.setattr(storage, "walk_objects", aged)

    return age


def put(name: str) -> None:
    storages["vault"].save(name, ContentFile(b"bytes"))


def stored() -> list[str]:
    return [one.name for one in storage.walk_objects()]


def look(now: datetime | None = None) -> dict[str, float]:
    return patrol(now or database_now())


def overdue_image(owner: User) -> Image:
    image = cast.submit(owner)
    cast.age(image, settings.RETENTION * 23 / 24 + settings.BUDGET.alarm + SECOND)
    image.refresh_from_db()
    return image


def test_a_site_as_it_should_be_has_no_findings(owner: User) -> None:
    cast.finish(cast.submit(owner))
    facts = look()
    assert findings(facts) == {}
    assert facts["objects"] == Blob.objects.filter(stored=True).count() == 5
    assert facts["stored_bytes"] > 1000
    assert facts["oldest_object_seconds"] < 60
    assert 0 < facts["seconds"] < 60
    assert Pulse.objects.get(pk="patrol").facts == facts


def test_what_no_image_knows_of_is_found_and_erased_once_it_is_old(
    older: Callable[[timedelta], None], caplog: pytest.LogCaptureFixture
) -> None:
    put(STRANGER)
    assert findings(look()) == {}  # Somebody may be at it this moment.
    older(settings.BUDGET.stranger_age / 6 + SECOND)
    facts = look()
    assert findings(facts) == {"unknown_objects": 1}
    assert stored() == [STRANGER]
    older(OLD)
    with caplog.at_level(logging.ERROR):
        facts = look()
    assert (facts["unknown_objects"], facts["objects_erased"]) == (1, 1)
    assert stored() == []
    assert f"1 objects under {PREFIX} that no image knows of are deleted" in caplog.text
    assert findings(look()) == {}


def test_what_is_found_adds_up_over_all_images_and_batches(
    owner: User, older: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "BATCH", 2)
    for _ in range(2):
        overdue_image(owner)
    for number in range(3):  # One each: a second one in the next batch would go with the first.
        put(f"ab/{PREFIX[:-1]}{number}/1/original")
    older(OLD)
    facts = look()
    assert (facts["unknown_objects"], facts["overdue_objects"]) == (3, 2)
    assert facts["objects_erased"] == 5
    assert facts["oldest_object_seconds"] >= OLD.total_seconds()
    assert stored() == []


@pytest.mark.parametrize("name", ["holiday/cat.jpg", f"ab/{PREFIX}/original", "ab/x", "note.txt"])
def test_what_does_not_lie_where_a_blob_would_is_found_and_left(
    name: str, older: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that somebody shares with us, or a layout of other times: a person decides."""
    monkeypatch.delattr(erasing, "erase_unknown")  # Nobody as much as asks for it.
    put(name)
    older(timedelta(days=30))
    assert findings(look()) == {"unknown_objects": 1}
    assert stored() == [name]


def test_in_another_site_s_storage_nothing_is_erased(
    owner: User, older: Callable[[timedelta], None]
) -> None:
    image = overdue_image(owner)
    put(STRANGER)
    before = stored()
    older(OLD)
    VaultMark.objects.update(mark="f" * 32)
    marks.forget()
    facts = look()
    assert (facts["unknown_objects"], facts["overdue_objects"]) == (1, 1)
    assert stored() == before
    image.refresh_from_db()
    assert image.life == Life.LIVE


def test_what_is_overdue_is_found_and_erased(owner: User, caplog: pytest.LogCaptureFixture) -> None:
    image = overdue_image(owner)
    with caplog.at_level(logging.ERROR):
        facts = look()
    assert (facts["overdue_objects"], facts["objects_erased"]) == (1, 1)
    assert stored() == []
    image.refresh_from_db()
    assert (image.life, image.reason) == (Life.ERASING, Reason.DEADLINE)
    assert image.objects_deleted == 1
    assert image.wrapped_key is None
    assert str(image.pk) in caplog.text


def test_what_is_due_is_the_sweeper_s_until_the_alarm(owner: User) -> None:
    image = cast.submit(owner)
    cast.age(image, settings.RETENTION * 23 / 24 + settings.BUDGET.alarm - 5 * SECOND)
    assert "overdue_objects" not in findings(look())
    image.refresh_from_db()
    assert image.life == Life.LIVE


def test_a_listing_is_not_believed_at_the_moment_of_erasing(owner: User) -> None:
    """What it called unknown or overdue can have come to be right, or was always."""
    image = cast.submit(owner)
    now = database_now()
    assert not erasing.erase_unknown(image.prefix)
    assert not erasing.erase_overdue(image.prefix, now)
    assert not erasing.erase_overdue(PREFIX, now)
    kept = kept_image(owner)
    assert not erasing.erase_overdue(kept.prefix, now)
    assert len(stored()) == 2


def kept_image(owner: User) -> Image:
    cast.opt_in(owner)
    image = cast.submit(owner)
    assert image.kept
    cast.age(image, timedelta(days=30))
    image.refresh_from_db()
    return image


def test_what_an_opt_in_keeps_is_neither_overdue_nor_old(
    owner: User, older: Callable[[timedelta], None]
) -> None:
    image = kept_image(owner)
    older(timedelta(days=30))
    facts = look()
    assert findings(facts) == {}
    assert (facts["objects"], facts["oldest_object_seconds"]) == (1, 0)
    image.refresh_from_db()
    assert image.life == Life.LIVE


def test_an_opt_in_that_ended_lets_go_from_then_on(
    owner: User, older: Callable[[timedelta], None]
) -> None:
    image = kept_image(owner)
    older(timedelta(days=30))
    cast.opt_out(owner)
    assert findings(look()) == {}
    facts = look(database_now() + settings.BUDGET.alarm + SECOND)
    assert facts["overdue_objects"] == 1
    image.refresh_from_db()
    assert image.reason == Reason.CONSENT_WITHDRAWN


def test_what_is_stored_for_a_day_is_told_whatever_its_row_says(
    owner: User, older: Callable[[timedelta], None]
) -> None:
    image = cast.submit(owner)
    older(settings.RETENTION + SECOND)
    assert findings(look()) == {"day_old_objects": 1}
    image.refresh_from_db()
    assert image.life == Life.LIVE


def test_what_is_recorded_and_not_stored_is_missing(
    owner: User, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)
    with caplog.at_level(logging.ERROR):
        assert findings(look()) == {"missing_objects": 1}
    assert f"original of image {image.pk} is recorded and not in the storage" in caplog.text


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


def test_a_storage_that_refuses_is_tried_again_and_stays_an_alarm(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = overdue_image(owner)
    put(STRANGER)

    def refuse(prefix: str) -> int:
        raise OSError("refused")

    monkeypatch.setattr(storage, "shred_prefix", refuse)
    facts = look(database_now() + OLD)
    assert (facts["overdue_objects"], facts["unknown_objects"]) == (1, 1)
    assert facts["objects_erased"] == 0
    image.refresh_from_db()
    assert image.life == Life.ERASING
    monkeypatch.undo()
    assert look(database_now() + OLD)["objects_erased"] == 2


def test_a_storage_that_is_away_is_told_and_keeps_no_other_look(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Iterator[Stored]:
        raise OSError("away")

    monkeypatch.setattr(storage, "walk_objects", away)
    facts = look()
    assert findings(facts) == {"patrol_gaps": 1}
    assert "without_deadline" in facts
    assert "objects" not in facts
    assert [alarm.code for alarm in gates.alarms(database_now())] == ["patrol_gaps"]


def test_a_filter_forgets_nothing_and_takes_little_for_seen() -> None:
    seen = Seen(5000)
    names = [f"name {number}" for number in range(10_000)]
    for name in names[:5000]:
        seen.add(name)
    assert all(name in seen for name in names[:5000])
    assert sum(name in seen for name in names[5000:]) < 100


@pytest.mark.parametrize(
    ("expected", "bits"), [(0, 1 << 16), (4096, 1 << 16), (4097, 1 << 17), (10**9, 1 << 27)]
)
def test_a_filter_takes_sixteen_bits_for_each_within_bounds(expected: int, bits: int) -> None:
    assert len(Seen(expected)._field) == bits // 8


def test_large_batches_are_walked_in_pieces(
    owner: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(objects, "BATCH", 2)
    for _ in range(3):
        cast.submit(owner)
    assert look()["objects"] == 3


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        (STRANGER, PREFIX),
        (f"ab/{PREFIX}/12/cutout.png", PREFIX),
        (f"cd/{PREFIX}/0/original", ""),
        (f"ab/{PREFIX.upper()}/0/original", ""),
        (f"ab/{PREFIX}/0/a/b", ""),
        (f"ab/{PREFIX}/x/original", ""),
        (f"ab/{PREFIX}0/0/original", ""),
        (f"/ab/{PREFIX}/0/original", ""),
    ],
)
def test_the_layout_is_exact(name: str, prefix: str) -> None:
    assert prefix_of(name) == prefix
