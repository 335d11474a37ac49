"""Files that should not be where they are: temporary ones that somebody left behind, folders that
nothing declares, photos in the clear."""

import logging
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from processing.engine import EmptyFile, EngineError, NotAnImage, UnsupportedType, sniff
from processing.retention import erase, registry

log = logging.getLogger(__name__)
HEAD = 4096  # Bytes, of what tells a photo.


def look(now: datetime) -> dict[str, float]:
    data = Path(settings.DATA_DIR)
    return {
        "old_temp_files": remove_old(data / "tmp", now),
        "undeclared_folders": len(undeclared_folders(data)),
        "plaintext_files": sum(_is_photo(path) for path in _to_search(data)),
    }


def remove_old(folder: Path, now: datetime) -> int:
    """Removes what is older than the longest job, in `folder`; how many files that were."""
    limit = (now - erase.longest_job()).timestamp()
    removed = 0
    for inner, _, names in os.walk(folder):
        for path in (Path(inner, name) for name in names):
            removed += _remove_if_old(path, limit)
        if inner != str(folder) and _changed_before(Path(inner), limit):
            _remove_folder(Path(inner))
    if removed:
        log.warning("patrol: %d old temporary files are removed", removed)
    return removed


def undeclared_folders(data: Path) -> list[Path]:
    """Exports above all: they are streamed, never stored. By the registry's list of folders."""
    declared = {data / place.name for place in registry.FOLDERS}
    declared |= {Path(folder) for folder in _elsewhere()}
    declared |= {Path(getattr(settings, "EMAIL_FILE_PATH", None) or data)}
    above = {parent for path in declared for parent in path.parents}
    here = (path for path in data.iterdir() if path.is_dir() and not path.is_symlink())
    return [path for path in here if path not in declared and path not in above]


def _to_search(data: Path) -> Iterator[Path]:
    """Every file of the data folder but those that are no photo by where they are: sealed ones,
    the site's own pictures, weights, and keys, which nobody reads without need.

    And but for the database's. SQLite's locks are POSIX's: closing any handle of such a file gives
    up all locks that this process has on it, and another one writes or clears away the log under
    its hands (sqlite.org/howtocorrupt.html, 2.2).
    """
    spared = {Path(folder) for folder in _elsewhere()}
    spared |= {data / place.name for place in registry.FOLDERS if not place.searched}
    spared |= _files_of_database()
    for inner, folders, names in os.walk(data):
        folders[:] = [name for name in folders if Path(inner, name) not in spared]
        yield from (path for name in names if (path := Path(inner, name)) not in spared)


def _files_of_database() -> set[Path]:
    if connection.vendor != "sqlite":
        return set()
    name = str(connection.settings_dict["NAME"])
    return {Path(name + end) for end in ("", "-wal", "-shm", "-journal")}


def _elsewhere() -> Iterable[str]:
    """Folders that the settings can put anywhere, the data folder too."""
    yield from (str(settings.KEYS_DIR), str(settings.MODELS_DIR), str(settings.STATIC_ROOT))
    location = getattr(storages["vault"], "location", None)
    if location:
        yield str(location)


def _is_photo(path: Path) -> bool:
    try:
        if not path.is_file():
            return False  # To open a pipe would be to wait for somebody who writes into it.
        with path.open("rb") as file:
            head = file.read(HEAD)
        sniff(head)
    except (NotAnImage, UnsupportedType, EmptyFile, OSError):
        return False
    except EngineError:
        pass  # A photo by its first bytes, a broken one.
    log.error("patrol: there is a photo in the clear in %s", _place(path))
    return True


def _place(path: Path) -> str:
    """The folder alone: a file's name can be a person's."""
    data = Path(settings.DATA_DIR)
    return "/".join((data.name, *path.parent.relative_to(data).parts[:1]))


def _changed_before(path: Path, limit: float) -> bool:
    try:
        return path.stat(follow_symlinks=False).st_mtime < limit
    except FileNotFoundError:
        return False


def _remove_if_old(path: Path, limit: float) -> bool:
    if not _changed_before(path, limit):
        return False
    path.unlink(missing_ok=True)
    return True


def _remove_folder(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # Somebody has just put something there.
