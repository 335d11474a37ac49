"""Everything that can hold something of a person says so, and how it goes."""

import ast
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as site
from django.core.cache import caches
from django.db import models
from django.test.utils import isolate_apps
from pytest_django import Settings

from accounts.models import User
from bgerase_site.backends import cache_from
from bgerase_site.celery import app
from processing import tasks
from processing.flows.facts import SHARE_COOKIE
from processing.retention import registry
from processing.retention.registry import Erased
from tests.cast import browser, finish, submit
from tests.links import share, take

ROOT = Path(__file__).resolve().parents[3]
HOLDS_WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
KEEPING_IN_BROWSERS = r"localStorage|sessionStorage|indexedDB|serviceWorker|caches\.|cookieStore"


def test_nothing_is_undeclared_and_nothing_declared_is_gone() -> None:
    compared = registry.compare()
    assert compared.undeclared == []
    assert compared.gone == []


@isolate_apps("processing")
def test_a_new_table_without_a_declaration_is_found() -> None:
    class Note(models.Model):
        text = models.TextField()

        class Meta:
            app_label = "processing"

        def __str__(self) -> str:
            return "note"

    found = registry.compare([*apps.get_models(include_auto_created=True), Note])
    assert found.undeclared == ["column processing.Note.id", "column processing.Note.text"]


def test_a_declaration_of_what_is_no_more_is_found() -> None:
    found = registry.compare(model for model in apps.get_models() if model.__name__ != "Blob")
    assert "column processing.Blob.size" in found.gone


def test_a_new_storage_cache_database_log_or_cookie_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STORAGES = {**site.STORAGES, "exports": {}}
    settings.CACHES = {**site.CACHES, "thumbnails": {}}
    settings.LOGGING = {"handlers": {"out": {}, "file": {}}}
    settings.SESSION_COOKIE_NAME = "other"
    monkeypatch.setitem(site.DATABASES, "replica", {})
    compared = registry.compare()
    assert compared.undeclared == [
        "cache thumbnails",
        "cookie other",
        "database replica",
        "log file",
        "storage exports",
    ]
    assert compared.gone == ["cookie sessionid"]


def test_the_cache_holds_numbers_and_nothing_of_anybody(owner: User, settings: Settings) -> None:
    """Neither who tried, nor from where, nor what: it may be a Redis that is kept on a disk."""
    settings.CACHES = {"default": cache_from("")}  # The same keys, where they can be looked at.
    caches["default"].clear()
    made = share(owner, finish(submit(owner, name="grandma.png")), password="swordfish")
    visitor = browser(REMOTE_ADDR="203.0.113.77")
    visitor.post("/accounts/login/", {"login": owner.email, "password": "wrong-but-long-enough"})
    for password in ("sardine", "swordfish"):
        visitor.post(f"/s/{made.token}/unlock/", {"password": password})
    assert take(visitor, made.token).status_code == 201
    exporting: Any = browser(owner).post("/account/data/")
    held = vars(caches["default"])["_cache"]
    assert len(held) >= 5  # By address and by account, by link, by network, and who exports.
    assert [key for key in held if not re.fullmatch(r"[0-9a-f]{64}", key)] == []
    values = [pickle.loads(value) for value in held.values()]
    numbers = [one for value in values for one in (value if isinstance(value, list) else [value])]
    assert {type(one) for one in numbers} <= {int, float}
    exporting.close()


def test_each_column_is_declared_once() -> None:
    for table, held in registry.TABLES.items():
        names = [name for one in held for name in one.fields.split()]
        assert len(names) == len(set(names)), table


def test_every_declaration_says_something() -> None:
    held = [one.what for table in registry.TABLES.values() for one in table]
    places = (*registry.STORAGES, *registry.CACHES, *registry.QUEUES, *registry.LOGS)
    more = (*registry.FOLDERS, *registry.COOKIES, *registry.DATABASES)
    assert all(len(what) > 2 for what in held + [place.what for place in (*places, *more)])
    for place in (*places, *more):
        assert (place.how == "-") == (place.erased is Erased.NOTHING_PERSONAL), place


