"""Promise 9: with its epoch gone, a backup of everything else is noise, the master key included.

Everything else is every row and every stored byte, as they were at one moment, and, where a test
says so, the folder of the keys as it was once the time of the images was over.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from pytest_django import Settings

from accounts.models import User
from processing.engine import FILES
from processing.flows.erase import erase_images
from processing.flows.shorten import Shorter, shorten_from_now
from processing.flows.submit import Upload
from processing.models import Blob, Image, database_now
from processing.retention.sweeper import sweep
from processing.storage import (
    KeyGone,
    SealBroken,
    destroy_expired_epochs,
    destroy_grant,
    epochs_alive,
    grants_alive,
    make_image_key,
    open_image_key,
    open_kept_key,
    open_text,
    read_blob,
)
from tests import cast, photos
from tests.promises.scale import pick

NAME = "grandma-on-the-island.png"
KINDS = ("original", *FILES)
MANY = pick(4, 100)
PLAIN = (hashlib.sha256, hashlib.sha1, hashlib.md5)
DAY = timedelta(hours=24)


class Backup:
    """All rows and all bytes, as they were at one moment."""

    def __init__(self) -> None:
        self.rows: list[Any] = [*Image.objects.all(), *Blob.objects.all()]
        self.bytes = {name: _read(name) for name in cast.stored_objects()}

    def restore(self) -> None:
        for name in cast.stored_objects():
            storages["vault"].delete(name)
        for name, content in self.bytes.items():
            storages["vault"].save(name.lstrip("/"), ContentFile(content))
        for row in self.rows:
            row.save(force_insert=True)


def _read(name: str) -> bytes:
    with storages["vault"].open(name.lstrip("/")) as file:
        return bytes(file.read())


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the keys, of this test's images alone."""
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys"


@pytest.fixture
def restored(owner: User) -> Image:
    """Backed up while it lived, erased on time, and restored as if nothing had happened."""
    image = cast.finish_with_renderings(cast.submit(owner, name=NAME))
    backup = Backup()
    assert sweep(end_of(image)).epochs >= 1
    erase_all()
    backup.restore()
    assert len(cast.stored_objects()) == 7
    return Image.objects.get()


def end_of(image: Image) -> datetime:
    """From then on no key of it is alive."""
    return image.purge_at + site.BUDGET.epoch + timedelta(seconds=1)


def erase_all() -> None:
    """Until the rows are gone too."""
    now = database_now() + DAY
    for _ in range(4):
        sweep(now)
        now += timedelta(minutes=30)
    assert cast.nothing_is_left()


def test_the_key_and_the_name_of_a_restored_image_do_not_open(restored: Image) -> None:
    assert restored.wrapped_key
    with pytest.raises(KeyGone):
        restored.open_key()
    with pytest.raises(KeyGone):
        restored.open_name()


