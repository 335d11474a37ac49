"""Any sequence of what can happen, as long as nobody finds one that breaks a promise."""

import logging
import os
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest
from django.conf import settings as site
from django.db import connection
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytest_django import Settings

from accounts import audit
from accounts.consent import verify_ledger
from accounts.models import Membership, User, Workspace
from bgerase_site import backends
from processing import storage, tasks
from processing.access import find_image, home_of
from processing.errors import BadEraseAfter, Interrupted, Paused
from processing.flows.erase import erase_all, erase_images
from processing.flows.shorten import AS_USUAL, Shorter, shorten_from_now
from processing.flows.submit import Upload
from processing.jobs import reap, results
from processing.jobs.claim import Claim, ClaimLost, claim_next
from processing.models import Blob, Image, Job, Receipt, VaultMark
from processing.retention import erase, gates, marks, receipts, sweeper
from processing.retention.patrol import patrol
from processing.retention.sweeper import sweep
from processing.training.withdrawal import destroy_left_over_grants
from tests import cast, photos
from tests.promises import simulation
from tests.promises.household import ADA, BEN, PLACES, Household, OptIn, Photo
from tests.promises.scale import PROVING, pick
from tests.promises.simulation import Killed

T = TypeVar("T")
SEQUENCES, STEPS = pick(int(os.environ.get("SEQ", "200")), 2_000), pick(25, 60)
PHOTO = photos.draw(8, 8)
SHORT = (Shorter(timedelta(minutes=10)), Shorter(timedelta(hours=1)))
LIVES = st.sampled_from([AS_USUAL, AS_USUAL, AS_USUAL, *SHORT])
WAITS = [timedelta(seconds=one) for one in (5, 25, 60, 300, 1_200, 7_200, 40_000, 90_000)]
NEVER_FOUND = ("unknown_objects", "missing_objects", "without_deadline", "kept_without_consent")
ANY = st.integers(0, 7)
ON = st.tuples(st.booleans(), st.booleans())
KILL = st.one_of(st.none(), st.none(), st.integers(0, 25))


