"""Promises 4 and 6, whoever comes in between: deletion against all that can happen to an image.

Two or three threads, each with a database connection of its own, go on in turns, from one place to
the next: before and after locks, commits, and what is stored or deleted. All pairs of places are
tried, and many turns at random. Whatever the order: who was told that an image is erased was told
the truth, nothing of it is left or comes back, and there is one receipt.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection

from accounts.models import User
from processing.engine import Limits, Options, cut_out, load_matter
from processing.flows import close_account, reading
from processing.jobs import results, run
from processing.jobs.claim import Claim, ClaimLost
from processing.models import Blob, Edit, Image, Job, Life, Receipt, database_now
from processing.retention import receipts
from processing.retention.sweeper import sweep
from processing.views import image as image_view
from tests import cast, photos
from tests.promises import encounters
from tests.promises.encounters import Encounter
from tests.promises.scale import PROVING, pick
from tests.promises.turns import Choose, pause, stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SWEEP_EVERY = 50
ENOUGH = 1000  # Turns, to come to an end.
Make = Callable[[User], Encounter]


@pytest.fixture(autouse=True)
def quick_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's part takes no time, there are two results, and every piece read is looked at."""
    matter = load_matter("synthetic", Path(), device="cpu", threads=1)
    cutout = cut_out(photos.draw(), Options(), matter, Limits())
    heart = SimpleNamespace(
        watch=lambda *_: None, check=lambda: None, load=SimpleNamespace(add=lambda *_: None)
    )

    def think(*_: Any) -> Any:
        pause("in the model")
        return cutout

    monkeypatch.setattr(run, "warm", lambda *_: (matter, heart))
    monkeypatch.setattr(run, "cut_out", think)
    monkeypatch.setattr(run, "fits", lambda kind, *_: kind in results.RESULT_KINDS[:2])
    monkeypatch.setattr(run, "encode", lambda *_: b"RIFF....WEBP")
    made = SimpleNamespace(content=b"RIFF....WEBP")
    monkeypatch.setattr(run, "reopen", think)
    monkeypatch.setattr(run, "render", lambda *_: made)
    monkeypatch.setattr(image_view, "read_blob", encounters.read_in_pieces)
    monkeypatch.setattr(reading, "LOOK_EVERY", 0.0)


@pytest.fixture
def most(vault: str) -> int:
    """So many orders of each encounter: 10,000 in all."""
    return pick(32, 1_120 if vault == "folder" else 100)


@pytest.fixture
def chance() -> random.Random:
    """The same orders in every quick run, others in every long one."""
    seed = random.SystemRandom().randrange(2**32) if PROVING else 20
    print(f"\nseed {seed}")
    return random.Random(seed)


@pytest.mark.parametrize("make", encounters.EVERY, ids=lambda make: make.__name__)
def test_a_deletion_meets(owner: User, make: Make, chance: random.Random, most: int) -> None:
    tried, violations = try_all(owner, make, lambda lengths: _orders(lengths, chance, most))
    print(
        f"{tried.total()} orders tried, {len(tried)} different ones: {len(violations)} violations"
    )
    assert not violations, "\n".join(violations)


