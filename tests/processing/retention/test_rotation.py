"""A new master key: every image is rewrapped, while the site runs, as often as one likes."""

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from processing.models import Image, Life, Tag
from processing.retention import rotation
from processing.retention.rotation import Rotated
from processing.storage import KeyGone, destroy_epoch, epochs_alive, grants_alive
from tests import cast


@pytest.fixture(autouse=True)
def before(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.KEYS_DIR = tmp_path_factory.mktemp("keys")
    settings.MASTER_KEY = "before"


def rotate_to_now(settings: Settings) -> None:
    """What the operator sets."""
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"


def run(action: str) -> str:
    out = StringIO()
    call_command("keys", action, stdout=out)
    return out.getvalue()


def test_everything_is_rewrapped_once(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    images = [cast.submit(owner, name=f"{number}.png") for number in range(5)]
    rotate_to_now(settings)
    assert rotation.count() == Rotated(rewrapped=5)
    assert rotation.rotate() == Rotated(rewrapped=5)
    assert rotation.rotate() == rotation.count() == Rotated(current=5)
    settings.OLD_MASTER_KEY = ""
    for number, image in enumerate(images):
        image.refresh_from_db()
        assert image.open_name() == f"{number}.png"


def test_what_is_kept_is_rewrapped_too(owner: User, settings: Settings) -> None:
    cast.opt_in(owner)
    image = cast.submit(owner, name="kept.png")
    assert image.kept
    rotate_to_now(settings)
    rotation.rotate()
    settings.OLD_MASTER_KEY = ""
    destroy_epoch(image.epoch)
    image.refresh_from_db()
    assert image.open_name() == "kept.png"


def test_what_is_being_erased_gets_no_key_again(owner: User, settings: Settings) -> None:
    image = cast.submit(owner)
    now = image.received_at
    Image.objects.update(
        life=Life.ERASING,
        wrapped_key=None,
        sealed_name=None,
        reason="asked_for",
        erasing_since=now,
        look_again_at=now,
    )
    rotate_to_now(settings)
    assert rotation.rotate() == rotation.count() == Rotated()
    image.refresh_from_db()
    assert image.wrapped_key is None


def test_one_that_no_key_opens_does_not_keep_the_others(owner: User, settings: Settings) -> None:
    gone, there = cast.submit(owner), cast.submit(owner)
    Image.objects.filter(pk=gone.pk).update(wrapped_key=bytes(60))
    rotate_to_now(settings)
    assert rotation.rotate() == Rotated(rewrapped=1, closed=1)
    settings.OLD_MASTER_KEY = ""
    there.refresh_from_db()
    there.open_key()
    gone.refresh_from_db()
    with pytest.raises(KeyGone):
        gone.open_key()


def test_those_that_no_key_opens_are_counted_and_left_as_they_are_with_their_tags(
    owner: User, settings: Settings
) -> None:
    images = [cast.submit(owner) for _ in range(2)]
    for image in images:
        Tag.of(image, "cup").save()
    tags = list(Tag.objects.values())
    Image.objects.update(wrapped_key=bytes(60))
    rotate_to_now(settings)
    assert rotation.count() == rotation.rotate() == Rotated(closed=2)
    assert list(Tag.objects.values()) == tags


def test_one_that_is_erased_meanwhile_is_left_alone(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the list of the batch and its lock."""
    image, other = cast.submit(owner), cast.submit(owner)
    batches = rotation._batches

    def batches_and_erase() -> list[list[UUID]]:
        found = list(batches())
        Image.objects.filter(pk=image.pk).update(
            life=Life.ERASING,
            wrapped_key=None,
            sealed_name=None,
            reason="asked_for",
            erasing_since=image.received_at,
            look_again_at=image.received_at,
        )
        return found

    rotate_to_now(settings)
    monkeypatch.setattr(rotation, "_batches", batches_and_erase)
    assert rotation.rotate() == Rotated(rewrapped=1)
    image.refresh_from_db()
    assert image.wrapped_key is None
    other.refresh_from_db()
    settings.OLD_MASTER_KEY = ""
    other.open_key()


def test_the_command_shows_what_is_alive(owner: User, settings: Settings) -> None:
    assert "0 epochs alive\n" in run("status")
    cast.opt_in(owner)
    image = cast.submit(owner)
    rotate_to_now(settings)
    said = run("status")
    assert f"{len(epochs_alive())} epochs alive, ending from 20" in said
    assert f"{len(grants_alive())} training opt-ins alive" in said
    assert len(grants_alive()) == 1
    assert "0 images under the master key" in said
    assert "1 images still under the old key" in said
    ends = [int((image.purge_at + timedelta(minutes=15)).timestamp()) // 900 * 900, image.epoch]
    assert image.epoch in ends


def test_the_command_rotates_and_says_so(owner: User, settings: Settings) -> None:
    cast.submit(owner)
    with pytest.raises(CommandError, match="BGERASE_OLD_MASTER_KEY"):
        run("rotate")
    rotate_to_now(settings)
    assert run("rotate") == "1 rewrapped, 0 were already, 0 that no key opens\n"
    assert run("rotate") == "0 rewrapped, 1 were already, 0 that no key opens\n"
    assert "0 images still under the old key" in run("status")


def test_the_command_fails_while_somebody_still_writes_under_the_old_key(
    owner: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.submit(owner)
    rotate_to_now(settings)
    monkeypatch.setattr(rotation, "rotate", Rotated)
    with pytest.raises(CommandError, match="1 images came under the old key meanwhile"):
        run("rotate")
