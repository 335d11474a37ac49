"""Settings in force: safe without any, and a production site refuses to start half-configured."""

import os
import runpy
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

SETTINGS = Path(__file__).resolve().parent.parent.parent / "bgerase_site" / "settings.py"
PRODUCTION = {
    "PRODUCTION": "1",
    "SECRET_KEY": "5" * 100,
    "MASTER_KEY": "7" * 64,
    "RECEIPT_KEY": "9" * 64,
    "ALLOWED_HOSTS": "photos.example",
    "SITE_URL": "https://photos.example",
    "EMAIL_URL": "smtp://user:pass@mail.example",
}
Start = Callable[..., dict[str, Any]]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Start:
    """Reads the settings anew, with only these names in the environment."""

    def read(**environment: str) -> dict[str, Any]:
        for name in list(os.environ):
            if name.startswith("BGERASE_"):
                monkeypatch.delenv(name)
        for name, value in ({"DATA_DIR": str(tmp_path / "data")} | environment).items():
            monkeypatch.setenv(f"BGERASE_{name}", value)
        return runpy.run_path(str(SETTINGS))

    return read


def test_a_bare_machine_needs_no_settings(start: Start, tmp_path: Path) -> None:
    values = start()
    assert values["RETENTION"] == timedelta(hours=24)
    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "db.sqlite3")
    assert values["BROKER_URL"] == "filesystem://localhost"
    assert values["STORAGES"]["vault"]["OPTIONS"]["location"] == str(tmp_path / "data" / "media")
    assert values["DEBUG"] is False
    again = start()
    for secret in ("SECRET_KEY", "MASTER_KEY", "RECEIPT_KEY"):
        assert values[secret] == again[secret]
    assert values["SECRET_KEY"] != values["MASTER_KEY"]
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_the_data_folder_does_not_depend_on_where_a_command_is_started(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that finds an empty vault takes everything for erased."""
    relative = os.path.relpath(tmp_path / "data", SETTINGS.parent.parent)
    monkeypatch.chdir(tmp_path)
    assert start(DATA_DIR=relative)["DATA_DIR"].resolve() == tmp_path / "data"


@pytest.mark.parametrize("name", ["a b", "50%25", "ü", "what?#"])
def test_a_data_folder_can_have_any_name(start: Start, tmp_path: Path, name: str) -> None:
    values = start(DATA_DIR=str(tmp_path / name))
    assert values["DATABASES"]["default"]["NAME"] == str(tmp_path / name / "db.sqlite3")
    assert values["STORAGES"]["vault"]["OPTIONS"]["location"] == str(tmp_path / name / "media")


@pytest.mark.parametrize("retention", ["60s", "119s", "5m", "1h", "4h", "12h", "23h", "24h"])
def test_every_retention_has_a_sweep_that_is_often_enough(start: Start, retention: str) -> None:
    values = start(RETENTION=retention)
    assert timedelta(seconds=1) <= values["SWEEP_EVERY"] <= timedelta(seconds=60)
    # Bytes are gone within a 288th of the retention: five minutes of a day.
    assert values["SWEEP_EVERY"] <= max(timedelta(seconds=1), values["RETENTION"] / 288)
    # Whoever sweeps on time is never taken for dead.
    assert values["SWEEP_EVERY"] <= values["BUDGET"].silent / 2


def test_a_sweep_so_rare_that_it_is_missed_in_between_is_refused(start: Start) -> None:
    assert start(SWEEP_EVERY="90s")["SWEEP_EVERY"] == timedelta(seconds=90)
    with pytest.raises(ImproperlyConfigured, match="from 1s to 90s"):
        start(SWEEP_EVERY="91s")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION", "25h"),
        ("RETENTION", "86401s"),
        ("RETENTION", "59s"),
        ("RETENTION", "1d"),
        ("SWEEP_EVERY", "301s"),
        ("SWEEP_EVERY", "0s"),
        ("MAX_UPLOAD_MB", "0"),
        ("JOB_SECONDS", "4"),
        ("DEVICE", "gpu"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("STORAGE_URL", "ftp://localhost"),
        ("CACHE_URL", "memcached://localhost"),
        ("EMAIL_URL", "http://localhost"),
        ("SECRET_KEY_FILE", "/nowhere"),
        ("LANGUAGE", "fr"),
    ],
)
def test_a_wrong_value_stops_the_start_and_is_named(start: Start, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"BGERASE_{name}"):
        start(**{name: value})


def test_production_starts_with_what_it_needs(start: Start) -> None:
    values = start(**PRODUCTION)
    assert values["SESSION_COOKIE_SECURE"] is values["CSRF_COOKIE_SECURE"] is True
    assert values["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert values["SECURE_SSL_REDIRECT"] is True
    assert values["SECURE_HSTS_SECONDS"] == 3600
    assert values["ACCOUNT_EMAIL_VERIFICATION"] == "mandatory"
    assert values["PASSWORD_HASHERS"][0].endswith("Argon2PasswordHasher")


@pytest.mark.parametrize(
    "missing", ["SECRET_KEY", "MASTER_KEY", "RECEIPT_KEY", "ALLOWED_HOSTS", "EMAIL_URL"]
)
def test_production_refuses_to_start_without(start: Start, tmp_path: Path, missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    with pytest.raises(ImproperlyConfigured, match=f"BGERASE_{missing}"):
        start(**environment)
    assert not list((tmp_path / "data").rglob("*.key"))  # Nothing was made up for it.


@pytest.mark.parametrize(
    ("name", "value"), [("ALLOWED_HOSTS", "photos.example,*"), ("WEAK_PASSWORD_HASHING", "1")]
)
def test_production_refuses_what_is_for_trying_out(start: Start, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"BGERASE_{name}"):
        start(**PRODUCTION | {name: value})


def test_browsers_stay_with_https_for_as_long_as_the_operator_says(start: Start) -> None:
    assert start(**PRODUCTION, HSTS_SECONDS="31536000")["SECURE_HSTS_SECONDS"] == 31_536_000
    assert start(HSTS_SECONDS="31536000")["SECURE_HSTS_SECONDS"] == 0


def test_what_is_made_up_for_development_is_not_among_the_keys_that_no_backup_has(
    start: Start, tmp_path: Path
) -> None:
    start()
    secrets = tmp_path / "data" / "secrets"
    assert {path.name for path in secrets.iterdir()} == {"master.key", "receipt.key", "secret.key"}
    assert list((tmp_path / "data" / "keys").iterdir()) == []


def test_the_data_folder_is_closed_to_others_even_if_it_was_open(
    start: Start, tmp_path: Path
) -> None:
    folders = [tmp_path / "data", tmp_path / "data" / "keys", tmp_path / "data" / "run"]
    for folder in folders:
        folder.mkdir()
        folder.chmod(0o755)
    before = os.umask(0o022)
    try:
        start()
        made = tmp_path / "data" / "db.sqlite3"
        made.touch()
    finally:
        os.umask(before)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3
    assert stat.S_IMODE(made.stat().st_mode) == 0o600


def test_secrets_can_come_from_files(start: Start, tmp_path: Path) -> None:
    (tmp_path / "master").write_text("8" * 64 + "\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "MASTER_KEY"}
    values = start(**environment, MASTER_KEY_FILE=str(tmp_path / "master"))
    assert values["MASTER_KEY"] == "8" * 64


def test_sqlite_is_set_up_to_forget_and_to_wait(start: Start) -> None:
    options = start()["DATABASES"]["default"]["OPTIONS"]
    assert "journal_mode=WAL" in options["init_command"]
    assert "secure_delete=ON" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"


def test_messages_carry_nothing_and_nothing_is_kept_of_them(start: Start) -> None:
    values = start()
    assert values["CELERY_TASK_IGNORE_RESULT"] is True
    assert "CELERY_RESULT_BACKEND" not in values
    assert values["CELERY_ACCEPT_CONTENT"] == ["json"]
    assert values["CELERY_WORKER_SEND_TASK_EVENTS"] is False
    assert values["CELERY_WORKER_POOL"] == "prefork"
    assert values["CELERY_TASK_SOFT_TIME_LIMIT"] < values["CELERY_TASK_TIME_LIMIT"]


@pytest.mark.parametrize("seconds", [5, 6, 30, 120, 600])
def test_the_soft_limit_leaves_time_to_say_so(start: Start, seconds: int) -> None:
    values = start(JOB_SECONDS=str(seconds))
    assert 1 <= values["CELERY_TASK_SOFT_TIME_LIMIT"] <= seconds - 2
    assert values["CELERY_TASK_TIME_LIMIT"] == seconds


def test_uploads_never_become_temporary_files(start: Start) -> None:
    values = start()
    assert values["FILE_UPLOAD_HANDLERS"] == ["processing.views.uploads.RefuseFiles"]
    assert values["STORAGES"]["default"]["BACKEND"].endswith("InMemoryStorage")


def test_one_database_is_asked_and_no_replica_of_it(start: Start) -> None:
    """A replica that lags behind would say of an image that it is gone, or that it is there."""
    values = start()
    assert list(values["DATABASES"]) == ["default"]
    assert "DATABASE_ROUTERS" not in values


@pytest.mark.parametrize(
    ("given", "model", "models"),
    [
        ({}, "u2netp", ["u2netp"]),
        ({"MODEL": "u2net"}, "u2net", ["u2net"]),
        ({"MODELS": "u2net, u2netp,u2net"}, "u2net", ["u2net", "u2netp"]),
        ({"MODEL": "u2netp", "MODELS": "u2net"}, "u2netp", ["u2net"]),
    ],
)
def test_a_worker_serves_the_site_s_own_model_unless_others_are_named(
    start: Start, given: dict[str, str], model: str, models: list[str]
) -> None:
    values = start(**given)
    assert (values["MODEL"], values["MODELS"]) == (model, models)
