"""S3: shredding also takes what an ordinary listing does not show."""

import gc
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.files.storage import storages
from django.utils import timezone

from processing.models.image import random_prefix
from processing.storage import (
    BlobWriter,
    pending_multiparts,
    read_blob,
    shred_many,
    shred_object,
    shred_prefix,
    stored_names,
    versioning,
    walk_objects,
)
from processing.storage.place import path_of
from tests.servers import S3

KEY = os.urandom(32)


def write(prefix: str, content: bytes = b"content") -> None:
    with BlobWriter(KEY, prefix, 0, "original") as writer:
        writer.write(content)


def versions(s3: S3, bucket: str) -> list[Any]:
    found = s3.client.list_object_versions(Bucket=bucket)
    return [*found.get("Versions", []), *found.get("DeleteMarkers", [])]


def uploads(s3: S3, bucket: str) -> list[Any]:
    return list(s3.client.list_multipart_uploads(Bucket=bucket).get("Uploads", []))


def test_versions_of_many_are_shredded_in_one_go(s3: S3, bucket: str) -> None:
    """Also where versioning was turned off again: what was there before stays until deleted."""
    s3.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    prefixes = [random_prefix() for _ in range(3)]
    for one in prefixes:
        for content in (b"first", b"second"):
            write(one, content)
    storages["vault"].delete(path_of(prefixes[0], 0, "original"))
    assert versioning() == "on"
    s3.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert versioning() == "suspended"
    assert len(versions(s3, bucket)) == 7  # With a delete marker, which is no object.
    assert len(list(walk_objects())) == 6
    assert shred_many(prefixes) == dict.fromkeys(prefixes, 2)
    assert versions(s3, bucket) == []


def test_a_delete_marker_that_comes_back_is_nothing_that_is_left(s3: S3, bucket: str) -> None:
    """This store puts a new one for each that is deleted while versioning is suspended."""
    s3.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    prefix = random_prefix()
    write(prefix)
    storages["vault"].delete(path_of(prefix, 1, "never"))
    assert shred_prefix(prefix) == 1
    assert not list(walk_objects())
    assert shred_prefix(prefix) == 0


def test_an_object_is_shredded_with_its_versions_and_parts(s3: S3, bucket: str) -> None:
    s3.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name in ("stray", "stray", "stray-not"):
        s3.client.put_object(Bucket=bucket, Key=name, Body=b"x")
    s3.client.create_multipart_upload(Bucket=bucket, Key="stray")
    (pending,) = pending_multiparts()
    assert (pending.name, pending.began_at.tzinfo is None) == ("stray", False)
    assert shred_object("stray") == 3
    assert [one.name for one in walk_objects()] == ["stray-not"]
    assert list(pending_multiparts()) == []


def test_shredding_takes_old_versions_and_delete_markers(s3: S3, bucket: str) -> None:
    s3.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    prefix, neighbour = random_prefix(), random_prefix()
    for one in (prefix, neighbour):
        for content in (b"first", b"second"):
            write(one, content)
    (name,) = stored_names(prefix)
    storages["vault"].delete(name)
    assert stored_names(prefix) == []  # The ordinary listing is empty: nothing is gone yet.
    assert len(versions(s3, bucket)) == 5
    shred_prefix(prefix)
    assert {version["Key"].split("/")[1] for version in versions(s3, bucket)} == {neighbour}


def test_shredding_aborts_unfinished_uploads(s3: S3, bucket: str) -> None:
    """What a writer leaves that was killed: nothing in a listing, parts in the store."""
    prefix, neighbour = random_prefix(), random_prefix()
    for one in (prefix, neighbour):
        upload = s3.client.create_multipart_upload(Bucket=bucket, Key=path_of(one, 0, "original"))
        s3.client.upload_part(
            Bucket=bucket,
            Key=upload["Key"],
            UploadId=upload["UploadId"],
            PartNumber=1,
            Body=b"BGE1 and so on",
        )
    assert stored_names(prefix) == []
    assert len(uploads(s3, bucket)) == 2
    shred_prefix(prefix)
    assert [upload["Key"].split("/")[1] for upload in uploads(s3, bucket)] == [neighbour]


def test_a_writer_whose_upload_was_shredded_leaves_nothing(s3: S3, bucket: str) -> None:
    """Neither an object nor what it holds in memory: that would be a warning, which is an error."""
    prefix = random_prefix()
    with pytest.raises(ClientError, match="NoSuchUpload"), BlobWriter(KEY, prefix, 0, "a") as late:
        late.write(b"content")
        assert shred_prefix(prefix) == 1
    del late
    gc.collect()
    assert stored_names(prefix) == []
    assert uploads(s3, bucket) == []


# What the store's library keeps in memory of a part that it could not send.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_a_store_that_is_away_does_not_keep_a_writer_from_being_abandoned(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = BlobWriter(KEY, random_prefix(), 0, "original")
    writer.write(b"content")

    def away(*args: object) -> None:
        raise ClientError({"Error": {"Code": "503"}}, "UploadPart")

    monkeypatch.setattr("storages.backends.s3.S3File._flush_write_buffer", away)
    writer.abandon()
    del writer
    gc.collect()


def test_nothing_passes_through_a_temporary_file(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    def refuse(self: object) -> None:
        raise AssertionError("rolled over into a file")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    prefix = random_prefix()
    write(prefix, os.urandom(6_000_000))
    with storages["vault"].open(stored_names(prefix)[0]) as file:
        assert len(file.read()) > 6_000_000


@pytest.mark.parametrize("hours", [2, -2, 26, -26])
def test_a_wrong_clock_keeps_nobody_from_reading_and_erasing(
    bucket: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """The store refuses what is signed at another time than its own."""
    prefix = random_prefix()
    write(prefix)
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) + timedelta(hours=hours))
    assert b"".join(read_blob(KEY, prefix, 0, "original")) == b"content"
    write(other := random_prefix())
    monkeypatch.undo()  # Somebody sets it right.
    assert shred_many([prefix, other]) == {prefix: 1, other: 1}
    assert stored_names(prefix) == []


def test_what_is_refused_for_another_reason_is_not_sent_twice(bucket: str) -> None:
    sent = []
    client = storages["vault"].bucket.meta.client  # type: ignore[attr-defined]
    client.meta.events.register("before-send.s3", lambda **_: sent.append(1))
    client._request_signer._credentials.secret_key = "wrong"
    with pytest.raises(ClientError, match="Signature"):
        client.get_object(Bucket=bucket, Key="x")
    assert len(sent) == 1