def test_what_can_hold_anybody_s_words_in_our_tables_is_named() -> None:
    """A column of free words that is declared to hold nothing personal is one of these few."""
    harmless = registry.fields_of(Erased.NOTHING_PERSONAL)
    free = {
        f"{table}.{name}"
        for table, names in harmless.items()
        for name in names
        if table.startswith(("processing", "accounts"))
        and isinstance(field := apps.get_model(table)._meta.get_field(name), HOLDS_WORDS)
        and not field.choices
    }
    assert free == {
        *(
            f"processing.WorkerBeat.{name}"
            for name in ("name", "model", "model_version", "serves", "load")
        ),
        "processing.WorkerBeat.provider",
        "processing.ReceiptKey.id",
        "processing.ReceiptKey.public_key",
        "processing.Pulse.name",
        "processing.Pulse.facts",
        *(f"processing.VaultMark.{name}" for name in ("alias", "mark")),
        *(f"accounts.ChainHead.{name}" for name in ("name", "hash")),
    }


def test_every_queue_is_declared() -> None:
    declared = {place.name for place in registry.QUEUES}
    assert declared == {"celery", tasks.queue_of("*")}
    others = [name for name in app.amqp.queues if name not in declared]
    assert [name for name in others if not name.startswith(tasks.queue_of("*")[:-1])] == []
    assert app.conf.task_default_queue in app.amqp.queues
    assert app.conf.result_backend is None


def test_every_folder_that_the_settings_make_is_declared(tmp_path: Path) -> None:
    """And so is every one that a setting names below the data folder."""
    ask = (
        "from django.conf import settings as s; from pathlib import Path; d = Path(s.DATA_DIR);"
        "v = [getattr(s, n) for n in dir(s) if n.endswith(('_DIR', '_ROOT', '_PATH'))];"
        "v.append(s.STORAGES['vault']['OPTIONS']['location']);"
        "print(*[p.name for p in d.iterdir() if p.is_dir()]);"
        "print(*[Path(p).relative_to(d).parts[0] for p in v if p and d in Path(p).parents])"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("BGERASE")}
    env |= {"BGERASE_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    env["DJANGO_SETTINGS_MODULE"] = "bgerase_site.settings"
    told = subprocess.run(
        [sys.executable, "-c", ask], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(told.stdout.split()) == {place.name for place in registry.FOLDERS}


def test_pages_keep_nothing_in_the_browser() -> None:
    assert registry.BROWSER == ()
    using = [
        path.name
        for path in (ROOT / "static" / "js").rglob("*.js")
        if re.search(KEEPING_IN_BROWSERS, path.read_text())
    ]
    assert using == []


def test_the_site_sets_one_cookie_of_its_own_and_that_is_declared() -> None:
    setting = [
        str(path.relative_to(ROOT))
        for folder in ("accounts", "processing", "bgerase_site")
        for path in (ROOT / folder).rglob("*.py")
        if any(
            isinstance(node, ast.Attribute) and node.attr in {"set_cookie", "set_signed_cookie"}
            for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert setting == ["processing/views/shared.py"]
    assert SHARE_COOKIE in {place.name for place in registry.COOKIES}


def test_what_is_deleted_at_closing_leaves_no_column_behind() -> None:
    """A table that goes, goes whole: no column of it is declared otherwise."""
    for table in registry.tables_gone_at_closing():
        ways = {one.erased for one in registry.TABLES[table]}
        assert ways == {Erased.DELETED_AT_CLOSING}, table


@pytest.mark.parametrize("table", registry.fields_of(Erased.AT_ERASING))
def test_what_is_blanked_at_erasing_can_be_blank(table: str) -> None:
    for name in registry.fields_of(Erased.AT_ERASING)[table]:
        assert apps.get_model(table)._meta.get_field(name).null, name
