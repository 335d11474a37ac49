"""The promises on a real S3 store: also with what an ordinary listing of a bucket does not show."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from mypy_boto3_s3 import S3Client
from pytest_django import Settings

from accounts.models import User
from bgerase_site import backends
from processing.flows.erase import erase_images
from processing.models import Image, Life, Receipt, database_now
from processing.models.image import random_prefix
from processing.retention import gates, marks, receipts, sweeper
from processing.retention.patrol import patrol
from processing.retention.sweeper import sweep
from processing.storage import MARK_NAME
from tests import cast, photos
from tests.promises import residue
from tests.promises.scale import pick
from tests.servers import S3

pytestmark = pytest.mark.django_db
IMAGES = pick(2, 60)
SETTLED = site.BUDGET.stranger_age + timedelta(minutes=1)
PHOTO = photos.draw()


@dataclass(frozen=True)
class Bucket:
    client: S3Client
    name: str

    def everything(self) -> list[str]:
        """Names of all versions, delete markers and unfinished uploads, but for the site's mark."""
        found: Any = self.client.list_object_versions(Bucket=self.name)
        uploads: Any = self.client.list_multipart_uploads(Bucket=self.name)
        held = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        held += uploads.get("Uploads", [])
        return [one["Key"] for one in held if one["Key"] != MARK_NAME]

    def keep_versions(self, status: Any) -> None:
        how: Any = {"Status": status}
        self.client.put_bucket_versioning(Bucket=self.name, VersioningConfiguration=how)

    def begin_upload(self, prefix: str) -> None:
        """What a writer leaves that was killed: no listing shows it, and its part stays."""
        name = f"{prefix[:2]}/{prefix}/1/cutout.png"
        upload = self.client.create_multipart_upload(Bucket=self.name, Key=name)["UploadId"]
        part: Any = {"UploadId": upload, "PartNumber": 1, "Body": b"BGE1 and so on"}
        self.client.upload_part(Bucket=self.name, Key=name, **part)

    def put(self, name: str) -> None:
        self.client.put_object(Bucket=self.name, Key=name, Body=b"bytes")


@pytest.fixture
def use(s3: S3, settings: Settings) -> Callable[[Bucket], None]:
    """What a restart does with another BGERASE_STORAGE_URL."""

    def switch(bucket: Bucket) -> None:
        vault = backends.storage_from(s3.storage_url(bucket.name))
        settings.STORAGES = settings.STORAGES | {"vault": vault}
        marks.forget()
        sweeper._versioning = (None, 0.0, "unknown")

    return switch


def new_bucket(s3: S3) -> Bucket:
    return Bucket(s3.client, f"promises-{os.urandom(4).hex()}")


@pytest.fixture
def bucket(s3: S3, use: Callable[[Bucket], None]) -> Bucket:
    """The vault, which a sweeper has seen."""
    bucket = new_bucket(s3)
    use(bucket)
    sweep(database_now())
    return bucket


def is_open(owner: User) -> bool:
    gates._looked = None
    answer = cast.send(cast.browser(owner), PHOTO)
    assert answer.status_code in {201, 503}
    return bool(answer.status_code == 201)


def look_at_bucket() -> None:
    """A sweep asks once a minute; this is a minute later."""
    sweeper._versioning = (None, 0.0, "unknown")
    sweep(database_now())


def ends_clean(bucket: Bucket, number: int) -> None:
    assert bucket.everything() == []
    assert not Image.objects.exists()
    assert Receipt.objects.count() == number
    assert not receipts.verify_all().broken


@pytest.mark.parametrize("asked", [True, False], ids=["asked for", "at the deadline"])
def test_photos_come_are_cut_out_and_are_gone(owner: User, bucket: Bucket, asked: bool) -> None:
    marked = residue.draw_marked()
    images = [
        cast.finish_with_renderings(cast.submit(owner, marked), marked) for _ in range(IMAGES)
    ]
    assert len(bucket.everything()) == 7 * IMAGES
    assert not residue.find_in_storage(residue.needles_of_content("the photo", marked))
    began = time.monotonic()
    if asked:
        erase_images(images, cast.at_page(owner))
    else:
        sweep(max(image.purge_at for image in images))
    print(f"S3: {IMAGES} images of 7 objects erased in {time.monotonic() - began:.1f} s")
    ends_clean(bucket, IMAGES)
    assert {receipt.objects_deleted for receipt in Receipt.objects.all()} == {7}


