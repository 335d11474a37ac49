"""What `BGERASE_PRODUCTION=1` turns on, read from the settings of a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "BGERASE_PRODUCTION": "1",
    "BGERASE_SECRET_KEY": "a-secret-of-a-test-" * 4,
    "BGERASE_MASTER_KEY": "another-secret-of-a-test-" * 3,
    "BGERASE_RECEIPT_KEY": "5a" * 32,
    "BGERASE_ALLOWED_HOSTS": "photos.example",
    "BGERASE_SITE_URL": "https://photos.example",
    "BGERASE_TRUSTED_PROXIES": "1",
    "BGERASE_EMAIL_URL": "smtp://user:password@mail.example:587",
}


def start(environment: dict[str, str], code: str) -> "subprocess.CompletedProcess[str]":
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BGERASE_")}
    data = {"BGERASE_DATA_DIR": os.environ["BGERASE_DATA_DIR"]}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=kept | data | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def read_settings(environment: dict[str, str], *names: str) -> Any:
    """One setting, or a dictionary of several."""
    code = (
        "import json; from bgerase_site import settings as s; "
        f"print(json.dumps({{name: getattr(s, name, None) for name in {names!r}}}))"
    )
    done = start(environment, code)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return found if len(names) > 1 else found[names[0]]


def test_a_real_site_is_strict() -> None:
    expected = {
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "LANGUAGE_COOKIE_SECURE": True,
        "LANGUAGE_COOKIE_NAME": "__Host-language",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 3600,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": None,
        "SECURE_HSTS_PRELOAD": None,
        "DEBUG": False,
        "ALLOWED_HOSTS": ["photos.example"],
        "CSRF_TRUSTED_ORIGINS": ["https://photos.example"],
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "EMAIL_HOST": "mail.example",
        "EMAIL_USE_TLS": True,
    }
    assert read_settings(PRODUCTION, *expected) == expected


def test_a_newcomer_gets_in_without_a_mail_server() -> None:
    expected = {
        "ACCOUNT_EMAIL_VERIFICATION": "optional",
        "EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
        "SECURE_SSL_REDIRECT": False,
        "DEBUG": False,
    }
    assert read_settings({}, *expected) == expected


@pytest.mark.parametrize(
    "name",
    [
        "BGERASE_SECRET_KEY",
        "BGERASE_MASTER_KEY",
        "BGERASE_RECEIPT_KEY",
        "BGERASE_ALLOWED_HOSTS",
        "BGERASE_EMAIL_URL",
    ],
)
def test_a_real_site_does_not_start_without(name: str) -> None:
    lacking = {key: value for key, value in PRODUCTION.items() if key != name}
    done = start(lacking, "import bgerase_site.settings")
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"BGERASE_ALLOWED_HOSTS": "*"},
        {"BGERASE_WEAK_PASSWORD_HASHING": "1"},
        {"BGERASE_RETENTION": "25h"},
        {"BGERASE_SECRET_KEY": "s" * 49},
        {"BGERASE_MASTER_KEY": "m" * 31},
        {"BGERASE_EMAIL_URL": "console:"},
        {"BGERASE_SITE_URL": "http://photos.example"},
        {"BGERASE_SITE_URL": "http://localhost:8000"},
    ],
)
def test_a_real_site_does_not_start_with(wrong: dict[str, str]) -> None:
    done = start(PRODUCTION | wrong, "import bgerase_site.settings")
    assert done.returncode != 0
    assert next(iter(wrong)) in done.stderr.splitlines()[-1]


def test_django_s_own_checks_find_nothing_in_a_real_site() -> None:
    redis = {"BGERASE_BROKER_URL": "redis://localhost/0"}
    code = (
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING'])"
    )
    names = {"DJANGO_SETTINGS_MODULE": "bgerase_site.settings"}
    done = start(PRODUCTION | redis | names, code)
    assert done.returncode == 0, done.stderr
