"""/healthz, /readyz."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.core.files.storage import storages
from django.db import DatabaseError
from pytest_django import Settings

from accounts.models import User
from processing import health, storage
from processing.models import Pulse, database_now
from processing.retention import gates
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_look() -> None:
    health.forget_storage()


def ready(**more: Any) -> Any:
    return cast.browser().get("/readyz", **more)


def codes(answer: Any) -> list[str]:
    return [alarm["code"] for alarm in answer.json()["alarms"]]


def test_alive_means_only_that_the_process_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "look", lambda: pytest.fail("nothing else is asked"))
    answer = cast.browser().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_site_that_keeps_its_promise_is_ready() -> None:
    answer = ready()
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "uploads": "open", "alarms": []}
    assert answer["Cache-Control"] == "private, no-store"


def test_an_alarm_that_closes_the_door_is_told() -> None:
    Pulse.objects.create(name="sweeper", at=database_now(), facts={"vault": "other"})
    answer = ready()
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "at_risk",
        "uploads": "closed",
        "alarms": [
            {
                "code": "other_vault",
                "words": "The storage is not the one that this site's images are in.",
                "value": 1,
                "closes_uploads": True,
            }
        ],
    }


def test_one_that_leaves_it_open_is_told_as_loudly() -> None:
    Pulse.objects.create(name="patrol", at=database_now(), facts={"unknown_objects": 3})
    answer = ready()
    assert (answer.status_code, codes(answer)) == (503, ["unknown_objects"])
    assert answer.json()["uploads"] == "open"


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: Any) -> Any:
        raise DatabaseError("a text that can hold anything")

    monkeypatch.setattr(gates, "alarms", away)
    answer = ready()
    assert (answer.status_code, codes(answer)) == (503, ["database_away"])
    assert "anything" not in answer.content.decode()
    assert answer.json()["uploads"] == "closed"


def test_a_storage_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise OSError("a text that can hold anything")

    monkeypatch.setattr(storage, "read_mark", away)
    answer = ready()
    assert (answer.status_code, codes(answer)) == (503, ["storage_away"])
    told = cast.browser().get("/metrics").content.decode()
    assert 'bgerase_alarm{code="storage_away"} 1.0' in told


def test_a_storage_that_hangs_does_not_hang_health(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(health, "STORAGE_PATIENCE", 0.1)
    monkeypatch.setattr(storage, "read_mark", released.wait)
    try:
        assert codes(ready()) == ["storage_away"]
        health.forget_storage()
        assert codes(ready()) == ["storage_away"]
    finally:
        released.set()
    monkeypatch.undo()
    health.forget_storage()
    assert codes(ready()) == []


def test_asking_often_does_not_ask_the_storage_often(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(storage, "read_mark", lambda: asked.append(1))
    for _ in range(5):
        ready()
    assert len(asked) == 1


def test_health_tells_nothing_of_anybody(owner: User) -> None:
    """Whatever is wrong: no id, no name, no address of a person or a folder."""
    image = cast.submit(owner, name="Grandma.png")
    cast.age(image, timedelta(days=2))
    text = ready().content.decode()
    assert '"overdue"' in text
    location = getattr(storages["vault"], "location", None) or site.STORAGE_URL
    secrets = (str(image.pk), image.prefix, str(owner.pk), "olivia", "Grandma", str(location))
    assert [secret for secret in secrets if secret in text] == []


def test_monitoring_inside_is_not_sent_to_https(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/healthz", "/readyz", "/metrics"):
        assert cast.browser().get(path).status_code == 200, path
    assert cast.browser().get("/privacy/").status_code == 301


def test_only_reading_is_offered() -> None:
    for path in ("/readyz", "/metrics"):
        assert cast.browser().post(path, headers=cast.JSON).status_code == 405
