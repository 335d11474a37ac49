"""Submitting: the promise is made before the first byte is stored, and a refusal leaves nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import Settings

from accounts.models import User
from processing import tasks
from processing.access import home_of
from processing.engine import EmptyFile, NotAnImage, PhotoError, TooLarge, TooManyPixels
from processing.errors import Interrupted
from processing.flows import submit
from processing.flows.submit import Upload
from processing.models import Blob, Image, Job, JobState, Life, database_now
from processing.storage import BlobWriter, read_blob
from tests import cast, photos
from tests.processing.threads import apart

LARGE = photos.pad(photos.draw(), 700_000)


def begin(owner: User, name: str = "photo.png", key: str = "", index: int = 0) -> Upload:
    return Upload(cast.sender_of(owner, key), name, index)


def add_all(upload: Upload, content: bytes, piece: int = 65_536) -> None:
    for start in range(0, len(content), piece):
        upload.add(content[start : start + piece])


@pytest.mark.parametrize("content", [photos.draw(), LARGE], ids=["small", "large"])
def test_a_photo_that_has_arrived_is_live_with_a_job(owner: User, content: bytes) -> None:
    before, upload = database_now(), begin(owner, "island.png")
    add_all(upload, content)
    image = upload.finish()
    row = Image.objects.get()
    assert image == row
    assert (row.life, row.size, row.width, row.height) == (Life.LIVE, len(content), 64, 48)
    assert (row.kind, row.open_name()) == ("png", "island.png")
    assert (row.workspace, row.uploaded_by) == (home_of(owner), owner)
    assert before <= row.received_at <= database_now()
    assert row.purge_at == row.received_at + timedelta(hours=23)
    assert b"".join(read_blob(row.open_key(), row.prefix, 0, "original")) == content
    blob = Blob.objects.get()
    assert (blob.kind, blob.stored, blob.size) == ("original", True, len(content))
    assert Job.objects.get().state == JobState.QUEUED


def test_the_promise_counts_from_the_first_byte(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = database_now()
    monkeypatch.setattr(submit, "database_now", lambda: first)
    upload = begin(owner)
    upload.add(LARGE[:10])
    monkeypatch.setattr(submit, "database_now", lambda: first + timedelta(minutes=9))
    add_all(upload, LARGE[10:])
    assert upload.finish().received_at == first


@pytest.mark.django_db(transaction=True)
def test_row_deadline_and_key_are_committed_before_the_first_byte_is_stored(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from another connection, at the moment the vault is opened for writing."""
    seen: list[tuple[Any, ...]] = []
    writer = BlobWriter

    def look() -> tuple[Any, ...]:
        row = Image.objects.get()
        blob = Blob.objects.get()
        return row.life, row.open_key(), row.purge_at, blob.kind, blob.stored

    def spy(key: bytes, prefix: str, *place: Any) -> Any:
        assert not cast.stored_objects()
        seen.append((*apart(look), key))
        return writer(key, prefix, *place)

    monkeypatch.setattr(submit, "BlobWriter", spy)
    upload = begin(owner)
    add_all(upload, LARGE)
    image = upload.finish()
    ((life, key, purge_at, kind, stored, used),) = seen
    assert (life, kind, stored) == (Life.RECEIVING, "original", False)
    assert key == used == image.open_key()
    assert purge_at == image.purge_at


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_rung_for_once_the_job_is_there(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(tasks, "ring", lambda model: seen.append(apart(Job.objects.count)))
    cast.submit(owner)
    assert seen == [1]


def test_while_it_arrives_nobody_reads_it_and_nobody_claims_it(owner: User) -> None:
    upload = begin(owner)
    add_all(upload, LARGE[:-1])
    image = Image.objects.get()
    assert cast.browser(owner).get(f"/images/{image.pk}/original").status_code == 404
    assert not Job.objects.exists()
    upload.abandon()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (photos.NOISE, NotAnImage),
        (photos.SVG, PhotoError),
        (photos.PDF, PhotoError),
        (photos.png_header(20_000, 20_000), TooManyPixels),
    ],
    ids=["empty", "noise", "svg", "pdf", "too many pixels"],
)
@pytest.mark.parametrize("size", [0, 400_000])
def test_what_its_head_disqualifies_leaves_no_row_and_no_byte(
    owner: User, content: bytes, error: type[PhotoError], size: int
) -> None:
    upload = begin(owner)
    with pytest.raises(error):
        if content and size:
            add_all(upload, photos.pad(content, size))
        elif content:
            upload.add(content)
        upload.finish()
    assert cast.nothing_is_left()
    upload.abandon()
    assert cast.nothing_is_left()


