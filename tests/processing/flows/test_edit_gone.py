"""A version of what is erased, due or hit by a fault: nothing is stored, nothing comes back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from processing.errors import StorageFull
from processing.flows import edit as edit_flow
from processing.flows.edit import choose
from processing.flows.erase import erase_images
from processing.jobs import reap, results
from processing.models import Edit, Image, JobState, database_now
from processing.retention import erase
from processing.storage import stored_names
from tests import cast
from tests.processing.flows.versions import ERASED, image, jobs, saved
from tests.processing.jobs.conftest import warm

__all__ = ["image", "warm"]


@pytest.fixture
def rush(image: Image, monkeypatch: Any) -> Callable[[str], None]:
    """`rush("reserve")`: the image is erased right before that step of storing."""

    def arrange(step: str) -> None:
        real: Any = getattr(results, step)

        def after_erasing(*args: Any) -> Any:
            erase_images([image], cast.at_page(image.uploaded_by))
            return real(*args)

        monkeypatch.setattr(results, step, after_erasing)

    return arrange


@pytest.mark.parametrize("step", ["reserve", "store"])
def test_an_image_that_is_erased_meanwhile_gets_no_version(
    image: Image, rush: Callable[[str], None], step: str
) -> None:
    rush(step)
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    assert not Edit.objects.exists()
    assert not stored_names(image.prefix)
    later = database_now() + erase.longest_job() + timedelta(minutes=1)
    assert erase.finish(Image.objects.get(pk=image.pk), later)
    assert cast.nothing_is_left()


@pytest.mark.parametrize("erased", [True, False])
def test_what_a_bucket_says_of_an_image_that_was_erased_is_no_trouble_of_the_storage(
    image: Image, monkeypatch: Any, erased: bool
) -> None:
    """Erasing ends the upload that the strokes are in: the bucket no longer knows of it."""

    def store(*args: Any) -> None:
        if erased:
            erase_images([image], cast.at_page(image.uploaded_by))
        raise LookupError("NoSuchUpload")

    monkeypatch.setattr(results, "store", store)
    with pytest.raises(Image.DoesNotExist if erased else LookupError):
        saved(image, ERASED)
    assert not Edit.objects.exists()


def test_an_image_that_is_due_or_erased_gets_none(image: Image) -> None:
    cast.age(image, timedelta(hours=23))
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    with pytest.raises(Image.DoesNotExist):
        choose(image, 0, cast.at_page(image.uploaded_by))


def test_erasing_waits_for_who_is_storing(image: Image, monkeypatch: Any) -> None:
    """While the strokes are on their way, nobody says that nothing is left."""
    ends = []
    real = results.store

    def store(*args: Any) -> None:
        erase_images([image], cast.at_page(image.uploaded_by))
        found = Image.objects.get(pk=image.pk)
        ends.append((found.quiet_at or database_now()) - database_now())
        real(*args)

    monkeypatch.setattr(results, "store", store)
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    assert ends[0] > timedelta(seconds=60)


def test_whoever_dies_while_storing_leaves_a_job_that_fails_and_nothing_to_read(
    image: Image, monkeypatch: Any
) -> None:
    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "store", die)
    monkeypatch.setattr(edit_flow, "_let_go", lambda claim: None)
    with pytest.raises(KeyboardInterrupt):
        saved(image, ERASED)
    monkeypatch.undo()
    assert reap.reap(database_now() + erase.longest_job() + timedelta(minutes=1)) == 1
    assert [(job.state, job.error_code) for job in jobs()] == [(JobState.FAILED, "worker_lost")]
    image.refresh_from_db()
    assert (image.head, Edit.objects.count()) == (0, 0)
    assert saved(image, ERASED, base=0).number == 2, "its number is nobody else's"


def test_a_full_disk_is_said_and_leaves_nothing(image: Image, monkeypatch: Any) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(results, "store", full)
        with pytest.raises(StorageFull):
            saved(image, ERASED)
    assert not jobs()
    assert not image.blobs.filter(kind__startswith="v").exists()


def test_a_database_that_takes_nothing_leaves_no_version(image: Image, monkeypatch: Any) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as context:
        context.setattr(edit_flow, "note", refuse)
        with pytest.raises(DatabaseError):
            saved(image, ERASED)
    image.refresh_from_db()
    assert (image.head, Edit.objects.count()) == (0, 0)
    assert not jobs()
