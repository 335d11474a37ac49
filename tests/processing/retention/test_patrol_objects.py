"""What is stored against what is recorded, both ways."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from processing import storage
from processing.models import Blob, Image, Life, Pulse, Reason, VaultMark, database_now
from processing.retention import erase, gates, marks
from processing.retention import patrol as patrol_module
from processing.retention.patrol import erasing, findings, missing, objects, patrol
from processing.retention.patrol.layout import prefix_of
from processing.retention.patrol.seen import HASHES, Seen
from processing.storage import Stored
from processing.storage.objects import Unfinished
from tests import cast

pytestmark = pytest.mark.django_db
PREFIX = "ab" + "0" * 30
STRANGER = f"ab/{PREFIX}/1/original"
SECOND = timedelta(seconds=1)
AGE = settings.BUDGET.stranger_age
OLD = AGE + SECOND


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
    assert facts["stored_bytes"] == sum(one.size for one in storage.walk_objects()) > 1000
    assert facts["oldest_object_seconds"] < 60
    assert Pulse.objects.get(pk="patrol").facts == facts


def test_a_round_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """In thousandths of a second: nobody compares more of them."""
    clock = SimpleNamespace(monotonic=iter([1000.0, 1000.12345]).__next__)
    monkeypatch.setattr(patrol_module, "time", clock)
    monkeypatch.setattr(patrol_module, "LOOKS", ())
    assert look() == {"patrol_gaps": 0, "seconds": 0.123}


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
    caplog.clear()
    facts = look()
    assert (facts["unknown_objects"], facts["objects_erased"]) == (1, 1)
    assert stored() == []
    assert caplog.messages == [
        f"patrol: 1 objects under {PREFIX} that no image knows of are deleted",
        "patrol: unknown_objects: 1",
    ]
    assert findings(look()) == {}


def test_ages_have_to_be_exceeded(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, by the storage's own word; one object that is young spares the others."""
    put(STRANGER)
    put(f"ab/{PREFIX}/2/original")
    image = cast.submit(owner)
    now, moment = image.purge_at, timedelta(microseconds=1)
    walk = storage.walk_objects

    def found(ours: timedelta, *strangers: timedelta) -> dict[str, float]:
        ages = {image.prefix: iter([ours]), PREFIX: iter(strangers)}
        aged = [
            replace(one, modified_at=now - next(ages[prefix_of(one.name)]))
            for one in sorted(walk(), key=lambda one: one.name)
        ]
        monkeypatch.setattr(storage, "walk_objects", lambda: iter(aged))
        facts = objects.look(now)
        monkeypatch.setattr(storage, "walk_objects", walk)
        return {**findings(facts), "erased": facts["objects_erased"]}

    grace, age, day = AGE / 6, AGE, settings.RETENTION
    assert found(day, grace, grace) == {"erased": 0}
    assert found(day + moment, grace, grace + moment) == {
        "day_old_objects": 1,
        "unknown_objects": 1,
        "erased": 0,
    }
    assert found(day, age + moment, age) == {"unknown_objects": 2, "erased": 0}
    assert found(day, age + moment, age + moment) == {"unknown_objects": 2, "erased": 2}


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


