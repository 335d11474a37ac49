"""Turning the opt-in off: what was kept is due at once or at its own time, and opens no more."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import Membership, User, Workspace
from accounts.signals import Freed
from processing.flows.erase import erase_images
from processing.flows.submit import Upload
from processing.models import Image, database_now
from processing.retention import condemned
from processing.storage import (
    KeyGone,
    destroy_expired_epochs,
    grants_alive,
    make_kept_key,
)
from processing.training import withdrawal
from processing.training.withdrawal import destroy_left_over_grants, destroy_left_over_secrets
from tests import photos
from tests.cast import age, at_page, opt_in, opt_out, sender_of, submit

DAY = timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_from_that_moment(owner: User) -> None:
    opt_in(owner)
    old, young = submit(owner), submit(owner)
    age(old, DAY)
    before = database_now()
    opt_out(owner)
    now = database_now()
    for image in (old, young):
        image.refresh_from_db()
        assert (image.kept, image.kept_key) == (False, None)
        assert image.withdrawn_at is not None
        assert before <= image.withdrawn_at <= now
    assert list(Image.objects.due(now)) == [old]
    assert list(Image.objects.readable(now)) == [young]
    assert young.open_name() == "photo.png"


def test_it_says_how_much_is_due_with_it_and_how_much_later(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very moment of a deadline is past it."""
    opt_in(owner)
    first, second, _ = submit(owner), submit(owner), submit(owner)
    age(first, DAY)
    age(second, timedelta(hours=1))
    second.refresh_from_db()
    monkeypatch.setattr(withdrawal, "database_now", lambda: second.purge_at)
    assert withdrawal.withdraw(user=owner) == Freed(due=2, later=1)


@pytest.mark.django_db(transaction=True)
def test_its_secret_is_destroyed_so_that_no_copy_of_the_key_opens(owner: User) -> None:
    entry = opt_in(owner)
    image = submit(owner)
    copied = Image.objects.get()  # As a backup of the database has it.
    assert grants_alive() == [entry.number]
    opt_out(owner)
    assert grants_alive() == []
    assert image.open_key()
    destroy_expired_epochs(database_now() + DAY)
    with pytest.raises(KeyGone):
        copied.open_key()


@pytest.mark.django_db(transaction=True)
def test_on_again_brings_nothing_back(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    age(image, DAY)
    opt_out(owner)
    again = opt_in(owner)
    image.refresh_from_db()
    assert not image.kept
    assert list(Image.objects.due(database_now())) == [image]
    assert submit(owner).consent == again
    assert grants_alive() == [again.number]


@pytest.mark.parametrize("who", ["uploader", "owner"])
@pytest.mark.django_db(transaction=True)
def test_what_two_let_us_keep_either_of_them_ends(owner: User, outsider: User, who: str) -> None:
    """`outsider` uploads into a workspace of `owner`. What is each one's own goes on."""
    workspace = Workspace.objects.create(owner=owner)
    Membership.objects.create(workspace=workspace, user=outsider)
    opt_in(owner)
    opt_in(outsider)
    upload = Upload(sender_of(outsider, workspace=workspace), "photo.png")
    upload.add(photos.draw())
    shared, own, theirs = upload.finish(), submit(owner), submit(outsider)
    assert shared.kept
    copied = Image.objects.get(pk=shared.pk)
    opt_out(outsider if who == "uploader" else owner)
    kept = set(Image.objects.filter(kept=True).values_list("pk", flat=True))
    assert kept == {own.pk if who == "uploader" else theirs.pk}
    destroy_expired_epochs(database_now() + DAY)
    with pytest.raises(KeyGone):
        copied.open_key()
    assert Image.objects.get(kept=True).open_key()


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_that_is_rolled_back_destroys_nothing(owner: User) -> None:
    entry = opt_in(owner)
    image = submit(owner)
    with pytest.raises(RuntimeError), transaction.atomic():
        opt_out(owner)
        raise RuntimeError
    image.refresh_from_db()
    assert image.kept
    assert grants_alive() == [entry.number]


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_is_left_over_is_found_and_destroyed(
    owner: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process dies between the commit of the withdrawal and the secret's end."""
    monkeypatch.setattr(withdrawal, "destroy_grant", lambda number: None)
    ended, held = opt_in(owner), opt_in(outsider)
    submit(owner)
    kept = submit(outsider)
    opt_out(owner)
    assert grants_alive() == [ended.number, held.number]
    assert destroy_left_over_grants() == [ended.number]
    assert destroy_left_over_grants() == []
    assert grants_alive() == [held.number]
    destroy_expired_epochs(database_now() + DAY)
    assert kept.open_key()


@pytest.mark.django_db(transaction=True)
def test_an_images_secret_that_is_left_over_is_found_and_destroyed(
    owner: User, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path
) -> None:
    """Of one that was erased, and of one whose row was never committed; not of one that is young:
    its row may be on the way."""
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(condemned, "destroy_kept", lambda ids: None)
    entry = opt_in(owner)
    erased, held = submit(owner), submit(owner)
    never = uuid.uuid4()
    make_kept_key(never.bytes, b"k" * 32, (entry.number, entry.number))
    erase_images([erased], at_page(owner))
    assert destroy_left_over_secrets() == []
    for secret in (tmp_path / "keys" / "kept-images").iterdir():
        os.utime(secret, (0, 0))
    assert set(destroy_left_over_secrets()) == {erased.pk, never}
    assert destroy_left_over_secrets() == []
    destroy_expired_epochs(database_now() + DAY)
    assert held.open_key()


def test_the_secret_of_an_image_that_is_there_and_kept_no_more_is_one_too(
    owner: User, tmp_path: Path
) -> None:
    opt_in(owner)
    image = submit(owner)
    for secret in (tmp_path / "keys" / "kept-images").iterdir():
        os.utime(secret, (0, 0))
    assert destroy_left_over_secrets() == []
    Image.objects.filter(pk=image.pk).update(kept=False, kept_key=None)
    assert destroy_left_over_secrets() == [image.pk]


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_cannot_be_removed_keeps_nobody_from_turning_it_off(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(number: int) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(withdrawal, "destroy_grant", fail)
    opt_in(owner)
    submit(owner)
    opt_out(owner)
    assert not Image.objects.filter(kept=True).exists()


def test_a_secret_that_no_entry_of_the_ledger_has_is_destroyed(owner: User) -> None:
    entry = opt_in(owner)
    submit(owner)
    make_kept_key(b"image", b"k" * 32, (entry.number, entry.number + 7))
    assert destroy_left_over_grants() == [entry.number + 7]
    assert grants_alive() == [entry.number]
