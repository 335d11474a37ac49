"""Where stored objects are: one storage, and in it a folder for each image."""

from typing import Any

from django.core.files.storage import Storage, storages


def current() -> Storage:
    return storages["vault"]


def bucket_of(vault: Storage) -> Any | None:
    """The bucket of a storage on S3 or alike; None for local disk."""
    return getattr(vault, "bucket", None)


def folder_of(prefix: str) -> str:
    # Two levels of folders: no folder of a busy site grows to 100,000 entries.
    return f"{prefix[:2]}/{prefix}"


def path_of(prefix: str, generation: int, kind: str) -> str:
    return f"{folder_of(prefix)}/{generation}/{kind}"