def test_no_address_gives_anything_of_it(owner: User, restored: Image) -> None:
    """Its deadline is still ahead for the database: only the key is gone."""
    assert restored.purge_at > database_now()
    client = cast.browser(owner)
    for kind in KINDS:
        assert client.get(f"/images/{restored.pk}/{kind}").status_code == 404
    for page in ("/", "/gallery/", f"/images/{restored.pk}/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "grandma" not in answer.text


def test_its_bytes_do_not_open_with_any_key_that_is_left(owner: User, restored: Image) -> None:
    """Not with a living image's, and not with what the restored row holds."""
    living = cast.submit(owner)
    wrapped = bytes(restored.wrapped_key or b"")
    left = (living.open_key(), bytes(32), wrapped[12:44], site.MASTER_KEY.encode()[:32])
    assert not any(opens_with(restored, key) for key in left)


def test_a_new_epoch_of_the_same_time_does_not_open_it_either(restored: Image) -> None:
    make_image_key(bytes(16), restored.epoch)
    with pytest.raises(KeyGone):
        restored.open_key()


def test_restored_early_it_is_readable_only_as_long_as_its_epoch_lives(owner: User) -> None:
    image = cast.finish(cast.submit(owner, name=NAME))
    backup = Backup()
    Blob.objects.all().delete()
    image.jobs.all().delete()
    Image.objects.all().delete()
    backup.restore()
    row = Image.objects.get()
    assert row.open_name() == NAME
    destroy_expired_epochs(end_of(row))
    with pytest.raises(KeyGone):
        row.open_name()


def test_keys_are_kept_outside_of_the_database_and_the_media(owner: User, keys: Path) -> None:
    cast.opt_in(owner)
    cast.submit(owner)
    assert list((keys / "epochs").glob("*.key"))
    assert list((keys / "kept").glob("*.key"))
    secrets = [path.read_bytes() for path in keys.glob("*/*.key")]
    assert len(secrets) == 3, "the epoch's, the opt-in's, and the kept image's own"
    for content in (*map(_read, cast.stored_objects()), *_values()):
        assert not any(secret in content for secret in secrets)


def test_the_key_of_a_request_cannot_be_guessed_at(owner: User) -> None:
    """Whoever sends photos by a program chooses it, and can take the file's name for it."""
    sender = cast.sender_of(owner, NAME)
    upload = Upload(sender, NAME)
    upload.add(photos.draw())
    image = upload.finish()
    assert image.request_key in sender.stored_keys()
    destroy_expired_epochs(end_of(image))
    guesses = {*sender.stored_keys(), *(new(NAME.encode()).hexdigest() for new in PLAIN)}
    assert image.request_key not in guesses


@pytest.fixture
def all_kinds(
    owner: User, outsider: User, keys: Path, tmp_path: Path
) -> tuple[Backup, list[Image]]:
    """Plain ones, shortened ones and ones kept for training; erased in time, those after their
    owners had turned the opt-in off; and the backup from before that."""
    cast.opt_in(outsider)
    images = []
    for number, user in product(range(MANY), (owner, outsider)):
        image = cast.finish_with_renderings(cast.submit(user, name=NAME))
        if user == owner and number % 2:
            with transaction.atomic():
                image.shorten(image.purge_at - timedelta(hours=number % 20 + 1))
                image.save()
        images.append(image)
    backup = Backup()
    shutil.copytree(keys, tmp_path / "before")
    sweep(end_of(images[-1]))
    assert Image.objects.filter(kept=True).count() == MANY  # The opt-in holds: they stay, and open.
    assert all(image.open_key() for image in Image.objects.filter(kept=True))
    cast.opt_out(outsider)
    erase_all()
    return backup, images


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("folder", ["nothing", "keys", "after", "before"])
def test_nothing_of_a_day_ago_opens(
    owner: User,
    all_kinds: tuple[Backup, list[Image]],
    keys: Path,
    tmp_path: Path,
    settings: Settings,
    folder: str,
) -> None:
    """Without the keys, with those of now, and with a copy that was taken after their end.

    One from before opens everything: that is why no backup is to have that folder, and it shows
    that this test can tell.
    """
    backup, images = all_kinds
    shutil.copytree(keys, tmp_path / "after")
    settings.KEYS_DIR = tmp_path / folder
    cast.fill(owner, 1)  # The site goes on, with new keys.
    Image.objects.all()[0].open_key()
    Blob.objects.all().delete()
    for image in Image.objects.all():
        image.jobs.all().delete()
        image.delete()
    backup.restore()
    opened = [image for image in Image.objects.all() if any(_opened(image))]
    print(f"keys of the folder '{folder}': {len(opened)} of {len(images)} images open")
    assert Image.objects.count() == len(images) == 2 * MANY
    assert len(cast.stored_objects()) == 7 * len(images)
    assert len(opened) == (len(images) if folder == "before" else 0)
    assert all(opens_with(image, key) for image in opened for key in _opened(image))


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_takes_the_key_from_every_backup_past_the_deadline(
    owner: User, keys: Path, tmp_path: Path, settings: Settings
) -> None:
    """Until then it opens: the person has said so, and a copy of the keys shows that it does."""
    cast.opt_in(owner)
    image = cast.finish(cast.submit(owner, name=NAME))
    destroy_expired_epochs(end_of(image))
    backup = Backup()
    shutil.copytree(keys, tmp_path / "before")
    assert image.open_name() == NAME
    cast.opt_out(owner)
    assert grants_alive() == []
    erase_all()
    backup.restore()
    row = Image.objects.get()
    assert row.kept
    assert not any(_opened(row))
    settings.KEYS_DIR = tmp_path / "before"
    assert row.open_name() == NAME
    destroy_grant(grants_alive()[0])
    assert not any(_opened(row))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["erased", "shortened"])
def test_what_was_kept_and_is_not_to_be_any_more_opens_in_no_backup_either(
    owner: User, way: str
) -> None:
    """While the opt-in goes on, and with it the keys of what is kept beside it."""
    cast.opt_in(owner)
    image, other = (cast.finish(cast.submit(owner, name=NAME)) for _ in range(2))
    backup = Backup()
    if way == "erased":
        erase_images([image], cast.at_page(owner))
    else:
        shorten_from_now(image, Shorter(timedelta(hours=1)), cast.at_page(owner))
    sweep(end_of(image))
    assert Image.objects.get().open_name() == NAME
    assert grants_alive()
    Blob.objects.all().delete()
    other.jobs.all().delete()
    Image.objects.all().delete()
    backup.restore()
    assert [row.pk for row in Image.objects.all() if any(_opened(row))] == [other.pk]


def opens_with(image: Image, key: bytes) -> bool:
    """Whether any byte of it, or its name, does."""
    for kind in KINDS:
        try:
            next(read_blob(key, image.prefix, 0 if kind == "original" else 1, kind))
        except (SealBroken, FileNotFoundError):
            continue
        return True
    try:
        open_text(bytes(image.sealed_name or b""), key, image._name_place)
    except SealBroken:
        return False
    return True


def _opened(image: Image) -> Iterator[bytes]:
    """Keys that the secrets of today make of what a row holds, by its own or by any other."""
    one, of_row = image.pk.bytes, (image.consent_id or 0, image.owner_consent_id or 0)
    for epoch in {image.epoch, *epochs_alive()}:
        with suppress(KeyGone):
            yield open_image_key(one, epoch, bytes(image.wrapped_key or b""))
    for grants in {of_row, *product(grants_alive(), grants_alive())}:
        with suppress(KeyGone):
            yield open_kept_key(one, bytes(image.kept_key or b""), grants)
    with suppress(KeyGone):
        yield image.open_key()


def _values() -> Iterator[bytes]:
    """Of every column of every row."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            yield from (_as_bytes(value) for value in row)


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
