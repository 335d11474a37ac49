"""`manage.py models`: which models there are, which are here, and getting them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from processing.engine import MODELS, ModelCard, SetupError, fetch, find_card, verify, weights_path


class Command(BaseCommand):
    help = "List, fetch and verify the weights of the models that may run here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="every model of the catalogue, and whether it is here")
        fetching = actions.add_parser("fetch", help="download weights and check their hash")
        fetching.add_argument("names", nargs="+", metavar="NAME")
        actions.add_parser("verify", help="hash the weights that are here again")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.MODELS_DIR)
        if options["action"] == "list":
            self._list(folder)
        elif options["action"] == "fetch":
            self._fetch(folder, options["names"])
        else:
            self._verify(folder)

    def _list(self, folder: Path) -> None:
        row = "{:<22} {:>9}  {:<10}  {:<9}  {}".format
        self.stdout.write(row("MODEL", "SIZE", "LICENCE", "HERE", "NOTES"))
        for card in MODELS.values():
            notes = f"opt-in: {card.notes}" if card.opt_in else card.notes
            self.stdout.write(
                row(card.name, _size(card), card.licence, _state(card, folder), notes)
            )

    def _fetch(self, folder: Path, names: list[str]) -> None:
        try:
            cards = [find_card(name) for name in names]
            for card in cards:
                fetch(card, folder, self.stdout.write)
        except SetupError as error:
            raise CommandError(str(error)) from error

    def _verify(self, folder: Path) -> None:
        here = [card for card in MODELS.values() if weights_path(card, folder).is_file()]
        broken = []
        for card in here:
            try:
                verify(card, folder)
            except SetupError as error:
                broken.append(str(error))
            else:
                self.stdout.write(f"{card.name}: verified, {card.digest}")
        if broken:
            raise CommandError("\n".join(broken))
        if not here:
            self.stdout.write(f"No weights in {folder}. Run: python manage.py models fetch u2netp")


def _size(card: ModelCard) -> str:
    return f"{card.bytes / 1e6:.1f} MB" if card.bytes else "not known"


def _state(card: ModelCard, folder: Path) -> str:
    if not weights_path(card, folder).is_file():
        return "no"
    try:
        verify(card, folder)
    except SetupError:
        return "wrong"
    return "verified"
