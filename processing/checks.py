"""Settings that contradict each other are said at start, with what to change."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004


@register(Tags.security)
def one_process_without_shared_cache(**kwargs: Any) -> list[CheckMessage]:
    if settings.WEB_PROCESSES > 1 and not settings.CACHE_URL:
        return [
            Error(
                "Several web processes without a shared cache count sign-in attempts separately.",
                hint="Set BGERASE_CACHE_URL to a Redis, or BGERASE_WEB_PROCESSES to 1.",
                id="bgerase.E001",
            )
        ]
    return []


@register(Tags.security)
def production_needs_a_proxy(**kwargs: Any) -> list[CheckMessage]:
    """The server speaks no TLS itself. Without the proxy's X-Forwarded-Proto every request looks
    like http, and is sent to https for ever."""
    if settings.PRODUCTION and not settings.TRUSTED_PROXIES:
        return [
            Warning(
                "No proxy is trusted, so every request looks like http and is redirected for ever.",
                hint="Put a proxy with TLS in front and set BGERASE_TRUSTED_PROXIES to their count;"
                " it has to set X-Forwarded-Proto.",
                id="bgerase.W003",
            )
        ]
    return []


@register()
def folder_broker_needs_one_machine(**kwargs: Any) -> list[CheckMessage]:
    """SQLite, the folder broker and local disk are one machine's; mixing them with a database
    that is shared hints at a second machine that cannot see them."""
    shared = settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3"
    if settings.PRODUCTION and shared and settings.BROKER_URL.startswith("filesystem://"):
        return [
            Error(
                "PostgreSQL with the folder broker: workers on other machines are never rung for.",
                hint="Set BGERASE_BROKER_URL to a Redis or RabbitMQ.",
                id="bgerase.E002",
            )
        ]
    return []
