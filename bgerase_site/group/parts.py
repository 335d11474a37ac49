"""What a running site consists of, as data: the supervisor knows nothing else about it."""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

# Celery's seven lines about running as root; the group says it in one.
_NOT_AGAIN = "-Wignore:You're running the worker with superuser"
_WEB_CONFIG = Path(__file__).with_name("web.py")


@dataclass(frozen=True)
class Part:
    """A program of the group."""

    name: str
    argv: tuple[str, ...]


def site_parts() -> tuple[Part, ...]:
    return (_web(), _worker(), _sweeper())


def _web() -> Part:
    argv = (sys.executable, "-m", "gunicorn", f"--config={_WEB_CONFIG}", "bgerase_site.wsgi")
    return Part("web", argv)


def _worker() -> Part:
    """Gossip, mingling and heartbeats are talk between workers; the job table says it all."""
    argv = [sys.executable, _NOT_AGAIN, "-m", "celery", "--quiet", "--app=bgerase_site", "worker"]
    argv += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--beat"]
    return Part("worker", (*argv, f"--hostname=bgerase-{secrets.token_hex(4)}@%h"))


def _sweeper() -> Part:
    manage = str(settings.BASE_DIR / "manage.py")
    return Part("sweeper", (sys.executable, manage, "sweep", "--loop", "--skip-checks"))
