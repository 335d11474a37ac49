"""What every page says about the promise."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import consent
from accounts.models import User, Workspace
from processing.access import home_of
from processing.flows.facts import in_words
from processing.flows.shorten import in_short, life_in_force, offered_lives
from processing.models import database_now
from processing.retention import deadlines


def privacy(request: HttpRequest) -> dict[str, Any]:
    return {"privacy": Privacy(getattr(request, "user", None))}


class Privacy:
    """The promise for who is looking. A page asks the database only for what it says."""

    def __init__(self, user: Any) -> None:
        self._user = user if isinstance(user, User) else None

    @property
    def retention_words(self) -> str:
        """The site's promise, to everybody."""
        return in_words(settings.RETENTION)

    @cached_property
    def training(self) -> bool:
        """Whether who is looking has opted in."""
        return self._user is not None and consent.is_on(self._user)

    @property
    def keeps(self) -> bool:
        """Whether a photo that they sent now would be kept for training."""
        return self.training and self.life == settings.RETENTION

    @property
    def life(self) -> timedelta:
        return life_in_force(self._workspace)

    @property
    def life_words(self) -> str:
        """How long a photo of theirs lives when they ask for nothing else."""
        return in_words(self.life)

    @cached_property
    def erased_at(self) -> datetime:
        return deadlines.purge_at(database_now(), self.life)

    @property
    def offers(self) -> list[tuple[str, str, int]]:
        """Shorter lives for one upload: value of the field, words, seconds that it can be read."""
        hour = timedelta(hours=1)
        if self.life <= hour:
            return []
        return [(in_short(hour), in_words(hour), int(deadlines.live_time(hour).total_seconds()))]

    @property
    def lives(self) -> list[dict[str, Any]]:
        """The lives that a workspace can choose; no seconds is the site's own."""
        chosen = self._workspace.retention_seconds if self._workspace else None
        seconds = offered_lives()
        if chosen and chosen not in seconds and chosen < settings.RETENTION.total_seconds():
            seconds = sorted([*seconds, chosen], reverse=True)
        return [{"seconds": "", "words": self.retention_words, "chosen": chosen not in seconds}] + [
            {"seconds": one, "words": in_words(timedelta(seconds=one)), "chosen": one == chosen}
            for one in seconds
        ]

    @cached_property
    def _workspace(self) -> Workspace | None:
        return home_of(self._user) if self._user else None
