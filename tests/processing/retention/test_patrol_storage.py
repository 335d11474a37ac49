"""A patrol of a storage that refuses, is away, is new, is another, is large."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from processing import storage
from processing.models import Life, VaultMark, database_now
from processing.retention import gates, marks
from processing.retention import patrol as patrol_module
from processing.retention.patrol import erasing, findings, objects
from processing.retention.patrol.layout import prefix_of
from processing.storage import Stored
from processing.storage.objects import Unfinished
from tests import cast
from tests.processing.retention.patrolled import (
    OLD,
    PREFIX,
    STRANGER,
    look,
    older,
    our_storage,
    overdue_image,
    put,
    stored,
)

__all__ = ["older", "our_storage"]
pytestmark = pytest.mark.django_db


def test_a_round_says_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    """In thousandths of a second: nobody compares more of them."""
    clock = SimpleNamespace(monotonic=iter([1000.0, 1000.12345]).__next__)
    monkeypatch.setattr(patrol_module, "time", clock)
    monkeypatch.setattr(patrol_module, "LOOKS", ())
    assert look() == {"patrol_gaps": 0, "seconds": 0.123}


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