@pytest.mark.parametrize("arrived", [0, 100, 262_143, 262_144, 400_000, 700_000])
def test_an_abandoned_upload_leaves_nothing(owner: User, arrived: int) -> None:
    upload = begin(owner)
    add_all(upload, LARGE[:arrived])
    upload.abandon()
    assert cast.nothing_is_left()
    upload.abandon()


def test_one_that_is_too_large_is_refused_in_mid_stream(owner: User, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 500_000
    upload = begin(owner)
    add_all(upload, LARGE[:500_000])
    assert cast.stored_objects()
    with pytest.raises(TooLarge):
        upload.add(b"x")
    upload.abandon()
    assert cast.nothing_is_left()


def test_one_that_takes_as_long_as_it_may_be_kept_is_refused(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its head took until the deadline: the key's epoch may have ended, and no other is used."""
    upload, start = begin(owner), database_now()
    upload.add(LARGE[:4])
    monkeypatch.setattr(submit, "database_now", lambda: start + timedelta(hours=24))
    with pytest.raises(Interrupted):
        add_all(upload, LARGE[4:])
    upload.abandon()
    assert cast.nothing_is_left()


def test_one_that_the_sweeper_has_erased_meanwhile_is_refused(owner: User) -> None:
    from processing.retention.sweeper import sweep

    upload = begin(owner)
    add_all(upload, LARGE)
    sweep(database_now() + site.BUDGET.stale_upload)
    with pytest.raises(Interrupted):
        upload.finish()
    upload.abandon()
    assert cast.nothing_is_left()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\Olivia\\island.png", "island.png"),
        ("/home/olivia/island.png", "island.png"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\island.png", "island.png"),
        ("", ""),
        ("/", ""),
        ("é" * 4096 + ".png", "é" * 200),
        ("a\x00b.png", "a\x00b.png"),
        ("\u202egnp.dnalsi", "\u202egnp.dnalsi"),
        ("line\r\nSet-Cookie: x=1.png", "line\r\nSet-Cookie: x=1.png"),
    ],
)
def test_a_name_is_kept_without_its_path(owner: User, sent: str, kept: str) -> None:
    """Marks that could mislead are kept here, sealed, and left out where a name is written."""
    image = cast.submit(owner, name=sent)
    assert image.open_name() == kept
    answer = cast.browser(owner).get(f"/images/{image.pk}/original")
    assert answer.status_code == 200
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert disposition.isprintable()


@pytest.mark.parametrize("broker", ["gone", "hopeless"])
@pytest.mark.django_db(transaction=True)
def test_a_photo_is_taken_also_when_nobody_can_be_rung(
    owner: User, monkeypatch: pytest.MonkeyPatch, broker: str, caplog: pytest.LogCaptureFixture
) -> None:
    from amqp import ChannelError
    from kombu.exceptions import OperationalError

    error = OperationalError("away") if broker == "gone" else ChannelError("disk full")

    def fail(**options: object) -> None:
        raise error

    monkeypatch.setattr(tasks.work, "apply_async", fail)
    image = cast.submit(owner)
    assert image.life == Life.LIVE
    assert Job.objects.get().state == JobState.QUEUED
    assert "jobs wait" in caplog.text


def test_a_retention_that_was_shortened_shortens_what_arrives(
    owner: User, settings: Settings
) -> None:
    settings.RETENTION = timedelta(minutes=10)
    image = cast.submit(owner)
    assert image.purge_at - image.received_at == timedelta(minutes=9, seconds=35)
    assert timedelta(minutes=10) == site.RETENTION
