"""Settings that contradict each other are said at start, with what to change."""

import pytest
from django.conf import settings as site
from django.core.checks import run_checks
from pytest_django import Settings

from processing.checks import (
    folder_broker_needs_one_machine,
    one_process_without_shared_cache,
    production_needs_a_proxy,
)


def test_these_settings_pass_all_checks() -> None:
    assert [found.id for found in run_checks() if str(found.id).startswith("bgerase")] == []


def test_several_web_processes_need_a_shared_cache(settings: Settings) -> None:
    settings.WEB_PROCESSES, settings.CACHE_URL = 2, ""
    (error,) = one_process_without_shared_cache()
    assert error.id == "bgerase.E001"
    assert "BGERASE_CACHE_URL" in str(error.hint)
    assert error in run_checks()
    settings.CACHE_URL = "redis://localhost/0"
    assert one_process_without_shared_cache() == []
    settings.WEB_PROCESSES, settings.CACHE_URL = 1, ""
    assert one_process_without_shared_cache() == []


def test_a_real_site_needs_a_proxy_that_says_https(settings: Settings) -> None:
    settings.PRODUCTION, settings.TRUSTED_PROXIES = True, 0
    (warning,) = production_needs_a_proxy()
    assert "X-Forwarded-Proto" in str(warning.hint)
    assert warning in run_checks()
    settings.TRUSTED_PROXIES = 1
    assert production_needs_a_proxy() == []
    settings.PRODUCTION, settings.TRUSTED_PROXIES = False, 0
    assert production_needs_a_proxy() == []


def test_a_shared_database_needs_a_shared_broker_in_production(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRODUCTION, settings.BROKER_URL = True, "filesystem://localhost"
    engine = "django.db.backends.postgresql"
    monkeypatch.setitem(site.DATABASES["default"], "ENGINE", engine)
    (error,) = folder_broker_needs_one_machine()
    assert error.id == "bgerase.E002"
    assert "BGERASE_BROKER_URL" in str(error.hint)
    settings.BROKER_URL = "redis://localhost/0"
    assert folder_broker_needs_one_machine() == []
    settings.PRODUCTION, settings.BROKER_URL = False, "filesystem://localhost"
    assert folder_broker_needs_one_machine() == []
