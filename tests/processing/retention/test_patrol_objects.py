"""What is stored and should not be: unknown, overdue, older than a day."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings

from accounts.models import User
from processing import storage
from processing.models import Blob, Image, Life, Pulse, Reason, database_now
from processing.retention.patrol import erasing, findings, objects
from processing.retention.patrol.layout import prefix_of
from tests import cast
from tests.processing.retention.patrolled import (
    AGE,
    OLD,
    PREFIX,
    SECOND,
    STRANGER,
    kept_image,
    look,
    older,
    our_storage,
    overdue_image,
    put,
    stored,
)

__all__ = ["older", "our_storage"]
pytestmark = pytest.mark.django_db


def test_a_site_as_it_should_be_has_no_findings(owner: User) -> None:
    cast.finish(cast.submit(owner))
    facts = look()
    assert findings(facts) == {}
    assert facts["objects"] == Blob.objects.filter(stored=True).count() == 5
    assert facts["stored_bytes"] == sum(one.size for one in storage.walk_objects()) > 1000
    assert facts["oldest_object_seconds"] < 60
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
