"""Shredding: listing what is stored for an image and deleting it until nothing is listed."""

from collections.abc import Sequence

from processing.storage import bucket as s3
from processing.storage.disk import DiskStorage
from processing.storage.parallel import Tick, each, silent
from processing.storage.place import bucket_of, current, folder_of, path_of


def shred_blob(prefix: str, generation: int, kind: str) -> None:
    current().delete(path_of(prefix, generation, kind))


def shred_prefix(prefix: str) -> int:
    """Deletes all that is stored for an image until nothing is listed; how many objects it was.

    May run any number of times. Raises OSError (or the storage's own error) when the storage
    refuses to delete, also when it only says that it has.
    """
    outcome = shred_many([prefix])[prefix]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def shred_many(prefixes: Sequence[str], tick: Tick = silent) -> dict[str, int | Exception]:
    """`shred_prefix` for many images; for each how many objects it was, or its error.

    One that fails does not touch the others. `tick` is called every few moments meanwhile.
    """
    folders = {folder_of(prefix): prefix for prefix in prefixes}
    outcome = _shred(list(folders), tick) if folders else {}
    return {folders[folder]: found for folder, found in outcome.items()}


def shred_object(name: str) -> int:
    """Deletes one object by its whole name, whoever put it there, with what a listing hides of it.

    How many objects it was. Raises OSError or the storage's own error.
    """
    vault = current()
    bucket = bucket_of(vault)
    if bucket is not None:
        return s3.shred_key(bucket, name)
    there = vault.exists(name)
    vault.delete(name)
    return int(there)


def _shred(folders: list[str], tick: Tick) -> dict[str, int | Exception]:
    vault = current()
    bucket = bucket_of(vault)
    if bucket is not None:
        try:
            return s3.shred(bucket, folders, tick)
        except Exception as error:  # noqa: BLE001  Before it came to the single ones.
            return dict.fromkeys(folders, error)
    assert isinstance(vault, DiskStorage)
    return _shred_on_disk(vault, folders, tick)


def _shred_on_disk(disk: DiskStorage, folders: list[str], tick: Tick) -> dict[str, int | Exception]:
    """Several at once, too: a busy disk's journal is waited for, not worked with."""
    outcome = dict(zip(folders, each(disk.shred, folders, tick), strict=True))
    # A machine that loses its power now does not bring back what is said to be gone.
    parents = disk.parents_of(one for one in folders if not isinstance(outcome[one], Exception))
    refused = [one for one in each(disk.sync, parents, tick) if isinstance(one, Exception)]
    if refused:
        return {
            folder: found if isinstance(found, Exception) else refused[0]
            for folder, found in outcome.items()
        }
    return outcome
