"""Erasing: unreadable in one transaction, bytes gone, rows kept until nobody can write any more."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from processing.models import Blob, Image, Job, Life, database_now
from processing.retention import erase
from processing.storage import KeyGone, stored_names
from tests import cast


def test_beginning_destroys_the_key_and_the_bytes_and_keeps_the_row(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    assert len(stored_names(image.prefix)) == 7
    erase.begin(image, database_now())
    assert stored_names(image.prefix) == []
    row = Image.objects.get(pk=image.pk)
    assert row.life == Life.ERASING
    assert (row.wrapped_key, row.sealed_name, row.request_key) == (None, None, None)
    assert not Job.objects.filter(image=image).exists()
    with pytest.raises(KeyGone):
        row.open_key()


def test_the_key_is_gone_before_a_byte_is_deleted(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    keys_at_deletion = []

    def look(prefix: str) -> None:
        keys_at_deletion.append(Image.objects.get(prefix=prefix).wrapped_key)

    monkeypatch.setattr(erase, "shred_prefix", look)
    erase.begin(image, database_now())
    assert keys_at_deletion == [None]


def test_finishing_removes_every_row(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    erase.begin(image, database_now())
    erase.finish(image)
    assert cast.nothing_is_left()
    assert not Job.objects.exists()


def test_every_step_may_run_twice_in_any_order(owner: User) -> None:
    image = cast.submit(owner)
    now = database_now()
    for step in (erase.begin, erase.begin):
        step(image, now)
    assert Image.objects.get().erasing_since == now  # The first time counts.
    erase.finish(image)
    erase.finish(image)
    erase.begin(image, now)
    assert cast.nothing_is_left()


def test_finishing_looks_for_bytes_once_more(owner: User) -> None:
    """What a late worker wrote after `begin` had looked."""
    image = cast.submit(owner)
    erase.begin(image, database_now())
    from processing.storage import BlobWriter

    with BlobWriter(bytes(32), image.prefix, 1, "cutout.png") as writer:
        writer.write(b"late")
    erase.finish(image)
    assert cast.nothing_is_left()


def test_finishing_never_removes_the_row_of_an_image_that_lives(owner: User) -> None:
    image = cast.submit(owner)
    Blob.objects.all().delete()
    Job.objects.all().delete()
    erase.finish(image)
    assert Image.objects.filter(pk=image.pk).exists()


def test_an_erased_neighbour_touches_nothing_of_others(owner: User, outsider: User) -> None:
    mine, theirs = cast.finish(cast.submit(owner)), cast.finish(cast.submit(outsider))
    with CaptureQueriesContext(connection) as queries:
        erase.begin(mine, database_now())
        erase.finish(mine)
    assert len(queries) < 20
    assert len(stored_names(theirs.prefix)) == 7
    assert theirs.blobs.filter(stored=True).count() == 7
    assert Job.objects.filter(image=theirs).exists()


def test_the_longest_job_includes_its_limit_and_a_margin(settings: object) -> None:
    settings.JOB_SECONDS = 100  # type: ignore[attr-defined]
    assert erase.longest_job().total_seconds() == 160
