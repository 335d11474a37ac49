"""A storage that is patrolled: what lies in it, how old that is, what the patrol says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.models import User
from processing import storage
from processing.models import Image, database_now
from processing.retention import marks
from processing.retention.patrol import patrol
from processing.storage import Stored
from tests import cast

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


def kept_image(owner: User) -> Image:
    cast.opt_in(owner)
    image = cast.submit(owner)
    assert image.kept
    cast.age(image, timedelta(days=30))
    image.refresh_from_db()
    return image
