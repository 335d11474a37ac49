"""Routing: a job waits for a worker that serves its model, and every one of those is told."""

from datetime import timedelta

import pytest
from django.conf import settings as site
from pytest_django import Settings

from accounts.models import User
from processing import tasks
from processing.jobs import warm as warm_module
from processing.jobs.claim import claim_next
from processing.jobs.run import run_next
from processing.jobs.serving import (
    OVERLOOKED,
    SILENT,
    UNSERVED,
    next_asked,
    overlooked,
    served_here,
    unserved,
    waiting,
)
from processing.models import Image, Job, JobState, database_now
from tests import cast

DETAILED = "synthetic-detailed"
LATER = OVERLOOKED + timedelta(seconds=1)


@pytest.fixture
def both(settings: Settings) -> None:
    """Workers serve two models; the site's own is the first of them."""
    settings.MODEL, settings.MODELS = "synthetic", ["synthetic", DETAILED]


def ask(owner: User, model: str = "") -> Image:
    return cast.submit(owner, model=model)


@pytest.mark.parametrize(
    ("models", "serves"),
    [
        (["synthetic"], [""]),
        (["synthetic", DETAILED], ["", DETAILED]),
        ([DETAILED], [DETAILED]),
        ([DETAILED, "synthetic"], ["", DETAILED]),
    ],
)
def test_what_a_worker_serves_follows_from_its_settings(
    settings: Settings, models: list[str], serves: list[str]
) -> None:
    settings.MODEL, settings.MODELS = "synthetic", models
    assert served_here() == serves


def test_a_worker_claims_only_what_it_serves(owner: User) -> None:
    detailed, usual = ask(owner, DETAILED), ask(owner)
    now = database_now()
    claim = claim_next(now, [""])
    assert claim is not None
    assert claim.image == usual
    assert claim_next(now, [""]) is None
    claim = claim_next(now, ["", DETAILED])
    assert claim is not None
    assert claim.image == detailed


def test_the_oldest_is_first_whatever_it_asks_for(owner: User, both: None) -> None:
    images = [ask(owner, model) for model in (DETAILED, "", DETAILED)]
    claims = [claim_next(database_now(), served_here()) for _ in images]
    assert [claim.image for claim in claims if claim] == images


def test_a_job_runs_with_the_model_that_was_asked_for(
    owner: User, both: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real shelf of models; `run.warm` is what the worker calls."""
    from processing.jobs import run

    monkeypatch.setattr(warm_module, "_limit_memory", lambda most: None)
    monkeypatch.setattr(warm_module, "_start_heartbeat", lambda matter: StillHeart())
    monkeypatch.setattr(run, "warm", warm_module.warm)
    ask(owner, DETAILED), ask(owner)
    assert run_next()
    assert run_next()
    assert not run_next()
    warm_module.cool_down()
    ran = dict(Job.objects.values_list("model_asked", "model"))
    assert ran == {DETAILED: DETAILED, "": "synthetic"}
    assert set(Job.objects.values_list("state", flat=True)) == {JobState.DONE}


class StillHeart:
    """A heartbeat that does not beat by itself."""

    def __init__(self) -> None:
        from processing.jobs.load import Load

        self.load = Load()

    def is_alive(self) -> bool:
        return True

    def watch(self, *claims: object) -> None: ...

    def check(self) -> None: ...

    def stop(self) -> None: ...


def test_a_job_that_nobody_serves_waits_and_is_told_of(
    owner: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = ask(owner, DETAILED)
    cast.start_worker("")
    assert run_next() is False
    assert unserved(database_now()) == {DETAILED: 1}
    assert unserved(database_now(), UNSERVED) == {}
    monkeypatch.setattr(tasks, "_told", {})
    monkeypatch.setattr(tasks, "ring", lambda model: None)
    tasks.tend()
    assert DETAILED not in caplog.text
    Job.objects.update(queued_at=database_now() - UNSERVED - timedelta(seconds=1))
    tasks.tend()
    tasks.tend()
    assert caplog.text.count(f"no worker serves the model {DETAILED}: 1 jobs wait for it") == 1
    assert Job.objects.get(image=image).state == JobState.QUEUED
    cast.start_worker(DETAILED, name="another")
    assert unserved(database_now()) == {}


def test_a_worker_that_has_gone_serves_nothing(owner: User) -> None:
    ask(owner)
    cast.start_worker()
    now = database_now()
    assert unserved(now) == {}
    assert unserved(now + SILENT + timedelta(seconds=1)) == {"": 1}


def test_bells_are_rung_again_only_where_somebody_can_hear_them(owner: User) -> None:
    ask(owner), ask(owner, DETAILED), ask(owner, "silueta")
    cast.start_worker("", DETAILED)
    assert overlooked(database_now()) == []
    assert overlooked(database_now() + LATER) == ["", DETAILED]
    assert waiting() == {"": 1, DETAILED: 1, "silueta": 1}


def test_every_model_has_a_bell_of_its_own() -> None:
    """The folder broker finds the messages of a queue by the end of their names."""
    names = [tasks.queue_of(model) for model in ("", "u2net", "birefnet-general", "general")]
    assert names[:2] == ["celery", "model-u2net"]
    for name in names:
        assert [other for other in names if f".{other}.msg".endswith(f".{name}.msg")] == [name]


def test_one_message_goes_on_to_the_oldest_that_waits_here(
    owner: User, both: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many models wait: messages must not multiply."""
    heard: list[str] = []
    for model in ("silueta", "", DETAILED, "", DETAILED):
        ask(owner, model)
    monkeypatch.setattr(tasks, "ring", lambda model="": heard.append(model))
    assert next_asked() == ""
    tasks.work()
    tasks.work()
    assert heard == [DETAILED, ""]
    tasks.work()
    tasks.work()
    assert heard == [DETAILED, "", DETAILED]
    assert list(Job.objects.exclude(state="done").values_list("model_asked", flat=True)) == [
        "silueta"
    ]
    assert site.MODEL == "synthetic"
