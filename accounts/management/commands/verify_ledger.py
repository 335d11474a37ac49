"""`manage.py verify_ledger`: the ledger of the training opt-in, checked from its first entry on."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.consent import CHAIN, verify_ledger
from accounts.models import ChainHead


class Command(BaseCommand):
    help = "Checks the ledger of the training opt-in; 1 when an entry was changed or left out."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = verify_ledger()
        if broken:
            self.stderr.write(f"The ledger does not hold: entry {broken} is the first to break it.")
            raise SystemExit(1)
        head = ChainHead.objects.get(pk=CHAIN)
        self.stdout.write(f"The ledger holds: {head.number} entries, ending in {head.hash}")
