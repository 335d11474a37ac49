"""`manage.py staff`: who can open the staff pages."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User


class Command(BaseCommand):
    help = "Says who of the users is staff: add ADDRESS, remove ADDRESS, list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["add", "remove", "list"])
        parser.add_argument("address", nargs="?", help="the e-mail address of an account")

    def handle(self, *args: Any, act: str, address: str | None, **options: Any) -> None:
        if act == "list":
            for email in User.objects.filter(is_staff=True).values_list("email", flat=True):
                self.stdout.write(email)
            return
        # Only who is there can be found: nobody is made by this.
        found = User.objects.filter(email__iexact=address or "", is_active=True)
        if not found.update(is_staff=act == "add"):
            raise CommandError("No account has this address.")
        self.stdout.write(f"{address} is {'now staff' if act == 'add' else 'staff no longer'}.")
