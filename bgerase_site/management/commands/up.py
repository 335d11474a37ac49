"""`manage.py up`: see `bgerase_site.group`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bgerase_site.group.prepare import CannotStart
from bgerase_site.group.start import up


class Command(BaseCommand):
    help = "Starts the web server, the worker and the sweeper as one group, until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = up()
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            code = 130
        raise SystemExit(code)
