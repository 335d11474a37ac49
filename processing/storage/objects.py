"""What is stored, by the storage's own word: for whoever compares it with the tables."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.storage import Storage

from processing.storage import bucket as s3
from processing.storage.disk import DiskStorage
from processing.storage.mark import MARK_NAME
from processing.storage.place import bucket_of, current, folder_of


@dataclass(frozen=True)
class Stored:
    """One object, or one old version of it: `<2>/<prefix>/<generation>/<kind>` where it is ours."""

    name: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Unfinished:
    """An upload in parts that was not ended: no listing shows it, and it keeps its parts."""

    name: str
    upload_id: str
    began_at: datetime


def stored_names(prefix: str) -> list[str]:
    """Every object that is stored under an image's prefix, known to a row or not."""
    return list(_walk(current(), folder_of(prefix)))


def walk_objects() -> Iterator[Stored]:
    """Everything that is stored, old versions too, but for the storage's own mark.

    Delete markers, which hold nothing, are left out, and what goes while it is walked.
    """
    vault = current()
    bucket = bucket_of(vault)
    if bucket is not None:
        found = _in_bucket(bucket)
    else:
        assert isinstance(vault, DiskStorage)
        found = _on_disk(Path(vault.location))
    return (stored for stored in found if stored.name != MARK_NAME)


def pending_multiparts() -> Iterator[Unfinished]:
    """None on a disk."""
    bucket = bucket_of(current())
    if bucket is not None:
        for upload in s3.list_uploads(bucket):
            yield Unfinished(upload["Key"], upload["UploadId"], upload["Initiated"])


def versioning() -> str:
    """Whether the storage keeps what is deleted: `off`, `suspended`, `on`, or `unknown`."""
    bucket = bucket_of(current())
    return "off" if bucket is None else s3.versioning(bucket)


def _walk(vault: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = vault.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _walk(vault, f"{folder}/{name}")


def _on_disk(top: Path) -> Iterator[Stored]:
    for folder, _, names in os.walk(top):
        for name in names:
            path = Path(folder, name)
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            modified_at = datetime.fromtimestamp(found.st_mtime, UTC)
            yield Stored(str(path.relative_to(top)), found.st_size, modified_at)


def _in_bucket(bucket: s3.Bucket) -> Iterator[Stored]:
    for found in s3.list_versions(bucket, "", versioned=s3.versioning(bucket) != "off"):
        if "Size" in found:
            yield Stored(found["Key"], found["Size"], found["LastModified"])