def test_in_a_storage_that_is_swapped_while_it_is_walked_neither(
    owner: User, older: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A walk takes long. What was overdue there is made unreadable all the same."""
    image = overdue_image(owner)
    put(STRANGER)
    older(OLD)
    walk, before = storage.walk_objects, stored()

    def swapped() -> Iterator[Stored]:
        yield from walk()
        VaultMark.objects.update(mark="f" * 32)
        marks.forget()

    monkeypatch.setattr(storage, "walk_objects", swapped)
    assert look()["objects_erased"] == 0
    monkeypatch.setattr(storage, "walk_objects", walk)
    assert stored() == before
    image.refresh_from_db()
    assert image.wrapped_key is None


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
    assert caplog.messages == [
        f"patrol: image {image.pk} was overdue; 1 objects of it are deleted",
        "patrol: overdue_objects: 1",
    ]


def test_an_upload_that_broke_off_and_is_overdue_is_erased_as_one(owner: User) -> None:
    """As the sweeper would say it: its receipt says so."""
    image = overdue_image(owner)
    Image.objects.update(life=Life.RECEIVING)
    assert look()["objects_erased"] == 1
    image.refresh_from_db()
    assert (image.life, image.reason) == (Life.ERASING, Reason.BROKEN_OFF)


def test_a_due_image_is_not_overdue_up_to_the_alarm_itself(owner: User) -> None:
    image = cast.submit(owner)
    alarm = image.purge_at + settings.BUDGET.alarm
    assert objects.look(alarm)["overdue_objects"] == 0
    assert not erasing.erase_overdue(image.prefix, alarm)
    alarm += timedelta(microseconds=1)
    assert objects.look(alarm)["objects_erased"] == 1


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
    cast.submit(owner)
    assert findings(look()) == {"day_old_objects": 2}


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


def test_a_storage_that_refuses_is_tried_again_and_stays_an_alarm(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image = overdue_image(owner)
    put(STRANGER)

    def refuse(prefix: str) -> int:
        raise OSError("refused")

    monkeypatch.setattr(storage, "shred_prefix", refuse)
    facts = look(database_now() + OLD)
    assert (facts["overdue_objects"], facts["unknown_objects"]) == (1, 1)
    assert facts["objects_erased"] == 0
    for prefix in (image.prefix, PREFIX):
        assert f"patrol: what lies under {prefix} cannot be deleted" in caplog.messages
    image.refresh_from_db()
    assert image.life == Life.ERASING
    monkeypatch.undo()
    assert look(database_now() + OLD)["objects_erased"] == 2


def test_a_storage_that_is_away_is_told_and_keeps_no_other_look(
    owner: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away() -> Iterator[Stored]:
        raise OSError("away")

    monkeypatch.setattr(storage, "walk_objects", away)
    facts = look()
    assert findings(facts) == {"patrol_gaps": 1}
    assert "without_deadline" in facts
    assert "objects" not in facts
    assert [alarm.code for alarm in gates.alarms(database_now())] == ["patrol_gaps"]
    assert caplog.messages == ["the patrol could not look everywhere", "patrol: patrol_gaps: 1"]
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    assert findings(look()) == {"patrol_gaps": 2}


def test_a_filter_forgets_nothing_and_takes_little_for_seen() -> None:
    seen = Seen(5000)
    names = [f"name {number}" for number in range(10_000)]
    for name in names[:5000]:
        seen.add(name)
    assert all(name in seen for name in names[:5000])
    assert sum(name in seen for name in names[5000:]) < 100


def test_a_filter_takes_others_for_seen_each_time() -> None:
    """What one round passes by the next one finds."""
    names = [f"name {number}" for number in range(40_000)]
    taken = []
    for _ in range(2):
        seen = Seen(0)
        for name in names[:20_000]:
            seen.add(name)
        taken.append({name for name in names[20_000:] if name in seen})
    assert taken[0] != taken[1]
    assert 0.1 < len(taken[0]) / 20_000 < 0.4


def test_a_name_takes_four_bits_of_a_filter_at_most() -> None:
    seen = Seen(0)
    seen.add("name")
    assert 1 < int.from_bytes(seen._field).bit_count() <= HASHES


@pytest.mark.parametrize(
    ("expected", "bits"), [(0, 1 << 16), (4096, 1 << 16), (4097, 1 << 17), (10**9, 1 << 27)]
)
def test_a_filter_takes_sixteen_bits_for_each_within_bounds(expected: int, bits: int) -> None:
    assert len(Seen(expected)._field) == bits // 8


def test_large_batches_are_walked_in_pieces(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "BATCH", 2)
    for _ in range(3):
        cast.submit(owner)
    with CaptureQueriesContext(connection) as captured:
        assert look()["objects"] == 3
    asked = [query["sql"].partition('"prefix" IN (')[2] for query in captured.captured_queries]
    assert [prefixes.partition(")")[0].count(",") + 1 for prefixes in asked if prefixes] == [2, 1]


def test_a_new_storage_is_made_known_by_whoever_comes_first(owner: User) -> None:
    VaultMark.objects.all().delete()
    marks.forget()
    now = database_now()
    assert findings(look(now)) == {}
    assert VaultMark.objects.get().made_at == now


@pytest.mark.parametrize("ours", [True, False])
def test_what_never_ended_is_aborted_in_our_own_storage_alone(
    ours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not ours:
        VaultMark.objects.update(mark="f" * 32)
        marks.forget()
    asked: list[str] = []
    began = database_now() - OLD
    monkeypatch.setattr(erasing, "erase_unknown", asked.append)
    monkeypatch.setattr(
        storage, "pending_multiparts", lambda: iter([Unfinished(STRANGER, "id", began)])
    )
    assert look()["multiparts_pending"] == 1
    assert asked == ([PREFIX] if ours else [])


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
