"""What mutation testing needs besides: thousands of short runs, in forks of one process.

mutmut loads this plugin (`pytest_add_cli_args` in pyproject.toml); no other run does. Every run has
a data folder of its own, so that no mutant dies of what another has left lying about, and a copy of
one migrated database, because migrating takes longer than most mutants live.
"""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    from tests.conftest import DATA  # By now it is loaded, and has chosen the settings.

    own = Path(tempfile.mkdtemp(prefix="run-", dir=DATA))
    patch = pytest.MonkeyPatch()
    for name in filter(str.isupper, dir(settings)):
        # Who has read these will not read them again. Tests have a database of their own.
        if name == "DATABASES" or name.startswith("CELERY_"):
            continue
        value = getattr(settings, name)
        if (moved := _moved(value, str(DATA), str(own / "data"))) != value:
            patch.setattr(settings, name, moved)
    for folder in ("keys", "broker", "run", "tmp"):
        (own / "data" / folder).mkdir(parents=True)
    (own / "scratch").mkdir()
    patch.setattr(tempfile, "tempdir", str(own / "scratch"))
    patch.setenv("BGERASE_DATA_DIR", str(own / "data"))  # For the processes that tests start.
    _copy_one_database(patch, DATA / "migrated.sqlite3")
    config.add_cleanup(lambda: shutil.rmtree(own, ignore_errors=True))
    config.add_cleanup(patch.undo)


def _moved(value: Any, old: str, new: str) -> Any:
    """The same value of a setting, with every path in it moved to another folder."""
    match value:
        case str() | Path():
            return type(value)(str(value).replace(old, new))
        case dict():
            return {key: _moved(one, old, new) for key, one in value.items()}
        case list() | tuple():
            return type(value)(_moved(one, old, new) for one in value)
    return value


def _copy_one_database(patch: pytest.MonkeyPatch, migrated: Path) -> None:
    from django.conf import settings
    from django.db.backends.sqlite3.creation import DatabaseCreation

    create = DatabaseCreation.create_test_db

    def copy(self: Any, *args: Any, **kwargs: Any) -> str:
        if not migrated.exists():
            name = str(create(self, *args, **kwargs))
            _back_up(Path(name), migrated)
            return name
        name = str(self._get_test_db_name())
        shutil.copyfile(migrated, name)
        self.connection.close()
        settings.DATABASES[self.connection.alias]["NAME"] = name
        self.connection.settings_dict["NAME"] = name
        self.connection.ensure_connection()
        return name

    patch.setattr(DatabaseCreation, "create_test_db", copy)


def _back_up(database: Path, into: Path) -> None:
    """Whole or not at all."""
    part = into.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
    part.replace(into)
