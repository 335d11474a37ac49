"""Stored objects: how they are written and read.

Everything of one image lies under its random prefix: `<prefix>/<generation>/<kind>`.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from django.core.files.storage import Storage

from processing.storage.disk import DiskStorage
from processing.storage.place import bucket_of, current, path_of
from processing.storage.sealing import Sealer, open_sealed

SLICE_BYTES = 1_048_576  # A large content is sealed in slices: never a second time in memory.


def _vault() -> Storage:
    return current()


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
        try:
            self._file.write(self._sealer.end())
            self._file.close()
        except BaseException:
            self.abandon()  # Whoever erased it meanwhile has taken its upload away.
            raise

    def abandon(self) -> None:
        # A full disk or a storage that is away refuses this too, each with errors of its own;
        # the prefix is shredded next.
        with suppress(Exception):
            self._file.close()
        # A bucket's file that could not be closed keeps its buffer.
        buffer = getattr(self._file, "_file", None)
        if buffer is not None:
            buffer.close()

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
    bucket = bucket_of(vault)
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
