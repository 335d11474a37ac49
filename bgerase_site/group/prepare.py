"""What has to be there before the parts start. A step that is not needed finds out cheaply."""

import hashlib
from collections.abc import Callable

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from processing.engine import EngineError, ModelCard, fetch, find_card, needs_weights, verify

Say = Callable[[str], None]


class CannotStart(Exception):
    """The sentence that tells the operator why, and what to do."""


def everything(say: Say) -> None:
    """All of the steps below. Raises CannotStart."""
    weights(say)
    tables(say)
    static_files(say)


def weights(say: Say) -> None:
    """Fetches what is served when it is not there; its hash is checked every time."""
    try:
        for name in filter(needs_weights, settings.MODELS):
            _bring(find_card(name, settings.ALLOWED_LICENCES), say)
    except EngineError as error:
        raise CannotStart(str(error)) from error


def _bring(card: ModelCard, say: Say) -> None:
    try:
        verify(card, settings.MODELS_DIR)
    except EngineError:
        fetch(card, settings.MODELS_DIR, lambda line: say(f"Model {line}"))


def tables(say: Say) -> None:
    """Brings the database up to date. Raises CannotStart when it does not answer."""
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if steps:
            say(f"Bringing the database up to date, {steps} steps")
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise CannotStart(f"The database cannot be used: {error}".strip()) from error
    finally:
        # The parts have connections of their own; this process needs none while they run.
        connections.close_all()


def static_files(say: Say) -> None:
    """Collects scripts, styles and pictures when any of them changed since the last time."""
    stamp = settings.DATA_DIR / "run" / "static.stamp"
    state = _static_state()
    collected = settings.STATIC_ROOT / "staticfiles.json"
    if collected.is_file() and stamp.is_file() and stamp.read_text() == state:
        return
    say("Collecting static files")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state)


def _static_state() -> str:
    """A hash over path, size and time of every source file, and what turns them into the result."""
    entries = [django.__version__, settings.STORAGES["staticfiles"]["BACKEND"]]
    for finder in get_finders():
        for name, storage in finder.list(None):
            path = storage.path(name)
            entries.append(f"{path} {storage.size(name)} {storage.get_modified_time(name)}")
    return hashlib.sha256("\n".join(sorted(entries)).encode()).hexdigest()
