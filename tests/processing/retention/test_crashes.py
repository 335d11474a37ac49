"""A sweeper that is killed between any two steps: the next sweep ends clean."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet

from accounts.models import User
from processing.models import Image, Reason, database_now
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, shred_prefix, vault
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """Like a kill: no `except Exception` on the way stops it."""


STEPS = {
    "before the key is destroyed": (Image, "save"),
    "after the key, before its commit": (QuerySet, "delete"),
    "before the first byte is deleted": (erase, "shred_prefix"),
    "between two bytes": (vault, "_shred_hidden"),
    "before the empty folders go": ("processing.storage.disk.DiskStorage", "delete_folders"),
}


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_sweep_is_finished_by_the_next(
    owner: User, monkeypatch: pytest.MonkeyPatch, step: str, after: int
) -> None:
    images = [cast.finish(cast.submit(owner)) for _ in range(2)]
    due = max(image.purge_at for image in images)
    holder, name = STEPS[step]
    target = f"{holder}.{name}" if isinstance(holder, str) else None
    with monkeypatch.context() as killing:
        kill = _killer(_real(holder, name), after)
        if target:
            killing.setattr(target, kill)
        else:
            killing.setattr(holder, name, kill)
        _sweep_until_killed(due)
    for image in Image.objects.all():
        if image.life == "erasing":
            with pytest.raises(KeyGone):
                image.open_key()
    sweep(due)
    assert not cast.stored_objects()
    sweep(due + erase.longest_job())
    assert cast.nothing_is_left()


def test_finishing_that_was_killed_before_its_last_row_is_finished_by_the_next(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.finish(cast.submit(owner))
    sweep(image.purge_at)
    later = image.purge_at + erase.longest_job()
    for after in range(3):
        with monkeypatch.context() as killing:
            killing.setattr(QuerySet, "delete", _killer(QuerySet.delete, after))
            _sweep_until_killed(later)
        assert Image.objects.filter(pk=image.pk).exists()  # What leads to the prefix goes last.
    sweep(later)
    assert cast.nothing_is_left()


def test_an_image_killed_while_it_is_erased_by_its_owner_is_finished_by_the_sweeper(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, now = cast.finish(cast.submit(owner)), database_now()
    with monkeypatch.context() as killing, pytest.raises(Killed):
        killing.setattr(erase, "shred_prefix", _killer(shred_prefix, 0))
        erase.begin(image, now, Reason.ASKED_FOR)
    assert len(cast.stored_objects()) == 7
    sweep(now)
    assert not cast.stored_objects()


def _sweep_until_killed(moment: Any) -> None:
    with pytest.raises(Killed):
        sweep(moment)


def _real(holder: Any, name: str) -> Callable[..., Any]:
    if isinstance(holder, str):
        module, _, kind = holder.rpartition(".")
        holder = getattr(__import__(module, fromlist=[kind]), kind)
    real: Callable[..., Any] = getattr(holder, name)
    return real


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
