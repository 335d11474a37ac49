"""Promise 2: 24 hours are the outer bound, counted from the first byte; nothing lengthens them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts.models import User
from processing import tasks
from processing.engine import Options
from processing.flows.edit import Wanted, save
from processing.flows.submit import find_earlier
from processing.jobs import editing, run
from processing.jobs.reap import reap
from processing.models import Image, Job, JobState, database_now
from processing.retention import deadlines, erase
from processing.retention.sweeper import sweep
from processing.storage import KeyGone
from tests import cast, photos
from tests.links import begin, fetch, share, somebody

DAY = timedelta(hours=24)


def test_the_budget_of_a_day(owner: User, settings: Settings) -> None:
    """Unreadable at 23:00, bytes gone by 23:05, keys dead by 23:30, whatever was chosen."""
    image = cast.submit(owner)
    assert image.purge_at - image.received_at == timedelta(hours=23)
    assert image.purge_at + settings.SWEEP_EVERY <= image.received_at + timedelta(hours=23.1)
    sweep(image.received_at + timedelta(hours=23.5) - settings.SWEEP_EVERY)
    with pytest.raises(KeyGone):
        image.open_key()
    assert not cast.stored_objects()


def test_rows_too_are_gone_within_the_day(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    sweep(image.purge_at)
    assert erase.longest_job() < DAY - timedelta(hours=23, minutes=30)
    sweep(image.purge_at + erase.longest_job())
    assert cast.nothing_is_left()


def _look(user: User, image: Image) -> None:
    client = cast.browser(user)
    for address in ("", "original", "cutout.png", "preview.webp?download=1"):
        assert client.get(f"/images/{image.pk}/{address}").status_code == 200
    for page in ("/", "/gallery/", f"/images/?ids={image.pk}"):
        client.get(page, headers=cast.JSON)


def _process_again(user: User, image: Image) -> None:
    Job.objects.update(state=JobState.QUEUED, attempts=1)
    cast.finish(image)


def _lose_the_worker(user: User, image: Image) -> None:
    Job.objects.update(
        state=JobState.RUNNING, attempts=1, lease_until=database_now() - timedelta(seconds=1)
    )
    reap(database_now())
    tasks.tend()


def _send_again(user: User, image: Image) -> None:
    client = cast.browser(user)
    answer = cast.send(client, photos.draw(), address="/images/?request=key")
    again = cast.send(client, photos.draw(), address="/images/?request=key")
    assert again.json()["images"] == answer.json()["images"]
    assert find_earlier(cast.sender_of(user, "key", workspace=image.workspace), 0) is not None


def _edit(user: User, image: Image) -> None:
    save(image, Wanted({"bg_color": "white"}), cast.at_page(user))
    editing.edit_and_store(cast._claim(image), cast.Quiet(), run._read)


def _make_another_file(user: User, image: Image) -> None:
    cast.render(image, Options(size="preview", format="webp"))


def _share(user: User, image: Image) -> None:
    fetch(somebody(), begin(share(user, image).token))


@pytest.mark.parametrize(
    "act",
    [_look, _process_again, _lose_the_worker, _send_again, _edit, _make_another_file, _share],
)
def test_nothing_that_is_done_with_an_image_moves_its_deadline(
    owner: User, act: Callable[[User, Image], None]
) -> None:
    image = cast.finish(cast.submit(owner))
    act(owner, image)
    row = Image.objects.get(pk=image.pk)
    assert (row.received_at, row.purge_at) == (image.received_at, image.purge_at)
    assert row.epoch == image.epoch


def test_a_retention_that_is_lengthened_later_lengthens_nothing(
    owner: User, settings: Settings
) -> None:
    settings.RETENTION = timedelta(hours=1)
    image = cast.submit(owner)
    settings.RETENTION = DAY
    image.refresh_from_db()
    assert image.purge_at - image.received_at == deadlines.live_time(timedelta(hours=1))
    sweep(image.purge_at)
    assert not cast.stored_objects()


def test_the_database_refuses_more_than_23_hours(owner: User) -> None:
    image = cast.submit(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.update(purge_at=image.received_at + timedelta(hours=23, seconds=1))


@pytest.mark.parametrize("retention", [DAY * 2, DAY + timedelta(seconds=1), timedelta(0)])
def test_a_longer_retention_gives_no_deadline_at_all(
    owner: User, settings: Settings, retention: timedelta
) -> None:
    """Should the check at the start be got round, nothing is taken."""
    settings.RETENTION = retention
    with pytest.raises(ValueError, match="outside"):
        cast.submit(owner)
    assert cast.nothing_is_left()
