"""Uploads in parts that never ended, as a storage lists them (a real one: tests/promises/)."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from accounts.models import User
from processing import storage
from processing.models import database_now
from processing.retention.patrol import erasing, multiparts
from processing.storage.objects import Unfinished
from tests import cast

pytestmark = pytest.mark.django_db
PREFIX = "ab" + "0" * 30
AGE = settings.BUDGET.stranger_age


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prefixes that the patrol wants to have erased."""
    prefixes: list[str] = []
    monkeypatch.setattr(erasing, "erase_unknown", prefixes.append)
    return prefixes


def look(
    monkeypatch: pytest.MonkeyPatch, began: dict[str, datetime], now: datetime, **how: bool
) -> dict[str, float]:
    found = [Unfinished(name, "id", at) for name, at in began.items()]
    monkeypatch.setattr(storage, "pending_multiparts", lambda: iter(found))
    return multiparts.look(now, **{"may_erase": True} | how)


def name_of(prefix: str) -> str:
    return f"{prefix[:2]}/{prefix}/1/original"


def test_without_any_there_is_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    assert look(monkeypatch, {}, database_now()) == {"multiparts_pending": 0}
    assert asked == []


def test_those_that_no_image_waits_for_are_aborted_once_they_are_old(
    owner: User, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    now = database_now()
    image = cast.submit(owner)
    began = {
        name_of(PREFIX): now - AGE - timedelta(seconds=1),
        name_of(PREFIX[:-1] + "1"): now - AGE,  # Somebody can be at it.
        name_of(image.prefix): now - AGE * 2,  # It ends with its image.
        "elsewhere/of/somebody": now - AGE * 2,  # Not where anything of ours would be.
    }
    assert look(monkeypatch, began, now) == {"multiparts_pending": 4}
    assert asked == [PREFIX]


def test_in_another_site_s_storage_none_is_aborted(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    now = database_now()
    old = {name_of(PREFIX): now - AGE * 2}
    assert look(monkeypatch, old, now, may_erase=False) == {"multiparts_pending": 1}
    assert asked == []
