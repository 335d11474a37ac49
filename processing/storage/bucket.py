"""Shredding in a bucket: what a listing shows, old versions, and uploads that were never finished.

Objects of many images go in one request; an error that the answer names for one key counts for
that key's image alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from processing.storage.parallel import Tick, each, patiently, silent

MOST_KEYS = 1000  # Of one request that deletes.
MOST_ROUNDS = 5  # Of deleting what is listed: a writer that is still at it adds to the list.
GONE_ALREADY = {"NoSuchKey", "NoSuchVersion", "NoSuchUpload"}
UNSUPPORTED = {"NotImplemented", "MethodNotAllowed"}

Bucket = Any  # Of boto3, which has no types without a package of its own.
Version = dict[str, Any]  # As listed: Key, Size, LastModified, VersionId if there are versions.
Outcome = dict[str, int | Exception]


def shred(bucket: Bucket, folders: Sequence[str], tick: Tick = silent) -> Outcome:
    """Deletes all that is stored under each folder until nothing is listed.

    For each: how many objects it was, or why not all of it is gone.
    """
    return _Shredding(bucket, folders, tick).run()


def shred_key(bucket: Bucket, key: str) -> int:
    """Deletes one object whatever its name: all its versions and its unfinished uploads."""
    client, deleted = bucket.meta.client, 0
    for version in list_versions(bucket, key, versioned=versioning(bucket) != "off"):
        if version["Key"] == key:
            client.delete_object(Bucket=bucket.name, **_named(version))
            deleted += _has_content(version)
    for upload in list_uploads(bucket, key):
        if upload["Key"] == key:
            _abort(bucket, upload)
            deleted += 1
    return deleted


def versioning(bucket: Bucket) -> str:
    """`off` (and never on before), `suspended`, `on`, or `unknown` when the store does not say."""
    try:
        answer = bucket.meta.client.get_bucket_versioning(Bucket=bucket.name)
    except Exception:  # noqa: BLE001  Away, not permitted, not known to this kind of store.
        return "unknown"
    return {"Enabled": "on", "Suspended": "suspended"}.get(answer.get("Status", ""), "off")


def list_versions(bucket: Bucket, prefix: str, *, versioned: bool) -> Iterator[Version]:
    """Everything under a prefix: with `versioned` old versions and delete markers too.

    Those have no Size, and nothing of the object that they hide.
    """
    client = bucket.meta.client
    where = {"Bucket": bucket.name, "Prefix": prefix}
    if versioned:
        try:
            for page in client.get_paginator("list_object_versions").paginate(**where):
                yield from page.get("Versions", [])
                yield from page.get("DeleteMarkers", [])
        except client.exceptions.ClientError as error:
            if _code(error) not in UNSUPPORTED:
                raise
        else:
            return
    for page in client.get_paginator("list_objects_v2").paginate(**where):
        yield from page.get("Contents", [])


def list_uploads(bucket: Bucket, prefix: str = "") -> Iterator[dict[str, Any]]:
    """Unfinished multipart uploads, with Key, UploadId and Initiated."""
    client = bucket.meta.client
    pages = client.get_paginator("list_multipart_uploads")
    try:
        for page in pages.paginate(Bucket=bucket.name, Prefix=prefix):
            yield from page.get("Uploads", [])
    except client.exceptions.ClientError as error:
        if _code(error) not in UNSUPPORTED:
            raise


def _abort(bucket: Bucket, upload: dict[str, Any]) -> None:
    client = bucket.meta.client
    try:
        client.abort_multipart_upload(
            Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"]
        )
    except client.exceptions.ClientError as error:
        if _code(error) not in GONE_ALREADY:
            raise


def _named(version: Version) -> dict[str, str]:
    """As a request to delete takes it."""
    return {name: version[name] for name in ("Key", "VersionId") if name in version}


def _has_content(version: Version) -> bool:
    return "Size" in version


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _folder_of(key: str) -> str:
    return "/".join(key.split("/", 2)[:2])


class _Shredding:
    def __init__(self, bucket: Bucket, folders: Sequence[str], tick: Tick) -> None:
        self._bucket, self._tick = bucket, tick
        self._deleted: Outcome = dict.fromkeys(folders, 0)
        self._open = list(folders)
        self._versioned = patiently(lambda: versioning(bucket), tick) != "off"

    def run(self) -> Outcome:
        uploads = self._uploads()
        for number in range(MOST_ROUNDS):
            found = self._list()
            # Delete markers go too, but some stores put a new one for each: they prove nothing.
            left = {
                one for one, all_of in found.items() if not number or any(map(_has_content, all_of))
            }
            self._open = [
                one for one in self._open if (one in left and found[one]) or uploads.get(one)
            ]
            if not self._open:
                return self._deleted
            self._delete([version for one in self._open for version in found.get(one, [])])
            aborted = [upload for one in self._open for upload in uploads.get(one, [])]
            self._abort(aborted)
            # Parts that were arriving just then can be there again: asked until none is.
            uploads = self._uploads() if aborted else {}
        error = OSError(f"still not empty after {MOST_ROUNDS} rounds of deleting")
        return self._deleted | dict.fromkeys(self._open, error)

    def _uploads(self) -> dict[str, list[dict[str, Any]]]:
        """One listing of the bucket for many images, and none at all when it cannot be had."""
        prefix = f"{self._open[0]}/" if len(self._open) == 1 else ""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        try:
            for upload in patiently(lambda: list(list_uploads(self._bucket, prefix)), self._tick):
                found[_folder_of(upload["Key"])].append(upload)
        except Exception as error:  # noqa: BLE001  Without it nothing is known to be gone.
            for folder in self._open:
                self._fail(folder, error)
        return found

    def _list(self) -> dict[str, list[Version]]:
        def listed(folder: str) -> list[Version]:
            return list(list_versions(self._bucket, f"{folder}/", versioned=self._versioned))

        found: dict[str, list[Version]] = {}
        for folder, answer in zip(self._open, each(listed, self._open, self._tick), strict=True):
            if isinstance(answer, Exception):
                self._fail(folder, answer)
            else:
                found[folder] = answer
        return found

    def _delete(self, versions: list[Version]) -> None:
        chunks = [versions[at : at + MOST_KEYS] for at in range(0, len(versions), MOST_KEYS)]
        again: dict[tuple[int, str], list[Version]] = defaultdict(list)
        for number, (chunk, answer) in enumerate(
            zip(chunks, each(self._ask, chunks, self._tick), strict=True)
        ):
            if isinstance(answer, Exception):
                for version in chunk:
                    again[number, _folder_of(version["Key"])].append(version)
            else:
                self._count(chunk, answer)
        # A request that failed as a whole is asked again for each image: one of them can be why.
        parts = list(again.values())  # None is longer than the chunk that it comes from.
        for part, answer in zip(parts, each(self._ask, parts, self._tick), strict=True):
            if isinstance(answer, Exception):
                self._fail(_folder_of(part[0]["Key"]), answer)
            else:
                self._count(part, answer)

    def _ask(self, versions: list[Version]) -> list[dict[str, Any]]:
        """The errors of single keys."""
        answer = self._bucket.meta.client.delete_objects(
            Bucket=self._bucket.name,
            Delete={"Objects": [_named(version) for version in versions], "Quiet": True},
        )
        errors: list[dict[str, Any]] = answer.get("Errors", [])
        return [error for error in errors if error.get("Code") not in GONE_ALREADY]

    def _count(self, versions: list[Version], errors: list[dict[str, Any]]) -> None:
        refused = {error.get("Key", "") for error in errors}
        for version in versions:
            folder = _folder_of(version["Key"])
            so_far = self._deleted[folder]
            if version["Key"] not in refused and isinstance(so_far, int):
                self._deleted[folder] = so_far + _has_content(version)
        for error in errors:
            self._fail(
                _folder_of(error.get("Key", "")), OSError(f"not deleted: {error.get('Code')}")
            )

    def _abort(self, uploads: list[dict[str, Any]]) -> None:
        def abort(upload: dict[str, Any]) -> None:
            _abort(self._bucket, upload)

        for upload, answer in zip(uploads, each(abort, uploads, self._tick), strict=True):
            folder = _folder_of(upload["Key"])
            so_far = self._deleted[folder]
            if isinstance(answer, Exception):
                self._fail(folder, answer)
            elif isinstance(so_far, int):
                self._deleted[folder] = so_far + 1

    def _fail(self, folder: str, error: Exception) -> None:
        if folder in self._deleted:
            self._deleted[folder] = error
        self._open = [one for one in self._open if one != folder]
