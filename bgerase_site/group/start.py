"""Prepares a site and keeps it running: what `manage.py up` does."""

import os
from collections.abc import Callable

from django.conf import settings

from bgerase_site.group import address, prepare
from bgerase_site.group.lock import AlreadyRunning, only_group
from bgerase_site.group.parts import site_parts
from bgerase_site.group.prepare import CannotStart
from bgerase_site.group.printer import Printer
from bgerase_site.group.supervisor import Group, stopped_by_signals
from processing import scratch

_FADING = 15.0  # Seconds that the parts of a killed group have for letting go of the port.


def up() -> int:
    """Runs the group until it is stopped; returns the exit code. Raises CannotStart."""
    try:
        with only_group(settings.DATA_DIR / "run" / "group.lock") as was_killed:
            _require_port(_FADING if was_killed else 0.0)
            return _run()
    except AlreadyRunning as error:
        raise CannotStart(
            f"BackgroundErase already runs on {settings.DATA_DIR} (process {error}). "
            "Stop it, or choose another folder with BGERASE_DATA_DIR."
        ) from error


def _require_port(patience: float) -> None:
    reason = address.why_not_free(settings.HOST, settings.PORT, patience)
    if reason:
        raise CannotStart(
            f"Port {settings.PORT} on {settings.HOST} cannot be used: {reason}. "
            f"Choose another one, for example: BGERASE_PORT={_another_port()} make run"
        )


def _another_port() -> int:
    return settings.PORT + 80 if settings.PORT + 80 < 65536 else 8080


def _run() -> int:
    parts = site_parts()
    printer = Printer([part.name for part in parts])
    if os.geteuid() == 0:
        printer.say("Running as root. A user without privileges is enough, and safer.")
    prepare.everything(printer.say)
    scratch.use_own_folder()
    # Threads of a part share two memory pools instead of eight for each core, and what is larger
    # than 4 MB, as every large photo is, goes back to the system as soon as it is done with.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", "4000000")
    group = Group(parts, printer, answers=_web_answers, when_up=_announcement(printer.say))
    with stopped_by_signals(group):
        return group.run()


def _web_answers() -> bool:
    named = next((host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
    return address.answers(settings.HOST, settings.PORT, named)


def _announcement(say: Callable[[str], None]) -> Callable[[], None]:
    # By name, not by number: browsers bind passkeys to names.
    return lambda: say(f"BackgroundErase is at {settings.SITE_URL.rstrip('/')}/")
