"""Any sequence of what can happen, in search of one that breaks a promise.

The rules are in tests/promises/machine/ (uploads, parts, people, work, derived), and here what runs
by itself. After every step the site is compared with a model of it in plain Python (household.py).
"""

import logging
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from accounts.consent import verify_ledger
from accounts.models import Membership, User
from bgerase_site import backends
from processing import storage, tasks
from processing.access import home_of
from processing.models import (
    Arrival,
    Blob,
    Edit,
    Image,
    Job,
    Receipt,
    Share,
    ShareDownload,
    ShareItem,
    Tag,
)
from processing.retention import erase, receipts
from processing.retention.parts import clear_left_over
from processing.retention.patrol import patrol
from processing.retention.sweeper import sweep
from processing.storage import kept, secret_files
from processing.training.withdrawal import destroy_left_over_grants, destroy_left_over_secrets
from tests import cast
from tests.promises.machine import simulation
from tests.promises.machine.derived import Derived
from tests.promises.machine.house import KILL, WAITS, House
from tests.promises.machine.simulation import Killed
from tests.promises.scale import PROVING, pick

STEPS = pick(20, 30)
MADE = ("versions made", "links made", "downloads", "tags changed", "sent in parts")
NEVER_FOUND = ("unknown_objects", "missing_objects", "without_deadline", "kept_without_consent")


class Machine(Derived):
    @rule(length=st.sampled_from(WAITS))
    def wait(self, length: timedelta) -> None:
        self.pass_time(length)

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
        destroy_left_over_secrets()
        clear_left_over()

    @rule(kill=KILL)
    def patrol(self, kill: int | None) -> None:
        self.home.objects()  # They are as old as the clock says.
        facts = self.attempt(kill, lambda: patrol(self.clock.now))
        if not isinstance(facts, Killed):
            found = {name: facts[name] for name in NEVER_FOUND if facts[name]}
            assert not found

    @rule()
    def restart(self) -> None:
        self.start_again()

    @invariant()
    def nothing_is_broken(self) -> None:
        self.acts["steps"] += 1
        self.home.compare()

    def teardown(self) -> None:
        self.start_again()
        if sys.exc_info()[0] is None:
            self._two_days_later()
            self.acts["sequences"] += 1
            self.acts["photos"] += len(self.home.photos)
            House.clean = True

    def _two_days_later(self) -> None:
        self.clock.add(timedelta(days=2))
        storage.destroy_expired_epochs(self.clock.now)
        self._round()
        self.home.compare()  # What was kept is there.
        self.home.compare_swept()
        self.acts["kept for days"] += sum(map(self.home.readable, self.home.photos.values()))
        for person, opt_in in enumerate(self.home.opt_ins):
            if opt_in:
                cast.opt_out(self.people[person])
                self.home.turn(person, None)
        self._round()
        if Image.objects.exists():  # A worker could have been at it, for all that anybody knows.
            self.clock.add(erase.longest_job())
            self._round()
        self.home.compare()
        for table in (Image, Blob, Job, Arrival, Edit, Share, ShareItem, ShareDownload, Tag):
            assert not table.objects.exists()
        assert not self.home.objects()
        assert not storage.epochs_alive()
        assert not storage.grants_alive()
        assert not secret_files.numbers(kept.TREE_OF_IMAGES)


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
    monkeypatch.setattr(tasks, "ring", lambda model="": None)
    logging.disable()
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")
    Machine.clock, Machine.chance = (
        simulation.take_over(monkeypatch),
        simulation.Chance(monkeypatch),
    )
    with simulation.fate(monkeypatch) as Machine.fate:
        yield
    logging.disable(logging.NOTSET)
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = NORMAL")


@pytest.mark.django_db(transaction=True)
def test_no_sequence_breaks_a_promise(world: None) -> None:
    # Quick, PostgreSQL gets a taste of it: with SQLite it is the same code, and half of the time.
    sequences = pick(200 if connection.vendor == "sqlite" else 60, 2_000)
    number = random.SystemRandom().randrange(2**32) if PROVING else 0
    print(f"seed {number}" if PROVING else "the same sequences every time")
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=STEPS,
        derandomize=not PROVING,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    began, receipts_before = time.process_time(), Receipt.objects.count()
    run_state_machine_as_test(seed(number)(Machine) if PROVING else Machine, settings=chosen)
    written = Receipt.objects.count() - receipts_before
    acts = ", ".join(f"{number} {what}" for what, number in sorted(Machine.acts.items()))
    print(f"{acts}; {written} receipts; {time.process_time() - began:.0f} s")
    assert Machine.acts["sequences"] >= sequences
    if sequences >= 200:  # A taste can miss some of it.
        assert all(Machine.acts[what] for what in MADE)
    assert not receipts.verify_all().broken
    assert not verify_ledger()
