"""`manage.py clock`: what the deadlines go by, and believing the machine's clock again."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from processing.models import database_now
from processing.retention import anchor
from processing.storage import clocks_apart, is_steady, steady_now, wall_now


class Command(BaseCommand):
    help = "Show how the clocks stand; accept the machine's when it was set right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("status", help="the machine's clock, the steady one, the database's")
        actions.add_parser("accept", help="from now on the machine's clock is right")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "status":
            self._show()
        else:
            self._accept()

    def _show(self) -> None:
        """Exits with 1 where uploads are refused for it."""
        apart, database = clocks_apart(), database_now() - wall_now()
        self.stdout.write(f"machine   {wall_now():%Y-%m-%d %H:%M:%S} UTC")
        self.stdout.write(f"steady    {steady_now():%Y-%m-%d %H:%M:%S} UTC{_differs(-apart)}")
        self.stdout.write(f"database  {database_now():%Y-%m-%d %H:%M:%S} UTC{_differs(database)}")
        if not is_steady():
            self.stdout.write("This machine has no clock that counts from its start on.")
        if max(abs(apart), abs(database)) > settings.BUDGET.clocks_apart:
            raise SystemExit(1)

    def _accept(self) -> None:
        before = clocks_apart()
        if abs(before) <= settings.BUDGET.clocks_apart:
            self.stdout.write("The clocks agree: nothing to accept.")
            return
        try:
            moved = anchor.accept()
        except (DatabaseError, OSError) as error:
            raise CommandError(f"Nothing was changed: {type(error).__name__}.") from error
        self.stdout.write(f"The machine's clock is right now, {_length(before)}.")
        self.stdout.write(f"{moved} images were moved back with it.")


def _differs(by: timedelta) -> str:
    return f" ({_length(by)})" if abs(by) > settings.BUDGET.clocks_apart else ""


def _length(by: timedelta) -> str:
    return f"{abs(by).total_seconds():.0f} s {'ahead' if by > timedelta(0) else 'behind'}"
