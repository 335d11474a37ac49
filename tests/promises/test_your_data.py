"""All data about somebody, as one file: all of it, nothing of others, and stored nowhere."""

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection

from accounts.models import User
from processing.flows.erase import erase_images
from processing.flows.export import export_data
from tests import cast, photos
from tests.promises import residue
from tests.promises.scale import pick

pytestmark = pytest.mark.django_db(transaction=True)

NAME = f"olivia-{tempfile.gettempprefix()}-2c70e1f4-party.png"


def test_all_of_it_is_in_the_file_and_nothing_of_it_is_stored(
    owner: User, outsider: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    photo = residue.draw_marked()
    number = pick(5, 200)
    mine = [cast.finish(cast.submit(owner, photo, NAME), photo) for _ in range(number)]
    theirs = cast.finish(cast.submit(outsider))
    cast.opt_in(owner)
    erase_images([mine.pop()], cast.at_page(owner))
    sought = {**residue.needles_of_content("the photo", photo), **residue.needles_of_name(NAME)}
    sent = bytearray()
    for piece in export_data(owner, cast.at_page(owner)):
        sent += piece
        assert not list(temporary.iterdir())
    archive = zipfile.ZipFile(io.BytesIO(bytes(sent)))
    facts = {name: json.loads(archive.read(name)) for name in archive.namelist() if "json" in name}
    ids = {one["id"] for name, one in facts.items() if name.startswith("images/")}
    assert ids == {str(image.pk) for image in mine}
    originals = [name for name in archive.namelist() if name.endswith("original.png")]
    assert all(archive.read(name) == photo for name in originals)
    assert len(originals) == number - 1
    assert len(facts["receipts.json"]) == len(facts["consent.json"]) == 1
    assert str(theirs.pk).encode() not in sent
    assert residue.find(sought, Path(site.DATA_DIR), temporary) == []
    assert residue.find_in_tables(sought) + residue.find_in_storage(sought) == []
    print(f"{len(ids)} images, {len(sent):,} bytes in the file, nothing of it stored")


def test_no_transaction_is_held_open_for_a_slow_reader(owner: User) -> None:
    """Erasing, and SQLite's forgetting of what was deleted, would wait for the reader."""
    for _ in range(3):
        cast.submit(owner, photos.pad(photos.draw(), 400_000))
    for number, _ in enumerate(export_data(owner, cast.at_page(owner))):
        assert not connection.in_atomic_block
        if connection.vendor == "sqlite" and not number % 5:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy = cursor.fetchone()[0]
            assert not busy