class Machine(RuleBasedStateMachine):
    clock: ClassVar[simulation.Clock]
    fate: ClassVar[simulation.Fate]
    people: ClassVar[list[User]]
    homes: ClassVar[list[Workspace]]
    vault: ClassVar[Path]
    acts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.clock.now = simulation.BEGINNING
        _clear(self.vault, self.people)
        self.home = Household(self.clock, self.people, self.vault)
        self.arriving: list[tuple[Upload, Photo]] = []
        self.workers: list[Worker] = []

    def attempt(self, kill: int | None, step: Callable[[], T], *photos: Photo) -> T | Killed:
        """`photos`: those that it is about."""
        answer = self.fate.decide(kill, step)
        self.acts["killed"] += isinstance(answer, Killed)
        if isinstance(answer, Killed):
            self.home.learn(*photos)
        return answer

    # Uploads.

    @initialize(places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3), on=ON)
    def move_in(self, places: list[tuple[int, int]], on: tuple[bool, bool]) -> None:
        for person in (ADA, BEN):
            if on[person]:
                self.turn(person, on=True, kill=None)
        for place in places:
            self.upload(place, AS_USUAL, late=False, kill=None)

    @rule(place=st.sampled_from(PLACES), life=LIVES, late=st.booleans(), kill=KILL)
    def upload(self, place: tuple[int, int], life: Shorter, late: bool, kill: int | None) -> None:
        before = len(self.arriving)
        self.begin(place, life, late, None)
        if len(self.arriving) > before:
            self.finish_upload(before, kill)

    @rule(place=st.sampled_from(PLACES), life=LIVES, late=st.booleans(), kill=KILL)
    def begin(self, place: tuple[int, int], life: Shorter, late: bool, kill: int | None) -> None:
        user, space = self.people[place[0]], self.homes[place[1]]
        began = self.clock.now - timedelta(minutes=2 * late)
        gates.start_watching(self.clock.now)  # That the sweeper is silent has a test of its own.
        sender = cast.sender_of(user, workspace=space, began_at=began, shorter=life)
        try:
            upload = Upload(sender, "photo.png")
        except Paused:
            assert self.home.overdue(site.BUDGET.alarm)
            return
        assert not self.home.forgotten(site.BUDGET.alarm)
        upload.add(PHOTO)
        died = isinstance(self.attempt(kill, upload._begin), Killed)
        if upload._image and Image.objects.filter(pk=upload._image.pk).exists():
            photo = self.home.adopt(upload._image, place, may_be_kept=not life)
            if not died:
                self.arriving.append((upload, photo))

    @precondition(lambda self: self.arriving)
    @rule(which=ANY, kill=KILL)
    def finish_upload(self, which: int, kill: int | None) -> None:
        upload, photo = self.arriving.pop(which % len(self.arriving))
        try:
            answer = self.attempt(kill, upload.finish, photo)
        except Interrupted:
            assert not Image.objects.filter(pk=photo.pk, life="live").exists()
            upload.abandon()
            return
        if isinstance(answer, Killed):
            _let_go(upload)
        else:
            photo.whole = True

    @precondition(lambda self: self.arriving)
    @rule(which=ANY, silently=st.booleans(), kill=KILL)
    def break_off(self, which: int, silently: bool, kill: int | None) -> None:
        upload, photo = self.arriving.pop(which % len(self.arriving))
        _let_go(upload)
        if not silently:
            self.attempt(kill, upload.abandon, photo)

    # Workers, on time, late and lost.

    @rule(kill=KILL)
    def claim(self, kill: int | None) -> None:
        answer = self.attempt(kill, lambda: claim_next(self.clock.now))
        if isinstance(answer, Claim):
            photo = self.home.photos[answer.image.pk]
            assert self.home.readable(photo)
            self.workers.append(Worker(answer, answer.image.open_key(), photo))

    @precondition(lambda self: self.workers)
    @rule(which=ANY, kill=KILL)
    def write(self, which: int, kill: int | None) -> None:
        worker = self.workers[which % len(self.workers)]
        self._work(worker, worker.write, kill)

    @precondition(lambda self: self.workers)
    @rule(which=ANY, end=st.sampled_from(["finish", "fail", "give_back", "vanish"]), kill=KILL)
    def end(self, which: int, end: str, kill: int | None) -> None:
        worker = self.workers.pop(which % len(self.workers))
        if end != "vanish":
            self._work(worker, getattr(worker, end), kill)

    def _work(self, worker: "Worker", step: Callable[[], None], kill: int | None) -> None:
        def run() -> bool:
            try:
                step()
            except ClaimLost:
                self.acts["claims lost"] += 1
                results.discard(worker.claim)
                return False
            return True

        answer = self.attempt(kill, run)
        worker.photo.strays |= isinstance(answer, Killed)
        if answer is not True and worker in self.workers:
            self.workers.remove(worker)

    @rule(kill=KILL)
    def reap(self, kill: int | None) -> None:
        running = list(Job.objects.filter(state="running").values_list("image_id", flat=True))
        if isinstance(self.attempt(kill, lambda: reap.reap(self.clock.now)), Killed):
            for pk in running:
                self.home.photos[pk].strays = True

    @precondition(lambda self: self.workers)
    @rule(kill=KILL)
    def overtake(self, kill: int | None) -> None:
        """A worker is silent for too long: another has its job, and it goes on all the same."""
        self.wait(WAITS[1])
        self.reap(kill)
        self.claim(None)

    # What people decide.

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, minutes=st.sampled_from([1, 7, 90]), kill=KILL)
    def shorten(self, which: int, minutes: int, kill: int | None) -> None:
        photo = self._pick(which)
        image = Image.objects.filter(pk=photo.pk).first()
        if image is None or image.life == "erasing":
            return
        choice, by = Shorter(timedelta(minutes=minutes)), cast.at_page(self.people[ADA])
        assert choice.life
        until = self.clock.now + choice.life
        try:
            answer = self.attempt(kill, lambda: shorten_from_now(image, choice, by), photo)
        except BadEraseAfter:
            assert until >= photo.purge_at
            return
        if not isinstance(answer, Killed):
            photo.purge_at = until
            self.home.free(photo)

    @rule(person=st.sampled_from([ADA, BEN]), on=st.booleans(), kill=KILL)
    def turn(self, person: int, on: bool, kill: int | None) -> None:
        user = self.people[person]
        if not on and not isinstance(self.attempt(kill, lambda: cast.opt_out(user)), Killed):
            self.home.turn(person, None)
        if on:
            entry = self.attempt(kill, lambda: cast.opt_in(user))
            if not isinstance(entry, Killed):
                self.home.turn(person, OptIn(entry.number, entry.at))

    @precondition(lambda self: self.home.photos)
    @rule(chosen=st.sets(ANY, min_size=1, max_size=3), kill=KILL)
    def erase(self, chosen: set[int], kill: int | None) -> None:
        found = {one.pk: one for one in map(self._pick, sorted(chosen))}
        images = list(Image.objects.filter(pk__in=found).exclude(life="erasing"))
        asked = [found[image.pk] for image in images]
        by = cast.at_page(self.people[ADA])
        if not isinstance(self.attempt(kill, lambda: erase_images(images, by), *asked), Killed):
            self._told_erased(asked)

    @rule(person=st.sampled_from([ADA, BEN]), kill=KILL)
    def erase_everything(self, person: int, kill: int | None) -> None:
        user = self.people[person]
        there = Image.objects.exclude(life="erasing").values_list("pk", flat=True)
        asked = [self.home.photos[pk] for pk in there if person in self.home.photos[pk].people]
        by = cast.at_page(user)
        if not isinstance(self.attempt(kill, lambda: erase_all(user, by), *asked), Killed):
            self._told_erased(asked)

    def _told_erased(self, asked: list[Photo]) -> None:
        objects = self.home.objects()
        for photo in asked:
            photo.erased = True
            assert photo.prefix not in objects

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, person=st.sampled_from([ADA, BEN]))
    def read(self, which: int, person: int) -> None:
        photo = self._pick(which)
        theirs = {ADA: {ADA}, BEN: {ADA, BEN}}[person]  # Whose workspaces they see.
        try:
            image = find_image(self.people[person], photo.pk)
        except Image.DoesNotExist:
            assert not (self.home.readable(photo) and photo.people[1] in theirs)
            return
        assert self.home.readable(photo)
        content = storage.read_blob(image.open_key(), image.prefix, 0, "original")
        assert b"".join(content) == PHOTO

    # Time, and what runs by itself.

    @rule(length=st.sampled_from(WAITS))
    def wait(self, length: timedelta) -> None:
        self.clock.add(length)
        storage.destroy_expired_epochs(self.clock.now)  # The second hand, in whatever lives.
        limit = self.clock.now - timedelta(seconds=site.JOB_SECONDS)
        self.workers = [one for one in self.workers if one.began_at > limit]

    @rule(twice=st.booleans(), kill=KILL)
    def sweep(self, twice: bool, kill: int | None) -> None:
        died = isinstance(self.attempt(kill, self._round), Killed)
        if twice:
            self._round()
        if twice or not died:
            self.home.compare_swept()

    def _round(self) -> None:
        """What the sweeper's loops do, one after the other."""
        sweep(self.clock.now)
        destroy_left_over_grants()

    @rule(kill=KILL)
    def patrol(self, kill: int | None) -> None:
        self.home.objects()  # They are as old as the clock says.
        facts = self.attempt(kill, lambda: patrol(self.clock.now))
        if not isinstance(facts, Killed):
            found = {name: facts[name] for name in NEVER_FOUND if facts[name]}
            assert not found

    @rule()
    def restart(self) -> None:
        for upload, _ in self.arriving:
            _let_go(upload)
        self.arriving, self.workers = [], []
        _forget()

    @invariant()
    def nothing_is_broken(self) -> None:
        self.acts["steps"] += 1
        self.home.compare()

    def teardown(self) -> None:
        self.restart()
        if sys.exc_info()[0] is None:
            self._two_days_later()
            self.acts["sequences"] += 1
            self.acts["photos"] += len(self.home.photos)

    def _two_days_later(self) -> None:
        self.clock.add(timedelta(days=2))
        storage.destroy_expired_epochs(self.clock.now)
        self._round()
        self.home.compare()  # What was kept is there.
        self.home.compare_swept()
        self.acts["kept for days"] += sum(map(self.home.readable, self.home.photos.values()))
        for person, user in enumerate(self.people):
            cast.opt_out(user)
            self.home.turn(person, None)
        for _ in range(2):
            self._round()
            self.clock.add(erase.longest_job())
        self.home.compare()
        assert not Image.objects.exists()
        assert not Blob.objects.exists()
        assert not Job.objects.exists()
        assert not self.home.objects()
        assert not storage.epochs_alive()
        assert not storage.grants_alive()

    def _pick(self, which: int) -> Photo:
        there = list(self.home.photos.values())
        return there[-1 - which % len(there)]


