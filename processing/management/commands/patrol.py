"""`manage.py patrol`: one round of the patrol, and what it found."""

from typing import Any

from django.core.management.base import BaseCommand

from processing.models import database_now
from processing.retention.gates import FOUND
from processing.retention.patrol import findings, patrol


class Command(BaseCommand):
    help = (
        "Compares what is stored with what is recorded, both ways, and looks for what should not "
        "be there. Exit code 1 when something was found."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        facts = patrol(database_now())
        for name, number in sorted(facts.items()):
            self.stdout.write(f"{name:24} {number:g}")
        found = findings(facts)
        for code in found:
            self.stderr.write(f"{code}: {FOUND[code]}")
        raise SystemExit(1 if found else 0)
