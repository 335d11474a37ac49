"""Believing the machine's clock again: no image lives longer for it, and none shorter."""

import time
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from processing.access import images_of, workspaces_of
from processing.flows import parts
from processing.flows.tags import tag, with_tag
from processing.models import (
    Arrival,
    Image,
    Job,
    Life,
    Pulse,
    Share,
    ShareDownload,
    StaffAccess,
    WorkerBeat,
    clock,
    database_now,
)
from processing.retention import anchor
from processing.storage import (
    KeyGone,
    clocks_apart,
    destroy_epoch,
    epochs_alive,
    steady,
    steady_now,
    wall_now,
)
from tests import cast
from tests.links import begin, share

HOUR = timedelta(hours=1)
NEAR = timedelta(seconds=2)


@pytest.fixture(autouse=True)
def machine(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose deadlines go by its own clock, on whichever database this run is."""
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(steady, "_anchor", None)
    monkeypatch.setattr(steady, "_latest_ns", 0)
    monkeypatch.setattr(anchor, "NOTICED", 0.01)
    monkeypatch.setattr(clock, "is_local", lambda: True)
    steady_now()


def step(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    wall, nanoseconds = time.time_ns, by // timedelta(microseconds=1) * 1000
    monkeypatch.setattr(time, "time_ns", lambda: wall() + nanoseconds)


def run(action: str) -> str:
    out = StringIO()
    call_command("clock", action, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("ahead", [2 * HOUR, 26 * HOUR])
def test_a_clock_put_ahead_is_followed(
    owner: User, monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    image = cast.submit(owner)
    step(monkeypatch, ahead)
    assert database_now() < image.received_at + NEAR
    assert anchor.accept() == 0
    assert abs(clocks_apart()) < NEAR
    assert image.received_at + ahead <= database_now() < image.received_at + ahead + NEAR
    purge_at = image.purge_at
    image.refresh_from_db()
    assert image.purge_at == purge_at


@pytest.mark.parametrize("back", [2 * HOUR, 26 * HOUR])
def test_a_clock_put_back_takes_every_deadline_with_it(
    owner: User, monkeypatch: pytest.MonkeyPatch, back: timedelta
) -> None:
    monkeypatch.setattr(anchor, "BATCH", 2)
    images = [cast.submit(owner, name=f"{number}.png") for number in range(3)]
    before = {image.pk: (image.received_at, image.purge_at) for image in images}
    epoch = images[0].epoch
    step(monkeypatch, -back)
    assert anchor.accept() == 3
    assert abs(clocks_apart()) < NEAR
    for image in Image.objects.all():
        received_at, purge_at = before[image.pk]
        assert abs(received_at - back - image.received_at) < NEAR
        assert image.purge_at - image.received_at == purge_at - received_at
        assert image.purge_at.timestamp() < image.epoch <= image.purge_at.timestamp() + 901
        assert image.open_name().endswith(".png")
    # No key lives longer either: not in a backup of the rows as they were.
    assert epoch not in epochs_alive()
    for image in images:
        with pytest.raises(KeyGone):
            image.open_key()


def test_a_key_that_something_has_moved_under_is_not_destroyed(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The epoch that an older image leaves is the one that a younger image comes into."""
    (older,) = cast.fill(owner, 1)
    epoch = Image.objects.get(pk=older).epoch
    step(monkeypatch, 2 * HOUR)
    anchor.accept()
    (younger,) = cast.fill(owner, 1)
    step(monkeypatch, -2 * HOUR)
    assert anchor.accept() == 2
    assert Image.objects.get(pk=younger).epoch == epoch
    assert [image.open_name() for image in Image.objects.all()] == ["photo.png"] * 2


def test_what_has_come_to_its_time_stays_due(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    image = cast.submit(owner)
    cast.age(image, 24 * HOUR)
    destroy_epoch(image.epoch)
    step(monkeypatch, -26 * HOUR)
    assert anchor.accept() == 1
    image.refresh_from_db()
    assert image.purge_at < database_now()
    assert image.wrapped_key is None


def test_what_is_kept_stays_kept(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.opt_in(owner)
    old, new = cast.submit(owner, name="old.png"), cast.submit(owner, name="new.png")
    Image.objects.filter(pk=old.pk).update(epoch=F("epoch") - 900)
    destroy_epoch(old.epoch - 900)
    step(monkeypatch, -26 * HOUR)
    assert anchor.accept() == 2
    for image, name in ((old, "old.png"), (new, "new.png")):
        image.refresh_from_db()
        assert image.kept
        assert image.open_name() == name


def test_everything_else_that_waits_for_the_clock_is_moved(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker, a pulse and a look behind the glass would all last 26 hours longer."""
    image, now = cast.submit(owner), steady_now()
    erasing = cast.submit(owner)
    Image.objects.filter(pk=erasing.pk).update(
        life=Life.ERASING,
        wrapped_key=None,
        sealed_name=None,
        reason="asked_for",
        erasing_since=now,
        quiet_at=now + HOUR,
        shredded_at=now,
        look_again_at=now + HOUR,
        withdrawn_at=now,
    )
    Job.objects.filter(image=image).update(lease_until=now, started_at=now, finished_at=now)
    cast.start_worker()
    Pulse.objects.create(name="sweeper", at=now)
    StaffAccess.objects.create(
        staff=owner, image_id=image.pk, reason="-", opened_at=now, ends_at=now + HOUR
    )

    def moments() -> list[datetime]:
        rows = [
            *Image.objects.filter(pk=erasing.pk).values_list(
                "received_at",
                "purge_at",
                "withdrawn_at",
                "erasing_since",
                "quiet_at",
                "shredded_at",
                "look_again_at",
            ),
            *Job.objects.filter(image=image).values_list(
                "lease_until", "queued_at", "started_at", "finished_at"
            ),
            *WorkerBeat.objects.values_list("seen_at"),
            *Pulse.objects.values_list("at"),
            *StaffAccess.objects.values_list("opened_at", "ends_at"),
        ]
        return [moment for row in rows for moment in row if moment]

    before = moments()
    assert len(before) == 15
    step(monkeypatch, -26 * HOUR)
    anchor.accept()
    for then, moment in zip(before, moments(), strict=True):
        assert abs(then - 26 * HOUR - moment) < NEAR
    erasing.refresh_from_db()
    assert erasing.wrapped_key is None


def test_a_link_ends_when_it_was_to_end(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for an hour would last 27, and one to what is kept two days."""
    cast.opt_in(owner)
    made = share(owner, life=HOUR)
    begin(made.token)
    step(monkeypatch, -26 * HOUR)
    anchor.accept()
    link, download = Share.objects.get(), ShareDownload.objects.get()
    assert link.created_at <= database_now() < link.created_at + HOUR
    assert link.expires_at == link.created_at + HOUR
    assert download.ends_at <= link.expires_at


def test_what_arrives_in_parts_is_not_waited_for_longer(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving = parts.begin(cast.sender_of(owner), "large.png", 10_000_000)
    Arrival.objects.update(heard_at=arriving.received_at)
    step(monkeypatch, -2 * HOUR)
    anchor.accept()
    assert Arrival.objects.get().heard_at == Image.objects.get().received_at


def test_tags_are_found_by_the_keys_of_now(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of before are destroyed."""
    image = cast.submit(owner)
    tag([image], "island", cast.at_page(owner))
    step(monkeypatch, -2 * HOUR)
    anchor.accept()
    assert set(with_tag(images_of(owner), "island", workspaces_of(owner))) == {image}


def test_an_upload_that_came_in_meanwhile_is_moved_too(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a time of the clock before, and a key that had not been seen."""
    turn_back = anchor._turn_back

    def turn_back_and_upload(by: timedelta) -> int:
        moved = turn_back(by)
        with monkeypatch.context() as before:
            before.setattr(steady, "_anchor", late)
            cast.fill(owner, 1)
        return moved

    step(monkeypatch, -26 * HOUR)
    steady_now()
    late = steady._anchor
    monkeypatch.setattr(anchor, "_turn_back", turn_back_and_upload)
    assert anchor.accept() == 1
    image = Image.objects.get()
    assert abs(image.received_at - database_now()) < NEAR
    assert image.purge_at == image.received_at + 22 * HOUR
    image.open_key()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails_in", ["_move_image", "reanchor"])
def test_an_error_leaves_everything_as_it_was(
    owner: User, monkeypatch: pytest.MonkeyPatch, fails_in: str
) -> None:
    image = cast.submit(owner)
    step(monkeypatch, -26 * HOUR)
    real = getattr(anchor, fails_in)

    def fail(*args: object) -> None:
        real(*args)
        raise DatabaseError("gone")

    monkeypatch.setattr(anchor, fails_in, fail)
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("accept")
    assert abs(clocks_apart() + 26 * HOUR) < NEAR
    before = image.purge_at, image.epoch
    image.refresh_from_db()
    assert (image.purge_at, image.epoch) == before
    image.open_key()


@pytest.mark.parametrize("by", [2 * HOUR, -26 * HOUR])
def test_without_images_the_machines_clock_is_believed(
    db: None, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    assert not anchor.reanchor_if_idle()
    step(monkeypatch, by)
    assert anchor.reanchor_if_idle()
    assert abs(clocks_apart()) < NEAR
    assert not anchor.reanchor_if_idle()


@pytest.mark.parametrize("by", [2 * HOUR, -26 * HOUR])
def test_with_an_image_it_is_not(
    owner: User, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    cast.submit(owner)
    step(monkeypatch, by)
    assert not anchor.reanchor_if_idle()
    assert abs(clocks_apart() - by) < NEAR


@pytest.mark.parametrize("by", [timedelta(seconds=1.9), timedelta(seconds=-1.9)])
def test_what_is_within_the_budget_is_left_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    step(monkeypatch, by)
    assert not anchor.reanchor_if_idle()
    cast.submit(owner)
    assert anchor.accept() == 0
    assert abs(clocks_apart() - by) < timedelta(seconds=0.1)
    assert run("accept") == "The clocks agree: nothing to accept.\n"


def test_where_the_database_has_a_clock_nothing_is_moved(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    before = image.purge_at
    step(monkeypatch, -26 * HOUR)
    with monkeypatch.context() as far:
        far.setattr(clock, "is_local", lambda: False)
        assert anchor.accept() == 0
    assert abs(clocks_apart()) < NEAR
    image.refresh_from_db()
    assert image.purge_at == before


@pytest.mark.django_db
def test_the_command_shows_the_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("status").count(f"{timezone.now():%Y-%m-%d %H:}") >= 2
    step(monkeypatch, -2 * HOUR)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("clock", "status", stdout=out)
    assert ended.value.code == 1
    machine, steady_line, database = out.getvalue().splitlines()
    assert machine.endswith("UTC")
    assert "(7200 s ahead)" in steady_line
    assert "(7200 s ahead)" in database
    assert f"{wall_now():%Y-%m-%d %H:}" in machine


@pytest.mark.django_db
def test_the_command_says_where_the_machine_has_no_steady_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steady, "_boot_name", lambda: None)
    assert "no clock that counts from its start on" in run("status")


def test_the_command_accepts(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.submit(owner)
    step(monkeypatch, -2 * HOUR)
    said = run("accept")
    assert "The machine's clock is right now, 7200 s behind." in said
    assert "1 images were moved back with it." in said
    run("status")