class Worker:
    """Whoever has claimed a job, and goes on with it whatever becomes of the claim."""

    def __init__(self, claim: Claim, key: bytes, photo: Photo) -> None:
        self.claim, self.photo, self._key = claim, photo, key
        assert claim.job.started_at
        self.began_at = claim.job.started_at
        self._left = list(results.RESULT_KINDS[:2])

    def write(self) -> None:
        if len(self._left) == 2:
            results.reserve(self.claim, self._left)
        if self._left:
            results.store(self.claim, self._key, self._left.pop(), b"result")

    def finish(self) -> None:
        results.finish(self.claim, 8, 8)

    def fail(self) -> None:
        results.fail(self.claim, "engine_failed")

    def give_back(self) -> None:
        results.give_back(self.claim)


def _let_go(upload: Upload) -> None:
    if upload._writer is not None:
        upload._writer.abandon()


def _forget() -> None:
    """What a process knows goes with it."""
    marks.forget()
    sweeper._versioning = (None, 0.0, "unknown")
    audit._LATELY = audit._Lately(audit.REMEMBERED)


def _clear(vault: Path, people: list[User]) -> None:
    """Also what a sequence has left that failed."""
    for table in (Blob, Job, Image):
        table.objects.all().delete()
    for folder in (vault, site.KEYS_DIR):
        shutil.rmtree(folder, ignore_errors=True)
    for user in people:
        cast.opt_out(user)
    VaultMark.objects.all().delete()
    _forget()