def test_versions_that_somebody_began_to_keep_close_the_door_and_are_erased(
    owner: User, bucket: Bucket
) -> None:
    before = cast.submit(owner)
    bucket.keep_versions("Enabled")
    images = [before, cast.submit(owner)]
    for name in bucket.everything():
        bucket.put(name)  # A second version of it, and then
        bucket.client.delete_object(Bucket=bucket.name, Key=name)  # no more than a marker.
    assert len(bucket.everything()) == 6
    look_at_bucket()
    assert [alarm.code for alarm in gates.alarms(database_now())] == ["versioning_on"]
    assert not is_open(owner)
    erase_images(images[:1], cast.at_page(owner))
    assert all(images[1].prefix in name for name in bucket.everything())
    sweep(images[1].purge_at)
    ends_clean(bucket, 2)
    bucket.keep_versions("Suspended")
    look_at_bucket()
    assert is_open(owner)


def test_a_part_of_a_killed_writer_goes_with_its_image(owner: User, bucket: Bucket) -> None:
    image = cast.submit(owner)
    bucket.begin_upload(image.prefix)
    assert len(bucket.everything()) == 2
    patrol(database_now() + SETTLED)  # It knows whose it is.
    assert len(bucket.everything()) == 2
    sweep(image.purge_at)
    ends_clean(bucket, 1)
    assert Receipt.objects.get().objects_deleted == 2


def test_a_part_that_no_image_knows_is_the_patrol_s(owner: User, bucket: Bucket) -> None:
    """Its writer was killed so late that its image was gone; and a store forgets nothing."""
    image, stranger = cast.submit(owner), random_prefix()
    bucket.begin_upload(stranger)
    assert patrol(database_now())["multiparts_pending"] == 1
    assert len(bucket.everything()) == 2  # It can be somebody's who has only just begun.
    patrol(database_now() + SETTLED)
    assert [image.prefix in name for name in bucket.everything()] == [True]


def test_what_no_image_knows_is_found_and_erased_once_it_is_old(
    owner: User, bucket: Bucket
) -> None:
    image, stranger = cast.submit(owner), random_prefix()
    bucket.put(f"{stranger[:2]}/{stranger}/0/original")
    bucket.put("somebody/else.txt")
    assert patrol(database_now())["unknown_objects"] == 0
    facts = patrol(database_now() + SETTLED)
    assert (facts["unknown_objects"], facts["objects_erased"]) == (2, 1)
    left = {name.split("/")[1] for name in bucket.everything()}
    assert left == {image.prefix, "else.txt"}  # Where nothing of ours would be, a person looks.


@pytest.mark.parametrize("somebody_s", [True, False], ids=["another site's", "empty"])
def test_in_another_bucket_nothing_is_called_erased(
    owner: User, s3: S3, bucket: Bucket, use: Callable[[Bucket], None], somebody_s: bool
) -> None:
    """Seen from there, every image is gone."""
    image, other = cast.submit(owner), new_bucket(s3)
    use(other)
    if somebody_s:
        other.put(MARK_NAME)
        other.put(f"ab/ab{'0' * 30}/0/original")
    theirs = other.everything()
    for moment in (image.purge_at, image.purge_at + SETTLED):
        sweep(moment)
        patrol(moment)
    assert Image.objects.get().life == Life.ERASING
    assert not Image.objects.readable(image.purge_at).exists()
    assert not Receipt.objects.exists()
    assert "other_vault" in {alarm.code for alarm in gates.alarms(database_now())}
    assert not is_open(owner)
    assert other.everything() == theirs
    assert len(bucket.everything()) == 1
    use(bucket)
    sweep(image.purge_at + 2 * SETTLED)
    ends_clean(bucket, 1)