def test_a_closing_meets_a_deletion_of_what_came_late(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both lock several images, in one order: none is in the other's way for good."""
    monkeypatch.setattr(close_account, "erase_images", lambda *_, **__: [])
    make = encounters.a_closing_with_more
    tried, violations = try_all(owner, make, lambda _: _interruptions("closing", range(8, 28, 2)))
    print(f"{tried.total()} orders with several photos: {len(violations)} violations")
    assert not violations, "\n".join(violations)


def try_all(
    user: User, make: Make, orders: Callable[[dict[str, int]], Iterable[Choose]]
) -> tuple[Counter[tuple[str, ...]], list[str]]:
    """The turns that came of it, and what was not as it has to be."""
    tried: Counter[tuple[str, ...]] = Counter()
    violations: list[str] = []
    first = make(user)
    images = [image.pk for image in (first.image, *first.more)]
    with stage(*first.acts) as opened:
        opened.play(first.acts, min)
        lengths = {}
        for name in first.acts:
            meeting = make(user)
            images += [image.pk for image in (meeting.image, *meeting.more)]
            played = opened.play(meeting.acts, _follow([name] * ENOUGH))
            lengths[name] = sum(turn.startswith(f"{name}:") for turn in played.turns)
        for choose in orders(lengths):
            meeting = make(user)
            images += [image.pk for image in (meeting.image, *meeting.more)]
            played = opened.play(meeting.acts, choose)
            tried[tuple(played.turns)] += 1
            violations += [f"{one} after {played.turns}" for one in meeting.violations(played)]
            if tried.total() % SWEEP_EVERY == 0:
                violations += _after_the_sweep(images)
    return tried, violations + _after_the_sweep(images)


def _orders(lengths: dict[str, int], chance: random.Random, most: int) -> Iterator[Choose]:
    """All pairs of places, as far as there is room for them, and as many at random at least."""
    pairs = [
        [first] * i + [second] * j + [last] * ENOUGH
        for first, second in itertools.permutations(lengths, 2)
        for i in range(1, lengths[first] + 1)
        for j in range(1, lengths[second] + 1)
        for last in (first, second)
    ]
    chance.shuffle(pairs)
    chosen = pairs[: most // 2]
    yield from (_follow(pair) for pair in chosen)
    yield from itertools.repeat(chance.choice, most - len(chosen))


def _follow(turns: list[str]) -> Choose:
    """Whoever waits or has ended loses the turn."""
    left = list(turns)

    def choose(ready: Sequence[str]) -> str:
        while left:
            if (name := left.pop(0)) in ready:
                return name
        return ready[0]

    return choose


def _after_the_sweep(images: Sequence[Any]) -> list[str]:
    """Nothing lives under an erased image, and each has its receipt."""
    now = max(Image.objects.values_list("purge_at", flat=True), default=database_now())
    for later in (site.BUDGET.swept, site.BUDGET.keys):
        sweep(now + later)
    found = [f"left: {name}" for name in cast.stored_objects()]
    for table in (Image, Blob, Job, Edit):
        found += [f"left: {row}" for row in table.objects.all()]
    written = sorted(Receipt.objects.values_list("image_id", flat=True))
    if written != sorted(images):
        found.append(f"{len(written)} receipts of {len(images)} images")
    if receipts.verify_all().broken:
        found.append("the chain of receipts is broken")
    return found


def test_a_look_in_place_of_the_lock_is_found_out(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the silence above would mean nothing: a worker that does as is often done."""
    store = results.store

    def look_and_store(claim: Claim, *args: Any) -> None:
        if not Image.objects.filter(pk=claim.image.pk, life=Life.LIVE).exists():
            raise ClaimLost
        store(claim, *args)

    monkeypatch.setattr(results, "lock", lambda claim, now: claim.job)
    monkeypatch.setattr(results, "store", look_and_store)
    tried, violations = try_all(owner, encounters.a_running_job, _of_a_worker)
    print(f"{tried.total()} orders with a worker that only looks: {len(violations)} violations")
    assert violations  # A job or bytes under an erased image: which, the moment decides.


def test_a_look_within_the_transaction_is_no_lock(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where transactions run beside each other. On SQLite none that writes does."""

    def look(claim: Claim, now: datetime) -> Job:
        if not Image.objects.filter(pk=claim.image.pk, life=Life.LIVE, purge_at__gt=now).exists():
            raise ClaimLost
        return claim.job

    monkeypatch.setattr(results, "lock", look)
    tried, violations = try_all(owner, encounters.a_running_job, _of_a_worker)
    print(f"{tried.total()} orders with a worker that does not lock: {len(violations)} violations")
    assert bool(violations) == (connection.vendor == "postgresql")


def _interruptions(name: str, places: Iterable[int]) -> Iterator[Choose]:
    """The whole deletion, at each of these places of somebody else."""
    for place in places:
        yield _follow([name] * place + ["deletion"] * ENOUGH)


def _of_a_worker(lengths: dict[str, int]) -> Iterator[Choose]:
    return _interruptions("worker", range(1, lengths["worker"] + 1))
