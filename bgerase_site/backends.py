"""Turns the addresses in the environment into Django's and Celery's dictionaries."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

KEY_FUNCTION = f"{__name__}.hide_key"


def cache_from(url: str) -> dict[str, Any]:
    """The shared cache: Redis, or the memory of the one web process. It never holds content."""
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "KEY_FUNCTION": KEY_FUNCTION,
            # Django's 300 are soon reached by anybody, who then pushes out what counts their tries.
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    if url.startswith(("redis://", "rediss://", "unix://")):
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "KEY_FUNCTION": KEY_FUNCTION,
            "LOCATION": url,
        }
    raise ImproperlyConfigured("BGERASE_CACHE_URL takes redis://host:port/number.")


def hide_key(key: str, prefix: str, version: int) -> str:
    """What allauth counts attempts under has the address that they came from in it, or a code. A
    plain hash would not do: there are few enough of both to try every one."""
    told = f"{prefix}:{version}:{key}"
    return salted_hmac("bgerase_site.cache", told, algorithm="sha256").hexdigest()


def storage_from(url: str) -> dict[str, Any]:
    """`file:///folder` or `s3://key:secret@bucket?endpoint=https://…&region=…`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "BACKEND": "processing.storage.disk.DiskStorage",
            "OPTIONS": {"location": unquote(parts.path)},
        }
    if parts.scheme == "s3" and parts.hostname:
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return {
            "BACKEND": "processing.storage.s3.BucketStorage",
            "OPTIONS": {
                # The host part keeps its case only in netloc; bucket names are lower case anyway.
                "bucket_name": parts.hostname,
                "access_key": unquote(parts.username) if parts.username else None,
                "secret_key": unquote(parts.password) if parts.password else None,
                "endpoint_url": query.get("endpoint"),
                "region_name": query.get("region"),
                "default_acl": None,
                "querystring_auth": True,
                "client_config": _patience(query.get("addressing", "auto")),
                "file_overwrite": True,
                "max_memory_size": 0,  # Never rolls over into a temporary file.
                "gzip": False,
                "object_parameters": {"CacheControl": "private, no-store"},
            },
        }
    raise ImproperlyConfigured(
        "BGERASE_STORAGE_URL takes file:///folder or s3://key:secret@bucket?endpoint=…&region=…."
    )


def _patience(addressing: Any) -> Any:
    """botocore waits minutes for a storage that hangs, with a photo or a sweep behind it."""
    from botocore.config import Config

    return Config(
        signature_version="s3v4",
        s3={"addressing_style": addressing},  # botocore checks the word.
        connect_timeout=5,
        read_timeout=20,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=32,  # The sweeper deletes with many requests at once.
    )


SMTP_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


def mail_from(url: str) -> dict[str, Any]:
    """`smtp://user:password@host:587` (STARTTLS), `smtps://…:465` (TLS), `smtp+plain://localhost`
    (a relay on this machine), `console:` or `file:///folder`.

    The scheme alone decides how a message travels: what is to be encrypted never goes in the clear
    because a name is missing or a server offers no encryption. Without an address messages are
    printed, so that a newcomer can follow a link without a mail server.
    """
    parts = urlsplit(url or "console:")
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme in SMTP_PORTS and parts.hostname:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or SMTP_PORTS[parts.scheme],
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_USE_TLS": parts.scheme == "smtp",
            "EMAIL_TIMEOUT": 10,
        }
    raise ImproperlyConfigured(
        "BGERASE_EMAIL_URL takes smtp://user:password@host:port, smtps://… or smtp+plain://…."
    )


# An upload does not wait for a broker that is away: its job is found without a message.
DO_NOT_WAIT = {"max_retries": 1, "interval_start": 0}


def broker_options(url: str, folder: Path, job_seconds: int) -> dict[str, Any]:
    """Transport options; the default broker is a folder of empty messages, polled every 20 ms.

    kombu polls a folder once a second by default, which would be the whole wait of a short job.
    Messages say only "there is work": losing one costs seconds, never a job.
    """
    if url.startswith("filesystem://"):
        messages = folder / "messages"
        messages.mkdir(parents=True, exist_ok=True, mode=0o700)
        return {
            "data_folder_in": str(messages),
            "data_folder_out": str(messages),
            "polling_interval": 0.02,
        }
    if url.startswith(("redis://", "rediss://")):
        return {
            "visibility_timeout": 3 * job_seconds,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2,
            **DO_NOT_WAIT,
            "socket_timeout": 5,
        }
    return {"confirm_publish": True, **DO_NOT_WAIT}
