"""What Prometheus is told, and that the documentation knows each of its names."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from accounts.models import User
from processing import health, storage
from processing.models import Pulse, Reason, database_now
from processing.retention import erase, gates
from processing.retention.patrol import patrol
from tests import cast

pytestmark = pytest.mark.django_db
OPERATIONS = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


@pytest.fixture(autouse=True)
def fresh_look() -> None:
    health.forget_storage()


def families() -> dict[str, Any]:
    answer = cast.browser().get("/metrics")
    assert answer.status_code == 200
    text = answer.content.decode()
    return {family.name: family for family in text_string_to_metric_families(text)}


def values() -> dict[str, float]:
    """By name and, where there is one, the value of the label."""
    return {
        " ".join((sample.name.removeprefix("bgerase_"), *sample.labels.values())): sample.value
        for family in families().values()
        for sample in family.samples
    }


def run_all_loops() -> None:
    Pulse.objects.create(name="sweeper", at=database_now(), facts={"erase_errors": {"vault": 2}})
    patrol(database_now())


def test_a_fresh_site_tells_its_numbers() -> None:
    run_all_loops()
    told = values()
    assert told["uploads_open"] == 1
    assert told["erase_errors_total vault"] == 2
    assert told["receipts_total"] == 0
    assert (told["images live"], told["images receiving"], told["images erasing"]) == (0, 0, 0)
    assert {told[f"alarm {code}"] for code in health.CODES} == {0}
    assert told["images_without_deadline"] == told["training_items_without_consent"] == 0
    assert told["clock_skew_seconds"] < 1
    assert told["sweep_lag_seconds"] < 5


def test_numbers_follow_what_happens(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    run_all_loops()
    told = values()
    assert (told["images live"], told["jobs done"]) == (1, 1)
    assert told["objects"] == image.blobs.count()
    assert told["stored_bytes"] > 1000
    assert 0 <= told["oldest_object_age_seconds"] < 60
    assert told["epoch_keys_alive"] == len(storage.epochs_alive()) > 0
    assert told["oldest_overdue_seconds"] == 0


def test_what_is_overdue_is_told_with_its_age(owner: User) -> None:
    cast.age(cast.submit(owner), timedelta(hours=25))
    told = values()
    assert told["oldest_overdue_seconds"] == pytest.approx(2 * 3600, abs=60)
    assert told["alarm overdue"] == 1
    assert told["uploads_open"] == 0


def test_receipts_and_what_is_kept_are_counted(owner: User) -> None:
    cast.opt_in(owner)
    cast.submit(owner)
    assert values()["images_kept"] == 1
    assert values()["grant_keys_alive"] == len(storage.grants_alive()) > 0
    image = cast.submit(owner)
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    image.refresh_from_db()
    erase.step(image, image.quiet_at or database_now())
    assert values()["receipts_total"] == 1


def test_without_a_patrol_there_are_no_numbers_of_it() -> None:
    """A number that nobody looked up must not look like a good one."""
    told = values()
    assert "unknown_objects" not in told
    assert "images_without_deadline" not in told


def test_a_database_that_is_away_is_an_alarm_and_no_number_is_made_up() -> None:
    def away(*args: object) -> None:
        raise OperationalError("a text that can hold anything")

    run_all_loops()
    with connection.execute_wrapper(away):
        told = values()
    assert (told["alarm database_away"], told["uploads_open"]) == (1, 0)
    assert "epoch_keys_alive" in told
    assert not {"images live", "jobs_unserved", "sweep_lag_seconds", "clock_skew_seconds"} & {*told}


def test_a_metric_lives_in_no_process(owner: User) -> None:
    """Every process reads the same tables: asking twice changes nothing."""
    cast.submit(owner)
    assert values().keys() == values().keys()
    assert values()["images live"] == 1


def test_the_documentation_names_exactly_these_metrics(owner: User) -> None:
    run_all_loops()
    there = {
        f"{name}_total" if family.type == "counter" else name for name, family in families().items()
    }
    documented = set(re.findall(r"^\| `(bgerase_\w+)", OPERATIONS.read_text(), re.MULTILINE))
    assert documented == there


def test_the_documentation_says_of_every_alarm_what_to_do() -> None:
    text = OPERATIONS.read_text().split("## Alarms")[1].split("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(documented) == sorted(health.CODES)
    closing = re.findall(r"^\| `(\w+)` \| closed \|", text, re.MULTILINE)
    assert sorted(closing) == sorted((*gates.CLOSING, "database_away", "storage_away"))


def test_in_development_metrics_are_open() -> None:
    assert cast.browser().get("/metrics").status_code == 200


def test_in_production_without_a_token_there_are_none(settings: Settings) -> None:
    settings.PRODUCTION, settings.METRICS_TOKEN = True, ""
    assert cast.browser().get("/metrics", headers=cast.JSON).status_code == 404


@pytest.mark.parametrize("production", [True, False])
def test_with_a_token_only_its_bearer_gets_them(settings: Settings, production: bool) -> None:
    settings.PRODUCTION, settings.METRICS_TOKEN = production, "a token"
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer other"},
        {"Authorization": "a token"},
    )
    for headers in (*wrong, {"Authorization": "Bearer "}, {"Authorization": "Basic a token"}):
        answer = cast.browser().get("/metrics", headers=headers)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert b"bgerase" not in answer.content
    right = cast.browser().get("/metrics", headers={"Authorization": "Bearer a token"})
    assert right.status_code == 200
    assert site.METRICS_TOKEN == "a token"


def test_workers_are_told_by_what_they_serve_and_how_much_they_do(
    owner: User, settings: Settings
) -> None:
    settings.MODEL = "synthetic"
    cpu = {"provider": "CPUExecutionProvider"}
    cast.start_worker("", "u2net", name="a", load={"runs": 10, "photos": 10}, **cpu)
    cast.start_worker("", name="b", load={"runs": 5, "photos": 20}, **cpu)
    cast.start_worker("u2net", name="c", provider="CUDAExecutionProvider", load={})
    for model in ("", "", "u2net", "silueta"):
        cast.submit(owner, model=model)
    told = values()
    assert told["workers synthetic CPUExecutionProvider"] == 2
    assert told["workers u2net CPUExecutionProvider"] == 1
    assert told["workers u2net CUDAExecutionProvider"] == 1
    waiting = [told[f"jobs_waiting {name}"] for name in ("synthetic", "u2net", "silueta")]
    assert waiting == [2, 1, 1]
    assert told["jobs_unserved"] == 1
    assert told["images_per_second CPUExecutionProvider"] == pytest.approx(30 / 60)
    assert told["batch_size CPUExecutionProvider"] == pytest.approx(2)
    assert told["images_per_second CUDAExecutionProvider"] == 0
    assert told["batch_size CUDAExecutionProvider"] == 0


def test_without_a_worker_what_waits_is_unserved(owner: User) -> None:
    cast.submit(owner)
    told = values()
    assert (told["jobs_unserved"], told[f"jobs_waiting {site.MODEL}"]) == (1, 1)
