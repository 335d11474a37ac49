"""What all rules of the machine stand on: one house, its clock, and what can be drawn."""

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts import audit
from accounts.models import User, Workspace
from processing import storage
from processing.flows.submit import Upload
from processing.models import (
    Arrival,
    Blob,
    Edit,
    Image,
    Job,
    Share,
    ShareDownload,
    ShareItem,
    Tag,
    VaultMark,
)
from processing.retention import marks, sweeper
from tests import cast
from tests.promises.machine import simulation
from tests.promises.machine.household import ADA, BEN, Household, Photo
from tests.promises.machine.simulation import Killed
from tests.promises.machine.worker import Worker

T = TypeVar("T")
ANY = st.integers(0, 7)
ANYBODY = st.sampled_from([ADA, BEN])
KILL = st.one_of(st.none(), st.none(), st.integers(0, 25))
WAITS = [timedelta(seconds=one) for one in (5, 25, 60, 300, 1_200, 7_200, 40_000, 90_000)]


class House(RuleBasedStateMachine):
    clock: ClassVar[simulation.Clock]
    chance: ClassVar[simulation.Chance]
    fate: ClassVar[simulation.Fate]
    people: ClassVar[list[User]]
    homes: ClassVar[list[Workspace]]
    vault: ClassVar[Path]
    acts: ClassVar[Counter[str]] = Counter()
    clean: ClassVar[bool] = False  # The sequence before has ended well.

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = simulation.BEGINNING
        if not House.clean:
            self._clear()
        self.chance.begin()  # Behind it: the first sequence draws a mark for the storage.
        House.clean = False
        self.home = Household(self.clock, self.people, self.vault)
        self.arriving: list[tuple[Upload, Photo]] = []
        self.in_parts: list[Photo] = []
        self.workers: list[Worker] = []

    def attempt(self, kill: int | None, step: Callable[[], T], *photos: Photo) -> T | Killed:
        """`photos`: those that it is about. Raises what `step` raises."""
        answer = self.fate.decide(kill, step)
        self.acts["killed"] += isinstance(answer, Killed)
        if isinstance(answer, Killed):
            self.home.learn(*photos)
        return answer

    def pick(self, which: int) -> Photo:
        there = list(self.home.photos.values())
        return there[-1 - which % len(there)]

    def pass_time(self, length: timedelta) -> None:
        """The second hand goes on in whatever lives; no job lasts longer than its limit."""
        self.clock.add(length)
        storage.destroy_expired_epochs(self.clock.now)
        limit = self.clock.now - timedelta(seconds=settings.JOB_SECONDS)
        self.workers = [one for one in self.workers if one.began_at > limit]

    def start_again(self) -> None:
        """What processes know goes with them."""
        for upload, _ in self.arriving:
            let_go(upload)
        self.arriving, self.workers = [], []
        marks.forget()
        sweeper._versioning = (None, 0.0, "unknown")
        audit._LATELY = audit._Lately(audit.REMEMBERED)

    def _clear(self) -> None:
        """Whatever a sequence has left that failed."""
        tables = (ShareDownload, ShareItem, Share, Tag, Edit, Arrival, Blob, Job, Image, VaultMark)
        for table in tables:
            table.objects.all().delete()
        for folder in (self.vault, settings.KEYS_DIR):
            shutil.rmtree(folder, ignore_errors=True)
        for user in self.people:
            cast.opt_out(user)
        assert marks.look_anew(self.clock.now) == marks.SAME


def let_go(upload: Upload) -> None:
    """As the end of its process does: whatever is stored of it stays."""
    if upload._writer is not None:
        upload._writer.abandon()
