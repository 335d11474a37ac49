"""What every test stands on: a data folder of its own, and settings chosen before Django loads.

Which database, broker and storage a run uses is said in the environment (BGERASE_DATABASE_URL,
BGERASE_BROKER_URL, BGERASE_STORAGE_URL): `python -m tests.servers --postgres --redis -- pytest`
starts real ones. Without it: SQLite in a file and the embedded broker.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import pytest
from django.conf import settings
from django.db.backends.sqlite3.base import DatabaseWrapper

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
_XDIST_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def _choose_settings() -> Path:
    """Sets the environment that bgerase_site.settings will read; returns the new data folder."""
    if settings.configured:
        pytest.exit("Unset DJANGO_SETTINGS_MODULE: it made Django load before the test's settings.")
    data = Path(tempfile.mkdtemp(prefix="bgerase-test-"))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bgerase_site.settings",
        "BGERASE_DATA_DIR": str(data),
        "BGERASE_MODELS_DIR": str(ROOT / "var" / "models"),
        "BGERASE_MODEL": "synthetic",
        "BGERASE_WEAK_PASSWORD_HASHING": "1",
    }
    broker = os.environ.get("BGERASE_BROKER_URL", "")
    if broker.startswith("redis://") and _XDIST_WORKER:
        # One numbered database for each process of the run: none hears another's doorbell.
        number = int(_XDIST_WORKER.removeprefix("gw")) + 1
        os.environ["BGERASE_BROKER_URL"] = urlsplit(broker)._replace(path=f"/{number}").geturl()
    storage = os.environ.get("BGERASE_STORAGE_URL", "")
    if storage.startswith("s3://") and _XDIST_WORKER:
        key, at, rest = storage.partition("@")
        bucket, mark, query = rest.partition("?")
        os.environ["BGERASE_STORAGE_URL"] = f"{key}{at}{bucket}-{_XDIST_WORKER}{mark}{query}"
    return data


DATA = _choose_settings()
django.setup()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """The processes of a parallel run choose their settings themselves, as this one did."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure() -> None:
    # Not between the runs of one process: mutation testing has hundreds. `atexit` sees to it then.
    if "MUTANT_UNDER_TEST" not in os.environ:
        shutil.rmtree(DATA, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)  # Before -m chooses.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what touches the database, so that the run on PostgreSQL needs no list of its own."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & _DATABASE_FIXTURES:
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite in a file, as in real use: one in memory has neither WAL nor a second connection."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        name = Path(settings.DATA_DIR) / f"test-{os.getpid()}.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(name)


@pytest.fixture(scope="session", autouse=True)
def let_the_flush_through() -> Iterator[None]:
    """Between tests Django empties the tables, ledgers too, which SQLite's triggers refuse.

    They are put back by `post_migrate`, which follows. PostgreSQL truncates: no trigger of a row.
    """
    operations = DatabaseWrapper.ops_class
    empty = operations.sql_flush

    def without_guards(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            names = [name for (name,) in cursor.fetchall()]
        return [f"DROP TRIGGER {name}" for name in names] + empty(self, *args, **kwargs)

    operations.sql_flush = without_guards  # type: ignore[method-assign]
    yield
    # A second run in this process, of mutation testing, would drop the guards twice.
    operations.sql_flush = empty  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def weights() -> Path:
    """The folder with the real models that `make test` fetches."""
    return ROOT / "var" / "models"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def s3() -> Iterator[servers.S3]:
    with servers.seaweed() as store:
        yield store
