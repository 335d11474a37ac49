"""The choice of a model: offered in the studio where there is one, asked for with photos."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from processing.flows import choose_model
from processing.flows.choose_model import ask_for
from processing.jobs.claim import claim_next
from processing.models import Blob, Image, Job, JobState, database_now
from tests import photos
from tests.cast import JSON, browser, finish, nothing_is_left, send, start, start_worker, submit

DETAILED = "synthetic-detailed"
FORM = 'name="model"'


@pytest.fixture(autouse=True)
def both(settings: Settings) -> None:
    settings.MODEL, settings.MODELS = "synthetic", ["synthetic", DETAILED]


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def studio(client: Client) -> str:
    return client.get("/").content.decode()


def send_form(client: Client, model: str, *names: str) -> Any:
    """As a browser without scripts sends it: the field can stand behind the photos."""
    files = [SimpleUploadedFile(name, photos.draw()) for name in names or ("cup.png",)]
    return client.post("/images/", {"image_file": files, "model": model}, headers=JSON)


def asked() -> list[str]:
    return list(Job.objects.order_by("queued_at").values_list("model_asked", flat=True))


@pytest.mark.parametrize("serves", [[], [""], [DETAILED]])
def test_one_model_is_no_choice(client: Client, serves: list[str]) -> None:
    if serves:
        start_worker(*serves)
    assert FORM not in studio(client)


def test_what_live_workers_serve_is_offered_with_a_sentence_each(client: Client) -> None:
    start_worker("")
    start_worker(DETAILED, name="another")
    page = studio(client)
    assert page.count(FORM) == 2
    assert 'value="" checked' in page
    assert f'value="{DETAILED}"' in page
    assert page.index("Fast") < page.index("Detailed")
    for title, sentence in choose_model.WORDS.values():
        assert (str(sentence) in page) is (str(title) in {"Fast", "Detailed"})


def test_the_operator_says_what_comes_first(client: Client, settings: Settings) -> None:
    settings.MODELS = [DETAILED, "synthetic"]
    start_worker("", DETAILED)
    page = studio(client)
    assert page.index("Detailed") < page.index("Fast")
    assert f'value="{DETAILED}" checked' in page


def test_models_with_one_purpose_are_told_apart_by_their_names(
    client: Client, settings: Settings
) -> None:
    settings.MODEL, settings.MODELS = "u2netp", ["u2netp", "u2net", "silueta"]
    start_worker("", "u2net", "silueta", "birefnet-portrait")
    page = studio(client)
    assert [word in page for word in ("Detailed (u2net)", "Detailed (silueta)")] == [True, True]
    assert [word in page for word in (">Fast<", ">People<")] == [True, True]


@pytest.mark.parametrize(("text", "stored"), [("", ""), ("synthetic", ""), (DETAILED, DETAILED)])
@pytest.mark.parametrize("way", ["address", "field"])
def test_a_job_gets_what_was_asked_for(client: Client, text: str, stored: str, way: str) -> None:
    if way == "field":
        response = send_form(client, text)
    else:
        response = send(client, photos.draw(), address=f"/images/?model={text}")
    assert response.status_code == 201
    assert asked() == [stored]


@pytest.mark.parametrize("name", ["u2net", "../u2netp", "sam", "SYNTHETIC", "x" * 300])
@pytest.mark.parametrize("way", ["address", "field"])
def test_what_is_not_offered_is_refused_and_nothing_is_kept(
    client: Client, name: str, way: str
) -> None:
    if way == "field":
        response = send_form(client, name)
    else:
        response = send(client, photos.draw(), address=f"/images/?model={name}")
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "model_not_offered"
    assert f"synthetic, {DETAILED}" in error["message"]
    assert nothing_is_left()


def test_what_another_machine_serves_may_be_asked_for_while_it_does(client: Client) -> None:
    assert send_form(client, "u2net").status_code == 400
    start_worker("u2net")
    assert send_form(client, "u2net").status_code == 201
    assert asked() == ["u2net"]


def test_what_the_site_is_set_up_for_may_be_asked_for_without_a_worker(client: Client) -> None:
    assert send(client, photos.draw(), address=f"/images/?model={DETAILED}").status_code == 201


def test_a_field_holds_for_every_photo_of_its_request(client: Client) -> None:
    send_form(client, DETAILED, "a.png", "b.png", "c.png")
    assert asked() == [DETAILED] * 3


def test_a_job_that_has_begun_starts_over_and_leaves_nothing(owner: User) -> None:
    running, done = submit(owner), submit(owner)
    start(running), finish(done)
    assert Blob.objects.filter(stored=True).exclude(kind="original").exists()
    for image in (running, done):
        ask_for(image, DETAILED)
    assert set(Job.objects.values_list("state", "model_asked", "lease_until")) == {
        (JobState.QUEUED, DETAILED, None)
    }
    assert set(Blob.objects.values_list("kind", flat=True)) == {"original"}
    claim = claim_next(database_now(), [DETAILED])
    assert claim is not None
    assert claim.attempt == 2  # The first one's results cannot be taken for its own.


def test_asking_for_what_runs_anyway_changes_nothing(owner: User) -> None:
    image = finish(submit(owner, model=DETAILED))
    ask_for(image, DETAILED)
    assert Job.objects.get().state == JobState.DONE


def test_what_ran_is_shown_with_its_version(client: Client, owner: User) -> None:
    image = finish(submit(owner))
    Job.objects.update(model="u2net", model_version="8d10d2f3bb75")
    card = client.get(f"/images/{image.pk}/", headers=JSON).json()
    assert (card["model"], card["model_version"]) == ("u2net", "8d10d2f3bb75")
    assert "u2net 8d10d2f3bb75" in client.get(f"/images/{image.pk}/").content.decode()
    assert Image.objects.count() == 1
