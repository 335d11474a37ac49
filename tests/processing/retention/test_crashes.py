"""A sweeper that is killed between any two steps: the next sweep ends clean."""

import contextlib
import importlib
import os
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.models import Action, AuditEntry, User
from processing.flows.erase import erase_images
from processing.models import Blob, Image, Job, Life, Reason, Receipt, database_now
from processing.retention import backoff, claims, erase
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, shred_many
from tests import cast

Receipts = type(Receipt.objects)

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """Like a kill: no `except Exception` on the way stops it."""


# Where it strikes, and how many times the real thing happens before.
STEPS = {
    "before the key is destroyed": (QuerySet, "update"),
    "after the key, before its commit": (QuerySet, "delete"),
    "before it is noted": ("processing.retention.claims", "_note"),
    "before it is taken": ("processing.retention.claims", "take"),
    "before the first byte is deleted": ("processing.retention.erase", "shred_many"),
    "between two bytes": (os, "unlink"),
    "before the empty folders go": (os, "rmdir"),
    "before it is written down that the bytes are gone": ("processing.retention.erase", "_record"),
    "before the rows go": ("processing.retention.erase", "_remove"),
    "before the receipt": ("processing.retention.receipts", "write"),
    "after the receipt, before its commit": (Receipts, "bulk_create"),
    "before the pulse": ("processing.retention.pulse", "beat"),
}


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_sweep_is_finished_by_the_next(
    owner: User, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    monkeypatch.setattr(claims, "BATCH", 1)
    images = [cast.finish(cast.submit(owner)) for _ in range(2)]
    due = max(image.purge_at for image in images)
    holder, name = STEPS[step]
    holder = importlib.import_module(holder) if isinstance(holder, str) else holder
    with monkeypatch.context() as killing:
        killing.setattr(holder, name, _killer(getattr(holder, name), after))
        killed = _sweep_until_killed(due)
    assert killed or after, "nothing is proved by a step that was never reached"
    for image in Image.objects.filter(life=Life.ERASING):
        with pytest.raises(KeyGone):
            image.open_key()
    _end_clean(due, images)


def _end_clean(due: datetime, images: list[Image]) -> None:
    """The next sweeps: one that may have to leave something to the one that was killed."""
    sweep(due)
    sweep(due + 2 * backoff.lease())
    assert cast.nothing_is_left()
    assert not Job.objects.exists()
    receipts = Receipt.objects.order_by("number")
    assert sorted(receipt.image_id for receipt in receipts) == sorted(one.pk for one in images)
    assert [receipt.number for receipt in receipts] == list(range(1, len(images) + 1))
    expired = AuditEntry.objects.filter(action=Action.IMAGE_EXPIRED)
    assert expired.count() == len(images)


@pytest.mark.parametrize("after", range(4))
def test_rows_go_together_with_their_receipt_or_not_at_all(
    owner: User, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    images = [cast.finish_with_renderings(cast.submit(owner)) for _ in range(2)]
    now = database_now()
    for image in images:
        erase.begin(image, now, Reason.DEADLINE)
    with monkeypatch.context() as killing:
        killing.setattr(QuerySet, "delete", _killer(QuerySet.delete, after))
        with contextlib.suppress(Killed):
            erase.work(list(Image.objects.all()), now)
    assert (Image.objects.count(), Receipt.objects.count()) in {(2, 0), (0, 2)}
    assert Blob.objects.count() == 7 * Image.objects.count()


def test_an_image_killed_while_it_is_erased_by_its_owner_is_finished_by_the_sweeper(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, now = cast.finish_with_renderings(cast.submit(owner)), database_now()
    with monkeypatch.context() as killing, pytest.raises(Killed):
        killing.setattr(erase, "shred_many", _killer(shred_many, 0))
        erase_images([image], by=cast.at_page(owner))
    assert len(cast.stored_objects()) == 7
    assert Image.objects.get().wrapped_key is None
    sweep(now)
    assert cast.stored_objects(), "left to whoever began, who can be alive"
    sweep(database_now() + backoff.lease())
    assert cast.nothing_is_left()
    assert Receipt.objects.get().reason == Reason.ASKED_FOR


def _sweep_until_killed(moment: datetime) -> bool:
    try:
        sweep(moment)
    except Killed:
        return True
    return False


def _killer(real: Callable[..., Any], after: int) -> Callable[..., Any]:
    """Does the real thing `after` times, then is killed."""
    calls = 0

    def step(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return real(*args, **kwargs)

    return step
