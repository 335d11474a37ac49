"""`manage.py keys`: which keys are alive, and a new master key."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from processing.retention import rotation
from processing.storage import epochs_alive, grants_alive


class Command(BaseCommand):
    help = "Show which keys are alive, and wrap all images' keys under a new master key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="epochs and opt-ins alive, images under an old key")
        actions.add_parser("rotate", help="wrap everything under BGERASE_MASTER_KEY")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "status":
            self._show()
        else:
            self._rotate()

    def _show(self) -> None:
        epochs = epochs_alive()
        span = f", ending from {_time(epochs[0])} to {_time(epochs[-1])}" if epochs else ""
        self.stdout.write(f"{len(epochs)} epochs alive{span}")
        self.stdout.write(f"{len(grants_alive())} training opt-ins alive")
        counted = rotation.count()
        self.stdout.write(f"{counted.current} images under the master key")
        self.stdout.write(f"{counted.rewrapped} images still under the old key")
        self.stdout.write(f"{counted.closed} images that no key opens")

    def _rotate(self) -> None:
        if not settings.OLD_MASTER_KEY:
            raise CommandError(
                "Set BGERASE_OLD_MASTER_KEY to the key before this one; see docs/operations.md."
            )
        rotated = rotation.rotate()
        self.stdout.write(
            f"{rotated.rewrapped} rewrapped, {rotated.current} were already, "
            f"{rotated.closed} that no key opens"
        )
        # Somebody still writes under the key before: a part that was not started again.
        left = rotation.count().rewrapped
        if left:
            raise CommandError(f"{left} images came under the old key meanwhile: run it again.")


def _time(end: int) -> str:
    return f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d %H:%M:%S}"
