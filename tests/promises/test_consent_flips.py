"""Promise 7 under stress: opt-ins that flip while photos come and training data is taken.

Nothing wrong is ever taken: after somebody has turned the opt-in off, nothing of theirs; and of
what is taken, everything came under the opt-ins that hold at that moment.
"""

import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts import consent
from accounts.models import ConsentEntry, Membership, User, Workspace
from processing import tasks
from processing.flows.submit import Upload
from processing.models import Image, database_now
from processing.retention import gates
from processing.storage import grants_alive, steady_now
from processing.training.eligible import eligible
from tests import photos
from tests.cast import opt_in, opt_out, sender_of
from tests.processing.threads import at_once
from tests.promises.scale import pick

FLIPS = pick(150, 5000)
ENOUGH = pick(5, 200)  # Photos that came to be kept, and looks at one: else there was no race.
PHOTO = photos.draw()


def take() -> list[Image]:
    """What can be taken now, and a second opinion on each of it in the same transaction."""
    with transaction.atomic():
        images = list(eligible(database_now()).select_related("workspace"))
        people = {image.uploaded_by_id for image in images}
        people |= {image.workspace.owner_id for image in images}
        holding = {person: ConsentEntry.objects.filter(user=person).last() for person in people}
    for image in images:
        for person, entry_id in (
            (image.uploaded_by_id, image.consent_id),
            (image.workspace.owner_id, image.owner_consent_id),
        ):
            held = holding[person]
            assert held is not None
            assert held.on, f"{image} was taken after {held}"
            assert held.number == entry_id, f"{image} came under {entry_id}, {held} holds"
            assert held.at <= image.received_at, f"{image} came before {held}"
    return images


def breathe() -> None:
    """SQLite has one writer at a time and no queue for it: the others get their turn in between."""
    time.sleep(random.uniform(0.002, 0.02))


class Race:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()

    def has_been_run(self) -> bool:
        return self.counts["flips"] >= FLIPS and self.had_enough()

    def had_enough(self) -> bool:
        return min(self.counts["kept"], self.counts["taken"]) >= ENOUGH

    def flip(self, user: User) -> None:
        """Only this thread turns this user's opt-in: what it sees has to be so."""
        try:
            for number in range(5 * FLIPS):
                if self.has_been_run():
                    break
                entry = opt_in(user)
                if number % 4:  # Both have to be on for as long as a photo takes to come.
                    usual = pick(0.08, 0.03)
                    time.sleep(random.uniform(0, usual if self.had_enough() else 0.3))
                opt_out(user)
                theirs = [
                    image
                    for image in take()
                    if user.pk in {image.uploaded_by_id, image.workspace.owner_id}
                ]
                assert theirs == [], f"taken after {entry} had ended"
                assert not Image.objects.filter(kept=True, consent=entry).exists()
                self.counts["flips"] += 2
                breathe()
        finally:
            self.over.set()

    def upload(self, user: User) -> None:
        while not self.over.is_set():
            gates.start_watching(steady_now())  # That no sweeper is there is not its subject.
            shared = random.random() < 0.5
            upload = Upload(
                sender_of(user, workspace=self.workspace if shared else None), "photo.png"
            )
            upload.add(PHOTO)
            kept = upload.finish().kept
            self.counts["kept" if kept else "not kept"] += 1
            breathe()

    def take(self) -> None:
        while not self.over.is_set():
            self.counts["taken"] += len(take())
            self.counts["looks"] += 1
            breathe()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_wrong_is_ever_taken(
    owner: User,
    outsider: User,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(tasks, "ring", lambda model="": None)
    settings.KEYS_DIR = tmp_path / "keys"  # Secrets of this test alone: numbers begin anew.
    workspace = Workspace.objects.create(owner=owner)
    for user in (owner, outsider):
        Membership.objects.create(workspace=workspace, user=user)
    race = Race(workspace)
    at_once(
        lambda: race.flip(owner),
        lambda: race.flip(outsider),
        lambda: race.upload(owner),
        lambda: race.upload(outsider),
        race.take,
    )
    print(f"consent flips: {dict(race.counts)}, 0 wrong items")
    assert race.had_enough(), "hardly a photo was kept, or was there to take"
    assert consent.verify_ledger() == 0
    held = {entry.number for entry in consent.grants()}
    assert set(grants_alive()) <= held
    for image in Image.objects.filter(kept=True):
        assert {image.consent_id, image.owner_consent_id} <= held
    for image in Image.objects.filter(kept=False):
        assert image.kept_key is None
