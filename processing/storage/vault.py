"""Stored objects: where they are, how they are written, read and removed.

Everything of one image lies under its random prefix: `<prefix>/<generation>/<kind>`. Erasing is
listing that prefix until it is empty, so it finds also what no row knows about. With S3 it takes
in old versions and unfinished multipart uploads, which an ordinary listing does not show.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.core.files.storage import Storage, storages

from processing.storage.disk import DiskStorage
from processing.storage.sealing import Sealer, open_sealed

SLICE_BYTES = 1_048_576  # A large content is sealed in slices: never a second time in memory.
MOST_ROUNDS = 5  # Of deleting what is listed: a writer that is still at it adds to the list.


def _vault() -> Storage:
    return storages["vault"]


def path_of(prefix: str, generation: int, kind: str) -> str:
    # Two levels of folders: no folder of a busy site grows to 100,000 entries.
    return f"{prefix[:2]}/{prefix}/{generation}/{kind}"


def _place(prefix: str, generation: int, kind: str) -> bytes:
    return f"{prefix}/{generation}/{kind}".encode()


class BlobWriter:
    """Seals and stores one blob while its content arrives.

    As a context manager it closes the blob when all went well, and otherwise only lets go of the
    file: what lies there then is removed with the image's prefix.
    """

    def __init__(self, image_key: bytes, prefix: str, generation: int, kind: str) -> None:
        self._sealer = Sealer(image_key, _place(prefix, generation, kind))
        self._file: Any = _vault().open(path_of(prefix, generation, kind), "wb")
        try:
            self._file.write(self._sealer.start())
        except BaseException:
            self.abandon()
            raise

    def write(self, content: bytes) -> None:
        """Raises OSError when the storage is full or gone."""
        for start in range(0, len(content), SLICE_BYTES):
            if sealed := self._sealer.add(content[start : start + SLICE_BYTES]):
                self._file.write(sealed)

    def finish(self) -> None:
        self._file.write(self._sealer.end())
        self._file.close()

    def abandon(self) -> None:
        # A full disk or a storage that is away refuses this too, each with errors of its own;
        # the prefix is shredded next.
        with suppress(Exception):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.finish()
        else:
            self.abandon()


def read_blob(image_key: bytes, prefix: str, generation: int, kind: str) -> Iterator[bytes]:
    """The content of a blob, chunk by chunk.

    Raises FileNotFoundError when nothing is stored there, SealBroken when it was changed.
    """
    with closing(_open(path_of(prefix, generation, kind))) as file:
        yield from open_sealed(file, image_key, _place(prefix, generation, kind))


def _open(path: str) -> Any:
    """A stored object to read from its start on. django-storages would fetch all of it first."""
    vault = _vault()
    bucket = getattr(vault, "bucket", None)
    if bucket is None:
        return vault.open(path, "rb")
    client = bucket.meta.client
    try:
        return client.get_object(Bucket=bucket.name, Key=path)["Body"]
    except client.exceptions.NoSuchKey:
        raise FileNotFoundError(path) from None


def free_bytes() -> int | None:
    """The room that is left for blobs; None for a bucket, which does not tell."""
    vault = _vault()
    if not isinstance(vault, DiskStorage):
        return None
    folder = Path(vault.location)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def shred_blob(prefix: str, generation: int, kind: str) -> None:
    _vault().delete(path_of(prefix, generation, kind))


def stored_names(prefix: str) -> list[str]:
    """Every object that is stored under an image's prefix, known to a row or not."""
    return list(_walk(_vault(), f"{prefix[:2]}/{prefix}"))


def shred_prefix(prefix: str) -> int:
    """Deletes all that is stored for an image until nothing is listed; how many objects it was.

    May run any number of times. Raises OSError (or the storage's own error) when the storage
    refuses to delete, also when it only says that it has.
    """
    vault, root = _vault(), f"{prefix[:2]}/{prefix}"
    deleted = 0
    for _ in range(MOST_ROUNDS):
        found = _shred_listed(vault, root) + _shred_hidden(vault, root)
        if not found:
            break
        deleted += found
    else:
        raise OSError(f"still not empty after {MOST_ROUNDS} rounds of deleting")
    if isinstance(vault, DiskStorage):
        vault.delete_folders(root)
    return deleted


def _shred_listed(vault: Storage, root: str) -> int:
    names = list(_walk(vault, root))
    for name in names:
        vault.delete(name)
    return len(names)


def _walk(vault: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = vault.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _walk(vault, f"{folder}/{name}")


def _shred_hidden(vault: Storage, root: str) -> int:
    """Old versions and unfinished multipart uploads of S3."""
    bucket = getattr(vault, "bucket", None)
    if bucket is None:
        return 0
    deleted = 0
    client = bucket.meta.client
    pending = client.list_multipart_uploads(Bucket=bucket.name, Prefix=f"{root}/")
    for upload in pending.get("Uploads", []):
        client.abort_multipart_upload(
            Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"]
        )
        deleted += 1
    for version in bucket.object_versions.filter(Prefix=f"{root}/"):
        version.delete()
        deleted += 1
    return deleted
