"""Taking back what had arrived: wholly where nobody can be writing for it any more."""

from accounts.models import User
from processing.flows import submit
from processing.flows.submit import Upload, discard
from processing.models import Image, Job, Life, Reason, Receipt
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, stored_names
from tests import cast, photos
from tests.processing.refusals import refusing


def test_what_no_worker_has_touched_is_gone_at_once(owner: User) -> None:
    discard(cast.submit(owner))
    assert cast.nothing_is_left()
    assert not Job.objects.exists()


def test_the_row_stays_while_a_worker_can_still_be_writing(owner: User) -> None:
    """Without it a worker that is killed at the wrong moment would leave bytes nobody knows."""
    image = cast.submit(owner)
    cast.start(image)
    discard(image)
    assert Image.objects.get().life == Life.ERASING
    assert stored_names(image.prefix) == []
    assert not Job.objects.exists()


def test_a_storage_that_refuses_is_left_to_the_sweeper(owner: User) -> None:
    image = cast.submit(owner)
    with refusing():
        discard(image)
    row = Image.objects.get()
    assert (row.life, row.wrapped_key) == (Life.ERASING, None)
    assert submit.log.name == "processing.flows.submit"


def test_what_broke_off_has_a_receipt_that_says_so(owner: User) -> None:
    upload = Upload(cast.sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    upload.abandon()
    assert cast.nothing_is_left()
    assert Receipt.objects.get().reason == Reason.BROKEN_OFF


def test_what_the_sweeper_has_erased_meanwhile_is_looked_for_once_more(owner: User) -> None:
    """A sender so slow that its image went: what it stored after that goes with its own end."""
    upload = Upload(cast.sender_of(owner), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    image = Image.objects.get()
    sweep(image.purge_at)
    sweep(image.purge_at + erase.longest_job())
    assert not Image.objects.exists()
    with BlobWriter(bytes(32), image.prefix, 0, "original") as writer:
        writer.write(b"late")
    upload.abandon()
    assert cast.nothing_is_left()
    assert Receipt.objects.count() == 1
