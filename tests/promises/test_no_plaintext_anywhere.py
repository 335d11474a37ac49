"""Promise 8: a photo, its results and its name are nowhere but in memory, at any time of its life.

Searched: the data folder with its database, write-ahead log, broker and keys, every table, the
vault, the folder for temporary files, and what was logged at the most talkative level.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site

from accounts.models import User
from processing.engine import FILES
from processing.models import Image, Job, JobState
from processing.retention import erase
from processing.retention.sweeper import sweep
from tests import cast, photos
from tests.promises import residue
from tests.promises.processes import CELERY, PLAN, plan, running, wait_until

NAME = f"grandma-{tempfile.gettempprefix()}-7f3a91c2-island.png"
FAILED_NAME = "uncle-5be1d0aa-nowhere.png"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def vault() -> Path:
    return Path(site.STORAGES["vault"]["OPTIONS"]["location"])


@pytest.fixture
def nowhere(
    temporary: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Callable[[residue.Needles], bool]:
    caplog.set_level("DEBUG")
    places = (Path(site.DATA_DIR), vault(), tmp_path)

    def search(needles: residue.Needles) -> bool:
        hits = residue.find(needles, *places)
        hits += residue.find_in_tables(needles) + residue.find_in_messages(needles)
        logged = caplog.text.encode()
        hits += [f"{what} in the log" for what, needle in needles.items() if needle in logged]
        assert hits == []
        assert not [path for path in temporary.rglob("*") if path.is_file()]
        return True

    return search


def test_the_oracle_finds_what_is_there(tmp_path: Path) -> None:
    """Otherwise the silence below would mean nothing."""
    photo = residue.draw_marked()
    names, pixels = residue.needles_of_name(NAME), residue.needles_of_content("photo", photo)
    kept = {
        "as it is": photo,
        "in hexadecimal": photo.hex().encode(),
        "in UTF-16": NAME.encode("utf-16-le"),
        NAME: b"",
    }
    for place, content in kept.items():
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        (folder / place).write_bytes(content)
        assert residue.find({**names, **pixels}, folder)
    assert not residue.find(residue.needles_of_name("another name"), tmp_path)


def test_the_oracle_finds_what_is_in_a_table(owner: User) -> None:
    User.objects.update(email="grandma@example.org")
    assert residue.find_in_tables(residue.needles_of_name("grandma@example.org"))


@pytest.mark.slow
@pytest.mark.database
def test_nothing_of_a_photo_is_left_in_the_clear_at_any_time(
    owner: User, tmp_path: Path, nowhere: Callable[[residue.Needles], bool]
) -> None:
    photo = residue.draw_marked()
    needles = {**residue.needles_of_name(NAME), **residue.needles_of_content("photo", photo)}
    needles |= residue.needles_of_name(residue.ARTIST)
    client = cast.browser(owner)
    assert cast.send(client, photos.Part(photo, NAME)).status_code == 201
    assert nowhere(needles)
    plan("mask.png:nap")
    image = Image.objects.get()
    with running(CELERY, tmp_path, LOG_LEVEL="DEBUG"):
        wait_until(PLAN.with_name("reached").exists, 60, "the engine works")
        assert nowhere(needles)
        PLAN.unlink()
        wait_until(lambda: Job.objects.get().state == JobState.DONE, 60, "the job is done")
        for kind in FILES:
            content = b"".join(client.get(f"/images/{image.pk}/{kind}"))
            needles |= residue.needles_of_content(kind, content)
        client.get("/gallery/")
        assert nowhere(needles)
    assert not residue.find(residue.MAGIC, vault())
    assert all(path.read_bytes().startswith(b"BGE1") for path in vault().rglob("*.png"))
    client.delete(f"/images/{image.pk}/")
    assert nowhere(needles)
    sweep(image.purge_at + erase.longest_job())
    assert nowhere(needles)
    assert cast.nothing_is_left()


def test_nothing_of_a_photo_that_is_refused_is_left(
    owner: User, nowhere: Callable[[residue.Needles], bool], settings: object
) -> None:
    """Refused in mid-stream, cut off, not a photo at all, and sent to the wrong address."""
    settings.MAX_UPLOAD_BYTES = 400_000  # type: ignore[attr-defined]
    photo = residue.draw_marked()
    needles = {**residue.needles_of_name(FAILED_NAME), **residue.needles_of_content("it", photo)}
    client = cast.browser(owner, raise_request_exception=False)
    too_large = photos.Part(photos.pad(photo, 500_000), FAILED_NAME)
    assert cast.send(client, too_large).status_code == 413
    whole = photos.multipart(photos.Part(photos.pad(photo, 300_000), FAILED_NAME))
    client.post("/images/", whole[:280_000], content_type=photos.CONTENT_TYPE, headers=cast.JSON)
    assert cast.send(client, photos.Part(photo[1:], FAILED_NAME)).status_code == 415
    for elsewhere in ("/images/erase/", "/accounts/login/", "/gallery/"):
        client.post(elsewhere, whole, content_type=photos.CONTENT_TYPE)
    assert nowhere(needles)
    assert cast.nothing_is_left()
