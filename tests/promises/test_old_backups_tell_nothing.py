"""Promise 9: with its epoch gone, a backup of everything else is noise, the master key included."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from accounts.models import User
from processing.engine import FILES
from processing.models import Blob, Image, Reason, database_now
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, SealBroken, destroy_expired_epochs, open_text, read_blob
from tests import cast

NAME = "grandma-on-the-island.png"


class Backup:
    """All rows and all bytes, as they were at one moment."""

    def __init__(self, folder: Path) -> None:
        self.media = Path(site.STORAGES["vault"]["OPTIONS"]["location"])
        self.folder = folder
        self.rows: list[Any] = [*Image.objects.all(), *Blob.objects.all()]
        shutil.copytree(self.media, folder)

    def restore(self) -> None:
        shutil.rmtree(self.media, ignore_errors=True)
        shutil.copytree(self.folder, self.media)
        for row in self.rows:
            row.save(force_insert=True)


@pytest.fixture
def restored(owner: User, tmp_path: Path) -> Image:
    """Backed up while it lived, erased on time, and restored as if nothing had happened."""
    image = cast.finish(cast.submit(owner, name=NAME))
    backup = Backup(tmp_path / "backup")
    end = image.purge_at + site.RETENTION / 96 + timedelta(seconds=1)
    assert sweep(end).epochs >= 1
    erase.finish(image, database_now() + erase.longest_job())
    assert cast.nothing_is_left()
    backup.restore()
    assert len(cast.stored_objects()) == 7
    return Image.objects.get()


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
    for kind in ("original", *FILES):
        assert client.get(f"/images/{restored.pk}/{kind}").status_code == 404
    for page in ("/", "/gallery/", f"/images/{restored.pk}/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "grandma" not in answer.text


def test_its_bytes_do_not_open_with_any_key_that_is_left(owner: User, restored: Image) -> None:
    """Not with a living image's, and not with what the restored row holds."""
    living = cast.submit(owner)
    wrapped = bytes(restored.wrapped_key or b"")
    for key in (living.open_key(), bytes(32), wrapped[12:44], site.MASTER_KEY.encode()[:32]):
        for kind in ("original", *FILES):
            generation = 0 if kind == "original" else 1
            with pytest.raises(SealBroken):
                next(read_blob(key, restored.prefix, generation, kind))
        with pytest.raises(SealBroken):
            open_text(bytes(restored.sealed_name or b""), key, restored._name_place)


def test_a_new_epoch_of_the_same_time_does_not_open_it_either(restored: Image) -> None:
    from processing.storage import make_image_key

    make_image_key(bytes(16), restored.epoch)
    with pytest.raises(KeyGone):
        restored.open_key()


def test_restored_early_it_is_readable_only_as_long_as_its_epoch_lives(
    owner: User, tmp_path: Path
) -> None:
    image = cast.finish(cast.submit(owner, name=NAME))
    backup = Backup(tmp_path / "backup")
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    erase.finish(image, database_now() + erase.longest_job())
    backup.restore()
    row = Image.objects.get()
    assert row.open_name() == NAME
    destroy_expired_epochs(row.purge_at + site.RETENTION / 96 + timedelta(seconds=1))
    with pytest.raises(KeyGone):
        row.open_name()


def test_epochs_are_kept_outside_of_the_database_and_the_media(owner: User) -> None:
    cast.submit(owner)
    media = Path(site.STORAGES["vault"]["OPTIONS"]["location"])
    assert site.KEYS_DIR not in (media, *media.parents)
    assert list((site.KEYS_DIR / "epochs").glob("*.key"))
