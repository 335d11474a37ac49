"""Promise 6: a worker that finishes late stores nothing for an image that is due or erased."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from processing import tasks
from processing.engine import encode, load_matter
from processing.jobs import run
from processing.jobs.heartbeat import Heartbeat
from processing.models import Image, Job, Reason, database_now
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import stored_names
from tests import cast
from tests.promises.processes import CELERY, PLAN, plan, running, wait_until


def _delete(owner: User, image: Image) -> None:
    assert cast.browser(owner).delete(f"/images/{image.pk}/").status_code == 204


def _select_and_erase(owner: User, image: Image) -> None:
    cast.browser(owner).post("/images/erase/", {"id": [str(image.pk)]})


def _sweep_at_the_deadline(owner: User, image: Image) -> None:
    cast.age(image, timedelta(hours=23))
    sweep(database_now())


def _erase_wholly(owner: User, image: Image) -> None:
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    erase.finish(image, database_now() + erase.longest_job())


ERASED = [_delete, _select_and_erase, _sweep_at_the_deadline, _erase_wholly]


@pytest.fixture(autouse=True)
def warm(monkeypatch: pytest.MonkeyPatch) -> None:
    matter = load_matter("synthetic", Path(), device="cpu", threads=1)
    heart = Heartbeat(matter.name, matter.version, matter.provider)
    monkeypatch.setattr(run, "warm", lambda *_: (matter, heart))


@pytest.mark.parametrize("erased", ERASED)
def test_what_was_erased_in_mid_job_stays_erased(
    owner: User, monkeypatch: pytest.MonkeyPatch, erased: Callable[[User, Image], None]
) -> None:
    image = cast.submit(owner)

    def encode_late(cutout: Any, kind: str) -> bytes:
        if kind == "mask.png":
            erased(owner, image)
        return encode(cutout, kind)

    monkeypatch.setattr(run, "encode", encode_late)
    run.run_next()
    assert not cast.stored_objects()
    assert not Job.objects.exists()
    sweep(database_now() + erase.longest_job())
    assert cast.nothing_is_left()


@pytest.mark.parametrize("erased", ERASED)
def test_a_message_for_what_is_gone_does_nothing(
    owner: User, erased: Callable[[User, Image], None]
) -> None:
    image = cast.submit(owner)
    erased(owner, image)
    for _ in range(2):
        tasks.work()
    assert not cast.stored_objects()


def test_a_message_that_comes_twice_changes_nothing(owner: User) -> None:
    image = cast.submit(owner)
    tasks.work()
    before = (stored_names(image.prefix), Job.objects.get().finished_at)
    tasks.work()
    assert (stored_names(image.prefix), Job.objects.get().finished_at) == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_that_wakes_up_late_stores_nothing(owner: User, tmp_path: Path) -> None:
    plan("cutout.png:nap")
    image = cast.submit(owner)
    with running(CELERY, tmp_path):
        wait_until(PLAN.with_name("reached").exists, 60, "the engine works")
        assert len(stored_names(image.prefix)) == 4
        _delete(owner, image)
        assert not cast.stored_objects()
        PLAN.unlink()
        later = cast.submit(owner)
        wait_until(lambda: Job.objects.get().state == "done", 60, "it serves the next one")
        assert cast.stored_objects() == stored_names(later.prefix)
