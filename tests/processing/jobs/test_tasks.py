"""What follows what: a worker that has worked rings again, a sweep also brings back lost jobs."""

from datetime import timedelta

import pytest

from accounts.models import User
from processing import tasks
from processing.models import Image, Job, JobState, Receipt, database_now
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(tasks, "ring", lambda model="": heard.append(model))
    return heard


def test_a_worker_rings_again_while_jobs_wait(owner: User, rings: list[str]) -> None:
    cast.submit(owner)
    cast.submit(owner)
    rings.clear()
    tasks.work()
    assert len(rings) == 1
    tasks.work()
    assert len(rings) == 1
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_a_sweep_task_erases_and_brings_back(owner: User, rings: list[str]) -> None:
    due, stuck = cast.submit(owner), cast.submit(owner)
    cast.age(due, timedelta(hours=23))
    past = database_now() - timedelta(minutes=1)
    Job.objects.filter(image=stuck).update(state=JobState.RUNNING, attempts=1, lease_until=past)
    rings.clear()
    tasks.sweep()
    assert not Image.objects.filter(pk=due.pk).exists()
    assert Receipt.objects.get().image_id == due.pk
    assert Job.objects.get(image=stuck).state == JobState.QUEUED
    assert len(rings) == 1
