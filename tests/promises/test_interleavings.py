"""Promises 4 and 6, whoever comes in between: deletion against all that can happen to an image.

Two or three threads, each with a database connection of its own, go on in turns, from one place to
the next: before and after locks, commits, and what is stored or deleted. All pairs of places are
tried, and many turns at random. Whatever the order: who was told that an image is erased was told
the truth, nothing of it is left or comes back, and there is one receipt.
"""

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from accounts.models import User
from processing.engine import Limits, Options, cut_out, load_matter
from processing.jobs import results, run
from processing.models import Blob, Image, Job, Receipt, database_now
from processing.retention import receipts
from processing.retention.sweeper import sweep
from processing.views import image as image_view
from tests import cast, photos
from tests.promises import encounters
from tests.promises.encounters import Encounter
from tests.promises.scale import PROVING, pick
from tests.promises.turns import Choose, Stage, pause, stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ORDERS = pick(32, 1_250)  # Of each encounter.
SWEEP_EVERY = 50
Make = Callable[[User], Encounter]


@pytest.fixture(autouse=True)
def quick_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's part takes no time, there are two results, and every piece read is looked at."""
    matter = load_matter("synthetic", Path(), device="cpu", threads=1)
    cutout = cut_out(photos.draw(), Options(), matter, Limits())
    heart = type("Heart", (), {"watch": lambda *_: None, "check": lambda *_: None})()

    def think(*_: Any) -> Any:
        pause("in the model")
        return cutout

    monkeypatch.setattr(run, "warm", lambda: (matter, heart))
    monkeypatch.setattr(run, "cut_out", think)
    monkeypatch.setattr(run, "fits", lambda kind, *_: kind in results.RESULT_KINDS[:2])
    monkeypatch.setattr(run, "encode", lambda *_: b"RIFF....WEBP")
    monkeypatch.setattr(image_view, "read_blob", encounters.read_in_pieces)
    monkeypatch.setattr(image_view, "LOOK_EVERY", 0.0)


@pytest.fixture
def chance() -> random.Random:
    """The same orders in every quick run, others in every long one."""
    seed = random.SystemRandom().randrange(2**32) if PROVING else 20
    print(f"\nseed {seed}")
    return random.Random(seed)


@pytest.mark.parametrize("make", encounters.EVERY, ids=lambda make: make.__name__)
def test_a_deletion_meets(owner: User, make: Make, chance: random.Random) -> None:
    tried, violations = try_all(owner, make, chance, ORDERS)
    print(f"{tried.total()} orders of {len(tried)} kinds, {len(violations)} violations")
    assert violations == []


def try_all(
    user: User, make: Make, chance: random.Random, most: int
) -> tuple[Counter[tuple[str, ...]], list[str]]:
    tried: Counter[tuple[str, ...]] = Counter()
    violations: list[str] = []
    names = list(make(user).acts)
    with stage(*names) as opened:
        lengths = _lengths(opened, make(user))
        images = list(Image.objects.values_list("pk", flat=True))
        for choose in itertools.islice(_orders(lengths, chance, most), most):
            meeting = make(user)
            images.append(meeting.image.pk)
            played = opened.play(meeting.acts, choose)
            tried[tuple(played.turns)] += 1
            violations += [f"{one} after {played.turns}" for one in meeting.violations(played)]
            if tried.total() % SWEEP_EVERY == 0:
                violations += _after_the_sweep(images)
    return tried, violations + _after_the_sweep(images)


def _lengths(opened: Stage, meeting: Encounter) -> dict[str, int]:
    """How many places each comes to when nobody is in its way."""
    played = opened.play(meeting.acts, _follow(list(meeting.acts)))
    return Counter(turn.partition(":")[0] for turn in played.turns)


def _orders(lengths: dict[str, int], chance: random.Random, most: int) -> Iterator[Choose]:
    """All pairs of places, as far as there is room for them, and as many at random at least."""
    pairs = [
        [first] * i + [second] * j + [last] * 1000
        for first, second in itertools.permutations(lengths, 2)
        for i in range(1, lengths[first] + 1)
        for j in range(1, lengths[second] + 1)
        for last in (first, second)
    ]
    chance.shuffle(pairs)
    yield from (_follow(pair) for pair in pairs[: most // 2])
    while True:
        yield chance.choice


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
    for later in (timedelta(minutes=5), site.BUDGET.keys):
        sweep(now + later)
    found = [f"left: {name}" for name in cast.stored_objects()]
    for table in (Image, Blob, Job):
        found += [f"left: {row}" for row in table.objects.all()]
    written = sorted(Receipt.objects.values_list("image_id", flat=True))
    if written != sorted(images):
        found.append(f"{len(written)} receipts of {len(images)} images")
    if receipts.verify_all().broken:
        found.append("the chain of receipts is broken")
    return found
