"""While it is not certain that a photo would be erased on time, no photo is taken.

And nothing else is refused: people see what is there, download it and erase it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import storages

from accounts.models import User
from processing import storage
from processing.models import Image, Pulse, VaultMark, database_now
from processing.retention import gates, marks, sweeper
from tests import cast, photos

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
LIVE = settings.RETENTION * 23 / 24


def upload(owner: User) -> Any:
    """As soon as another look is due."""
    gates._looked = None
    return cast.send(cast.browser(owner), photos.draw())


def late_image(owner: User) -> None:
    cast.age(cast.submit(owner), LIVE + settings.BUDGET.alarm + SECOND)


def silent_sweeper(owner: User) -> None:
    gates.start_watching(database_now() - settings.BUDGET.silent - SECOND)


def other_storage(owner: User) -> None:
    """Seen by the sweeper itself."""
    marks.look_anew(database_now())
    VaultMark.objects.update(mark="f" * 32)
    marks.forget()
    sweeper.sweep(database_now())


def versions(owner: User) -> None:
    Pulse.objects.create(name="sweeper", at=database_now(), facts={"versioning": "on"})


def sweeper_s_clock(owner: User) -> None:
    Pulse.objects.create(name="sweeper", at=database_now(), facts={"skew": 2.5})


REASONS: dict[str, Callable[[User], None]] = {
    "overdue": late_image,
    "sweeper_silent": silent_sweeper,
    "other_vault": other_storage,
    "versioning_on": versions,
    "clocks_apart": sweeper_s_clock,
}


def test_every_reason_to_close_is_tried() -> None:
    assert set(REASONS) == set(gates.CLOSING)


@pytest.mark.parametrize("code", REASONS)
def test_it_is_refused_and_nothing_of_it_is_stored(owner: User, code: str) -> None:
    REASONS[code](owner)
    before = {one.name for one in storage.walk_objects()}, Image.objects.count()
    answer = upload(owner)
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer.json()["errors"][0]["code"] == "paused"
    assert answer.json()["images"] == []
    assert ({one.name for one in storage.walk_objects()}, Image.objects.count()) == before
    assert [alarm.code for alarm in gates.alarms(database_now()) if alarm.closes] == [code]


@pytest.mark.parametrize("code", REASONS)
def test_what_is_there_can_be_seen_and_erased(owner: User, code: str) -> None:
    image = cast.finish(cast.submit(owner))
    REASONS[code](owner)
    client = cast.browser(owner)
    assert client.get("/").status_code == 200
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 200
    assert client.delete(f"/images/{image.pk}/", headers=cast.JSON).status_code == 204
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 404


def test_a_page_says_it_in_a_sentence(owner: User) -> None:
    silent_sweeper(owner)
    gates._looked = None
    page = cast.send(cast.browser(owner), photos.draw(), headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "cannot promise to erase them on time" in page.content.decode()


def test_it_opens_again_by_itself_when_the_reason_is_gone(owner: User) -> None:
    late_image(owner)
    assert upload(owner).status_code == 503
    sweeper.sweep(database_now())
    assert upload(owner).status_code == 201


def test_a_dead_sweeper_closes_within_its_budget(owner: User) -> None:
    """Whatever `now` is looked at, the door is closed from the end of the budget on."""
    sweeper.sweep(database_now())
    heard: datetime = Pulse.objects.get(pk="sweeper").at
    gates.start_watching(heard - timedelta(hours=1))
    gates.check_open(heard + settings.BUDGET.silent)
    closed = {alarm.code for alarm in gates.closing_alarms(heard + settings.BUDGET.silent + SECOND)}
    assert closed == {"sweeper_silent"}
    print(f"\nA silent sweeper closes uploads after {settings.BUDGET.silent.total_seconds():.0f} s")


def sweep_anew() -> None:
    """After the minute for which one answer of the bucket is good."""
    sweeper._versioning = (None, 0.0, "unknown")
    sweeper.sweep(database_now())


def test_a_bucket_that_keeps_versions_closes_the_door(owner: User) -> None:
    """From the bucket's own word to the refusal. A disk keeps none."""
    sweeper.sweep(database_now())
    facts = Pulse.objects.get(pk="sweeper").facts
    if not cast.on_s3():
        assert facts["versioning"] == "off"
        return
    bucket = storages["vault"].bucket  # type: ignore[attr-defined]
    turn = bucket.meta.client.put_bucket_versioning
    turn(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    sweep_anew()
    assert upload(owner).status_code == 503
    turn(Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"})
    sweep_anew()
    assert upload(owner).status_code == 201
