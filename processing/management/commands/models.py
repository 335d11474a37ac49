"""`manage.py models`: which models there are, which are here and at work; getting, timing them."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from processing.engine import (
    MODELS,
    REFUSED,
    RESTRICTED,
    ModelCard,
    SetupError,
    fetch,
    find_card,
    verify,
    weights_path,
)
from processing.engine.timing import Timing, Trial, time_model
from processing.jobs.serving import live_workers
from processing.models import database_now

ROW = "{:<22} {:>9}  {:<12}  {:<8}  {:<8}  {:<9}  {:<6}  {}".format
BENCH = "{:<22} {:<24} {:>5}  {:>9}  {:>10}  {:>9}".format


class Command(BaseCommand):
    help = "List, fetch, verify and time the models that may run here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="every model of the catalogue, and whether it is here")
        fetching = actions.add_parser("fetch", help="download weights and check their hash")
        fetching.add_argument("names", nargs="+", metavar="NAME")
        actions.add_parser("verify", help="hash the weights that are here again")
        timing = actions.add_parser("bench", help="milliseconds and memory of what is here")
        timing.add_argument("names", nargs="*", metavar="NAME")
        timing.add_argument("--batch", type=int, default=1, help="photos in one call")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.MODELS_DIR)
        match options["action"]:
            case "list":
                self._list(folder)
            case "fetch":
                self._fetch(folder, options["names"])
            case "verify":
                self._verify(folder)
            case _:
                self._bench(folder, options["names"], options["batch"])

    def _list(self, folder: Path) -> None:
        workers = _workers()
        self.stdout.write(
            ROW("MODEL", "SIZE", "LICENCE", "SPEED", "FOR", "HERE", "SERVED", "NOTES")
        )
        for card in (MODELS | RESTRICTED).values():
            size, state, number = _size(card), _state(card, folder), workers.get(card.name, 0)
            facts = (card.licence, card.speed, card.good_for, state, f"by {number}")
            self.stdout.write(ROW(card.name, size, *facts, _notes(card)))
        for name, reason in REFUSED.items():
            self.stdout.write(f"{name:<22} refused: {reason}")

    def _fetch(self, folder: Path, names: list[str]) -> None:
        try:
            cards = [find_card(name, settings.ALLOWED_LICENCES) for name in names]
            for card in cards:
                fetch(card, folder, self.stdout.write)
        except SetupError as error:
            raise CommandError(str(error)) from error

    def _verify(self, folder: Path) -> None:
        here = _here(folder)
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
            self._say_none(folder)

    def _bench(self, folder: Path, names: list[str], batch: int) -> None:
        """Each model in a process of its own: the memory of one is not the next one's."""
        names = names or [card.name for card in _here(folder)]
        if not names:
            self._say_none(folder)
            return
        self.stdout.write(BENCH("MODEL", "PROVIDER", "BATCH", "MS/PHOTO", "PHOTOS/S", "PEAK MB"))
        for name in names:
            try:
                find_card(name, settings.ALLOWED_LICENCES)
                timing = time_model(_trial(name, folder, batch))
            except SetupError as error:
                raise CommandError(str(error)) from error
            self.stdout.write(_bench_row(name, batch, timing))

    def _say_none(self, folder: Path) -> None:
        self.stdout.write(f"No weights in {folder}. Run: python manage.py models fetch u2netp")


def _here(folder: Path) -> list[ModelCard]:
    cards = (MODELS | RESTRICTED).values()
    return [card for card in cards if weights_path(card, folder).is_file()]


def _workers() -> dict[str, int]:
    """How many live workers serve each model; the list is of use without a database, too."""
    served: dict[str, int] = {}
    try:
        for beat in live_workers(database_now()):
            for name in {asked or settings.MODEL for asked in beat.serves}:
                served[name] = served.get(name, 0) + 1
    except DatabaseError:
        return {}
    return served


def _size(card: ModelCard) -> str:
    return f"{card.bytes / 1e6:.1f} MB" if card.bytes else "not known"


def _notes(card: ModelCard) -> str:
    if card.name in RESTRICTED:
        allowed = "allowed here" if card.licence in settings.ALLOWED_LICENCES else "refused"
        return f"{allowed}: its licence {card.notes}"
    return f"opt-in: {card.notes}" if card.opt_in else card.notes


def _state(card: ModelCard, folder: Path) -> str:
    if not weights_path(card, folder).is_file():
        return "no"
    try:
        verify(card, folder)
    except SetupError:
        return "wrong"
    return "verified"


def _trial(name: str, folder: Path, batch: int) -> Trial:
    threads, licences = settings.WORKER_THREADS, settings.ALLOWED_LICENCES
    return Trial(name, str(folder), settings.DEVICE, threads, batch, licences)


def _bench_row(name: str, batch: int, timing: Timing) -> str:
    per_photo = timing.milliseconds
    return BENCH(
        name,
        timing.provider,
        batch,
        f"{per_photo:.1f}",
        f"{1000 / per_photo:.2f}",
        f"{timing.peak_bytes / 1e6:.0f}",
    )
