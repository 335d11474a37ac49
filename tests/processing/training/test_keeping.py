"""What is kept: what comes while everybody it belongs to has opted in, and nothing else."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import ConsentEntry, Membership, User, Workspace
from processing.flows.shorten import AS_USUAL, Shorter
from processing.flows.submit import Upload
from processing.models import Image, database_now
from processing.storage import (
    KeyGone,
    destroy_expired_epochs,
    destroy_grant,
    grants_alive,
    read_blob,
)
from processing.training.agreed import agreed
from tests import photos
from tests.cast import age, opt_in, opt_out, sender_of, submit
from tests.processing.threads import at_once

DAY = timedelta(days=1)


def share(owner: User, member: User) -> Workspace:
    workspace = Workspace.objects.create(owner=owner)
    for user in (owner, member):
        Membership.objects.create(workspace=workspace, user=user)
    return workspace


def submit_to(workspace: Workspace, user: User, shorter: Shorter | None = None) -> Image:
    sender = sender_of(user, workspace=workspace, shorter=shorter or AS_USUAL)
    upload = Upload(sender, "photo.png")
    upload.add(photos.draw())
    return upload.finish()


def test_by_default_nothing_is_kept(owner: User) -> None:
    image = submit(owner)
    assert (image.kept, image.kept_key, image.consent, image.owner_consent) == (False, *[None] * 3)
    assert grants_alive() == []


def test_what_comes_while_it_is_on_is_kept_with_the_entry_it_came_under(owner: User) -> None:
    entry = opt_in(owner)
    image = submit(owner)
    assert (image.kept, image.consent, image.owner_consent) == (True, entry, entry)
    assert grants_alive() == [entry.number]


def test_what_came_earlier_is_not_covered(owner: User) -> None:
    earlier = submit(owner)
    opt_in(owner)
    earlier.refresh_from_db()
    assert not earlier.kept
    with pytest.raises(Exception, match="nothing lengthens"), transaction.atomic():
        Image.objects.filter(pk=earlier.pk).update(
            kept=True, kept_key=b"k", consent=ConsentEntry.objects.get(), owner_consent_id=1
        )


def test_what_was_arriving_when_it_was_turned_on_is_not_covered(owner: User) -> None:
    upload = Upload(sender_of(owner), "photo.png")
    upload.add(photos.draw())
    opt_in(owner)
    assert not upload.finish().kept


def test_what_was_arriving_when_it_was_turned_off_is_not_covered(owner: User) -> None:
    opt_in(owner)
    upload = Upload(sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 700_000))
    assert Image.objects.get().kept
    opt_out(owner)
    assert not upload.finish().kept


def test_what_comes_after_it_was_turned_off_is_not_covered(owner: User) -> None:
    opt_in(owner)
    opt_out(owner)
    assert not submit(owner).kept


def test_another_s_opt_in_covers_nothing_of_mine(owner: User, outsider: User) -> None:
    opt_in(outsider)
    assert not submit(owner).kept


def test_the_deadline_stays_what_it_would_have_been(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    assert image.purge_at == image.received_at + timedelta(hours=23)


def test_a_kept_photo_opens_beyond_its_deadline_and_no_other_does(owner: User) -> None:
    other = submit(owner)
    opt_in(owner)
    kept = submit(owner)
    destroy_expired_epochs(database_now() + DAY)
    with pytest.raises(KeyGone):
        other.open_key()
    assert kept.open_name() == "photo.png"
    assert b"".join(read_blob(kept.open_key(), kept.prefix, 0, "original")) == photos.draw()
    for image in (kept, other):
        age(image, DAY)
    assert list(Image.objects.readable(database_now())) == [kept]
    assert list(Image.objects.due(database_now())) == [other]


@pytest.mark.parametrize("on", ["neither", "uploader", "owner", "both"])
def test_in_a_shared_workspace_both_have_to_agree(owner: User, outsider: User, on: str) -> None:
    """`outsider` uploads into a workspace of `owner`."""
    workspace = share(owner, outsider)
    entries = {
        user: opt_in(user)
        for user, name in ((outsider, "uploader"), (owner, "owner"))
        if on in {name, "both"}
    }
    image = submit_to(workspace, outsider)
    assert image.kept == (on == "both")
    if on == "both":
        assert (image.consent, image.owner_consent) == (entries[outsider], entries[owner])
    else:
        assert (image.consent, image.owner_consent) == (None, None)


@pytest.mark.parametrize("shorter", [Shorter(timedelta(hours=1)), Shorter(after_download=True)])
def test_a_photo_that_was_given_a_shorter_life_is_not_kept(owner: User, shorter: Shorter) -> None:
    opt_in(owner)
    assert not submit_to(owner.owned_workspaces.get(), owner, shorter).kept


def test_a_workspace_whose_photos_live_shorter_keeps_none(owner: User) -> None:
    opt_in(owner)
    home = owner.owned_workspaces.get()
    home.retention_seconds = 3600
    home.save()
    assert not submit_to(home, owner).kept


def test_a_site_whose_photos_live_shorter_keeps_what_was_agreed(
    owner: User, settings: Settings
) -> None:
    settings.RETENTION = timedelta(hours=1)
    opt_in(owner)
    assert submit(owner).kept


@pytest.mark.django_db(transaction=True)
def test_turning_it_off_waits_for_an_upload_that_relies_on_it(owner: User) -> None:
    """So that it finds the image: of the two, one always sees the other."""
    entry = opt_in(owner)
    home = owner.owned_workspaces.get()
    order: list[str] = []
    locked, apart_soon = threading.Event(), threading.Event()

    def rely() -> None:
        with transaction.atomic():
            assert agreed(owner, home, database_now()) == (entry, entry)
            locked.set()
            order.append("relied")
            apart_soon.wait(0.2)
            order.append("committed")

    def withdraw() -> None:
        locked.wait()
        opt_out(owner)
        order.append("off")

    at_once(rely, withdraw)
    assert order == ["relied", "committed", "off"]
    with transaction.atomic():
        assert agreed(owner, home, database_now()) is None


def test_an_opt_in_whose_secret_was_destroyed_keeps_nothing_whatever_the_ledger_says(
    owner: User,
) -> None:
    """A backup of the database that was restored can be older than the withdrawal."""
    entry = opt_in(owner)
    assert submit(owner).kept
    destroy_grant(entry.number)
    image = submit(owner)
    assert not image.kept
    assert image.kept_key is None
    assert image.open_name() == "photo.png"
    assert entry.number not in grants_alive()
