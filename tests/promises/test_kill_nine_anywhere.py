"""Promise 5, everywhere: `kill -9` at every place where something has been done and something not.

A process of its own receives, works, erases, withdraws, shortens or closes, and is killed at the
point that the test is named after. After that the site goes on as it does after any crash: no job
is lost, nothing is there twice, nothing is left, and what somebody was told is so.
"""

import base64
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as site

from accounts import consent
from accounts.models import Action, AuditEntry, User
from processing.access import find_image
from processing.jobs.claim import LEASE
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, Job, JobState, Life, Reason, Receipt, database_now
from processing.retention import erase, receipts
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, epochs_alive, grants_alive, stored_names
from tests import cast, photos
from tests.promises import points, residue
from tests.promises.killer import Killer, Point, killer
from tests.promises.processes import environment
from tests.promises.scale import pick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
RUNS = range(pick(1, 25))
SECOND = timedelta(seconds=1)
KILLED: Counter[str] = Counter()


@pytest.fixture(scope="module")
def warm(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Killer]:
    with killer(environment(), tmp_path_factory.mktemp("killer")) as warm:
        yield warm


Die = Callable[..., None]


@pytest.fixture
def die(warm: Killer, request: pytest.FixtureRequest) -> Die:
    def die(point: Point, **facts: object) -> None:
        warm.die(point, **facts)
        KILLED[f"{request.node.originalname}: {point.name}"] += 1

    return die


def at(found: list[Point]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("point", found, ids=[point.name for point in found])


@at(points.receiving())
def test_receiving(owner: User, warm: Killer, die: Die, point: Point) -> None:
    for _ in RUNS:
        photo, name, key = _draw(), f"grandma-{uuid4().hex}.png", uuid4().hex
        sent = {"user": str(owner.pk), "photo": base64.b64encode(photo).decode(), "name": name}
        die(point, **sent, key=key)
        # Whoever sent it heard nothing, and sends it again with the same key.
        answered = UUID(warm.do("receive", **sent, key=key))
        assert Image.objects.get(life=Life.LIVE).pk == answered
        assert Job.objects.get().image_id == answered
        assert _noted(Action.IMAGE_UPLOADED) == [answered]
        _jobs_end_well(warm, answered)
        assert residue.find(residue.MAGIC, _vault()) == []
        _nothing_is_left_after_the_deadline(name, photo)


def _draw() -> bytes:
    """Large enough to come in several pieces, with pixels that no other photo has."""
    return photos.pad(residue.draw_marked(), 400_000)


def _vault() -> Path:
    return Path(site.STORAGES["vault"]["OPTIONS"]["location"])


def _noted(action: Action) -> list[UUID | None]:
    return list(AuditEntry.objects.filter(action=action).values_list("image_id", flat=True))


def _jobs_end_well(warm: Killer, *images: UUID) -> None:
    """After the leases have run out every job ends, with one set of results and nothing beside."""
    warm.do("recover", now=(database_now() + LEASE + SECOND).isoformat())
    assert not Job.objects.exclude(state=JobState.DONE, lease_until=None).exists()
    for image in Image.objects.filter(pk__in=images):
        stored = Blob.objects.filter(image=image, stored=True)
        assert sorted(stored.values_list("kind", flat=True)) == sorted(("original", *RESULT_KINDS))
        assert len(stored_names(image.prefix)) == len(RESULT_KINDS) + 1


def _nothing_is_left_after_the_deadline(*marked: str | bytes) -> None:
    rows = list(Image.objects.all())
    there = {image.pk for image in rows} | set(Receipt.objects.values_list("image_id", flat=True))
    last = max((image.purge_at for image in rows), default=database_now())
    _sweep(last)
    assert not Image.objects.exclude(life=Life.ERASING).exists()
    assert not cast.stored_objects()
    _sweep(last + site.BUDGET.keys)
    assert cast.nothing_is_left()
    assert not Job.objects.exists()
    assert not [end for end in epochs_alive() if end <= last.timestamp()]
    assert sorted(Receipt.objects.values_list("image_id", flat=True)) == sorted(there)
    walked = receipts.verify_all()
    assert (walked.broken, walked.count) == (0, len(there))
    assert _residue(*marked) == []


def _sweep(now: datetime) -> None:
    assert sweep(now).failed == 0


def _residue(*marked: str | bytes) -> list[str]:
    needles: dict[str, bytes] = {}
    for one in marked:
        text = isinstance(one, str)
        needles |= residue.needles_of_name(one) if text else residue.needles_of_content("it", one)
    hits = residue.find(needles, Path(site.DATA_DIR), _vault())
    return hits + residue.find_in_tables(needles) + residue.find_in_messages(needles)