@pytest.fixture
def world(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: User, outsider: User
) -> Iterator[None]:
    """Both people, a clock, a folder; nothing here waits for a disk, or for a broker."""
    Machine.vault, settings.KEYS_DIR = tmp_path / "vault", tmp_path / "keys"
    vault = backends.storage_from(f"file://{tmp_path}/vault")
    settings.STORAGES = settings.STORAGES | {"vault": vault}
    Membership.objects.create(workspace=home_of(owner), user=outsider)
    Machine.people = [owner, outsider]
    Machine.homes = [home_of(owner), home_of(outsider)]
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(tasks, "ring", lambda: None)
    logging.disable()
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")
    Machine.clock = simulation.take_over(monkeypatch)
    with simulation.fate(monkeypatch) as Machine.fate:
        yield
    logging.disable(logging.NOTSET)


@pytest.mark.django_db(transaction=True)
def test_no_sequence_breaks_a_promise(world: None) -> None:
    number = random.SystemRandom().randrange(2**32) if PROVING else 0
    print(f"seed {number}" if PROVING else "the same sequences every time")
    chosen = settings(
        max_examples=SEQUENCES,
        stateful_step_count=STEPS,
        derandomize=not PROVING,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    began, receipts_before = time.process_time(), Receipt.objects.count()
    run_state_machine_as_test(seed(number)(Machine) if PROVING else Machine, settings=chosen)  # type: ignore[no-untyped-call]
    written = Receipt.objects.count() - receipts_before
    acts = ", ".join(f"{number} {what}" for what, number in sorted(Machine.acts.items()))
    print(f"{acts}; {written} receipts; {time.process_time() - began:.0f} s")
    assert Machine.acts["sequences"] >= SEQUENCES
    assert not receipts.verify_all().broken
    assert not verify_ledger()
