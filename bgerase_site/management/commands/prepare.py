"""`manage.py prepare`: what `manage.py up` does before it starts anything."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bgerase_site.group import prepare
from bgerase_site.group.prepare import CannotStart


class Command(BaseCommand):
    help = (
        "Checks the settings, fetches the model's weights, brings the database up to date and "
        "collects static files. What is there already is left alone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            prepare.everything(self.stdout.write)
        except CannotStart as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Ready to start.")
