"""The mark at the root of the storage: by it a site knows that storage for its own.

Without it, a sweep before an empty folder (a disk that was not mounted, another bucket) would find
nothing there and take it for erased.
"""

from contextlib import closing
from typing import Any

from processing.storage.place import bucket_of, current

MARK_NAME = ".bgerase-vault"  # Never under an image's prefix: those begin with hexadecimal digits.
MARK_BYTES = 64


def read_mark() -> str | None:
    """None when there is none. Raises the storage's error when it cannot be asked."""
    vault = current()
    bucket = bucket_of(vault)
    try:
        with closing(_open(vault, bucket)) as file:
            mark = bytes(file.read(MARK_BYTES))
            if len(mark) < MARK_BYTES:
                file.read(1)  # Raises where the answer broke off: half a mark is not another one.
            return mark.decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def write_mark(mark: str) -> None:
    """Over whatever is there. Raises the storage's error."""
    vault = current()
    bucket = bucket_of(vault)
    if bucket is not None:
        bucket.meta.client.put_object(Bucket=bucket.name, Key=MARK_NAME, Body=mark.encode())
        return
    vault.delete(MARK_NAME)
    with closing(vault.open(MARK_NAME, "wb")) as file:
        file.write(mark.encode())


def _open(vault: Any, bucket: Any) -> Any:
    if bucket is None:
        return vault.open(MARK_NAME, "rb")
    client = bucket.meta.client
    try:
        return client.get_object(Bucket=bucket.name, Key=MARK_NAME)["Body"]
    except client.exceptions.NoSuchKey:
        raise FileNotFoundError(MARK_NAME) from None
