"""What has to be so after a crash, once the site has gone on: nothing lost, twice, or left."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as site

from accounts.models import Action, AuditEntry, User
from processing.access import find_image
from processing.jobs.claim import LEASE
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, Job, JobState, Life, Receipt, database_now
from processing.retention import receipts
from processing.retention.sweeper import sweep
from processing.storage import KeyGone, read_blob, stored_names
from processing.training.withdrawal import destroy_left_over_grants
from tests import cast, photos
from tests.promises import residue
from tests.promises.killer import Killer

SECOND = timedelta(seconds=1)


class Album:
    """Photos of which pixels and names are nobody else's: one content, and names of one family."""

    def __init__(self, size: int = 0) -> None:
        """`size`: in bytes; what is larger than a piece comes in several."""
        self.family = f"grandma-{uuid4().hex}"
        photo = residue.draw_marked()
        self.content = photos.pad(photo, size) if size else photo
        needles = residue.needles_of_content("the photo", self.content)
        self._needles = {**needles, **residue.needles_of_name(self.family)}

    def submit(self, user: User) -> Image:
        return cast.submit(user, self.content, self.name())

    def finish(self, user: User) -> Image:
        return cast.finish_with_renderings(self.submit(user), self.content)

    def name(self) -> str:
        return f"{self.family}-{uuid4().hex}.png"

    def traces(self) -> list[str]:
        """Wherever the site writes to: folders, temporary ones too, tables, queue and storage."""
        hits = residue.find(self._needles, Path(site.DATA_DIR), Path(site.KEYS_DIR))
        hits += residue.find_in_tables(self._needles) + residue.find_in_messages(self._needles)
        return hits + residue.find_in_storage(self._needles)


def noted(action: Action, image: Image) -> int:
    """How often."""
    return AuditEntry.objects.filter(action=action, image_id=image.pk).count()


def go_on(warm: Killer) -> None:
    """What a restarted site does with its jobs, once the leases of the dead have run out."""
    warm.do("recover", now=(database_now() + LEASE + SECOND).isoformat())
    assert not Job.objects.exclude(lease_until=None).exists()
    assert not Job.objects.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).exists()


def is_done(image: Image, *renderings: str) -> bool:
    """One set of results that can be read, and nothing in the storage that no row knows."""
    assert {job.state for job in Job.objects.filter(image=image)} == {JobState.DONE}
    assert Job.objects.filter(image=image).count() == 1 + len(renderings)
    blobs = list(Blob.objects.filter(image=image))
    readable = sorted(blob.kind for blob in blobs if blob.stored)
    assert readable == sorted(("original", *RESULT_KINDS, *renderings))
    known = {f"{blob.generation}/{blob.kind}" for blob in blobs}
    there = {name.partition(f"{image.prefix}/")[2] for name in stored_names(image.prefix)}
    assert there <= known
    assert {f"{blob.generation}/{blob.kind}" for blob in blobs if blob.stored} <= there
    return True


def is_stored(image: Image) -> bool:
    """What its cut-out has made can still be read, all of it."""
    for kind in RESULT_KINDS:
        blob = Blob.objects.get(image=image, kind=kind, stored=True)
        b"".join(read_blob(image.open_key(), image.prefix, blob.generation, kind))
    return True


def reads(image: Image) -> bytes:
    """The original as its owner gets it. Raises Image.DoesNotExist when there is no reading it."""
    found = find_image(image.uploaded_by, image.pk)
    blob = Blob.objects.get(image=found, kind="original", stored=True)
    return b"".join(read_blob(found.open_key(), found.prefix, blob.generation, "original"))


def is_unreadable(image: Image) -> bool:
    """Nobody finds it, and nothing that the site has opens it."""
    with pytest.raises(Image.DoesNotExist):
        reads(image)
    row = Image.objects.filter(pk=image.pk, life=Life.ERASING).first()
    if row is not None:
        with pytest.raises(KeyGone):
            row.open_key()
    return True


def everything_ends(album: Album) -> None:
    """The deadline of all that is there comes: nothing stays but one receipt for each image."""
    rows = list(Image.objects.all())
    known = {image.pk for image in rows} | set(Receipt.objects.values_list("image_id", flat=True))
    last = max((image.purge_at for image in rows), default=database_now())
    sweep_well(last + site.BUDGET.swept)  # What a dead sweeper had begun is left to it a while.
    assert not Image.objects.exclude(life=Life.ERASING).exists()
    assert not cast.stored_objects()
    sweep_well(last + site.BUDGET.keys)
    assert cast.nothing_is_left()
    assert not Job.objects.exists()
    for backup in rows:
        with pytest.raises(KeyGone):
            backup.open_key()
    assert sorted(Receipt.objects.values_list("image_id", flat=True)) == sorted(known)
    walked = receipts.verify_all()
    assert (walked.broken, walked.count) == (0, len(known))
    assert album.traces() == []


def sweep_well(now: datetime) -> None:
    """A round of the sweeper's process."""
    destroy_left_over_grants()
    assert sweep(now).failed == 0
