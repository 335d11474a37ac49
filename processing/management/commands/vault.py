"""`manage.py vault status|adopt`: whether the storage is this site's, and making it so."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from processing.models import database_now
from processing.retention import marks

WORDS = {
    marks.OTHER: "other: this is not the storage that this site's images are in. Mount or name the"
    " right one; if it is lost for good, `manage.py vault adopt` accepts this one instead.",
    marks.UNKNOWN: "unknown: the storage does not answer.",
}


class Command(BaseCommand):
    help = "Says whether the storage is this site's; `adopt` makes it so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["status", "adopt"])

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "adopt":
            mark = marks.adopt(database_now())
            self.stdout.write(f"adopted: from now on this site's storage is {mark}.")
            return
        found = marks.look_anew(database_now())
        if found != marks.SAME:
            raise CommandError(WORDS[found])
        self.stdout.write("same: this is the storage that this site's images are in.")
