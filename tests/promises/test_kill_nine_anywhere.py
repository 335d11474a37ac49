"""Promise 5, everywhere: `kill -9` at every place where something has been done and something not.

Processes of their own receive, work, erase, sweep, withdraw, shorten and close, and each dies at a
point of the list. Then the site goes on as it does after any crash: no job is lost, nothing is
there twice, nothing is left, and what somebody was told is so.
"""

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as site

from accounts import consent
from accounts.models import Action, AuditEntry, User
from processing.flows.submit import find_earlier
from processing.jobs import results
from processing.jobs.claim import LEASE, MOST_ATTEMPTS
from processing.models import Blob, Image, Job, JobState, Life, Reason, Receipt, database_now
from processing.retention import backoff, erase
from processing.storage import (
    BlobWriter,
    KeyGone,
    destroy_epoch,
    destroy_expired_epochs,
    epochs_alive,
    grants_alive,
)
from tests import cast
from tests.promises import points, residue
from tests.promises.aftermath import (
    SECOND,
    Album,
    everything_ends,
    go_on,
    is_done,
    is_unreadable,
    noted,
    reads,
    sweep_well,
)
from tests.promises.killer import Killer, Point, killer
from tests.promises.scale import pick

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
LARGE = 400_000  # Bytes: it comes in several pieces.


@pytest.fixture
def runs(vault: str) -> range:
    return range(pick(1, 8 if vault == "folder" else 2))


@pytest.fixture(scope="module")
def warm(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killer(tmp_path_factory.mktemp("killer")) as warm:
        yield warm


@pytest.fixture(scope="module")
def killed() -> Iterator[Counter[str]]:
    """How often somebody died where."""
    counted: Counter[str] = Counter()
    yield counted
    print(f"\n{counted.total()} processes killed, at {len(counted)} points")


@pytest.fixture
def die(warm: Killer, killed: Counter[str], request: pytest.FixtureRequest) -> Any:
    """Without the epochs of other tests: their secrets are made anew."""
    for end in epochs_alive():
        destroy_epoch(end)

    def die(point: Point, **facts: object) -> None:
        warm.die(point, **facts)
        killed[f"{request.node.name}: {point.name}"] += 1

    return die


def test_there_are_enough_points() -> None:
    named = [(group.__name__, point.name) for group in points.GROUPS for point in group()]
    assert len(named) == len(set(named)) >= 40


def test_receiving(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """Whoever sent it heard nothing, and sends it again with the same key; or not."""
    for _ in runs:
        album, images = Album(LARGE), []
        sent = {"user": str(owner.pk), "photo": base64.b64encode(album.content).decode()}
        for point in points.receiving():
            key = uuid4().hex
            die(point, **sent, name=album.name(), key=key)
            again = warm.do("receive", **sent, name=album.name(), key=key)
            found = find_earlier(cast.sender_of(owner, key), 0)
            assert str(found and found.pk) == again, point
            images.append(found)
        for point in points.receiving()[1:]:  # The secret is there now.
            die(point, **sent, name=album.name(), key=uuid4().hex)
        live = Image.objects.filter(life=Life.LIVE)
        assert live.count() == Job.objects.count()
        assert all(noted(Action.IMAGE_UPLOADED, image) == 1 for image in live)
        go_on(warm)
        assert all(is_done(image) and reads(image) == album.content for image in live)
        assert {image.pk for image in images if image} <= {image.pk for image in live}
        everything_ends(album)


def test_working(owner: User, warm: Killer, die: Any, runs: range) -> None:
    for _ in runs:
        album, images = Album(), []
        for point in points.working():
            images.append(album.submit(owner))
            die(point)
        go_on(warm)
        assert all(is_done(image) for image in images)
        assert {job.attempts for job in Job.objects.all()} == {1, 2}
        everything_ends(album)


def test_giving_back(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """A worker whose engine broke dies while it takes back what it had stored."""
    for _ in runs:
        album = Album()
        for point in points.giving_back():
            image = album.submit(owner)
            die(point)
            go_on(warm)
            assert is_done(image), point
        everything_ends(album)


def test_taking_back(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """A worker died, and so does the process that takes its job back."""
    for _ in runs:
        album = Album()
        for point in points.taking_back():
            image = album.submit(owner)
            cast.start(image)
            die(point, now=_after_the_lease())
            go_on(warm)
            assert is_done(image), point
        everything_ends(album)


def test_a_photo_that_kills_every_worker_fails(
    owner: User, warm: Killer, die: Any, runs: range
) -> None:
    (last,) = [point for point in points.working() if point.name.startswith("before cutout.png")]
    for _ in runs:
        album = Album()
        image = album.submit(owner)
        for _ in range(MOST_ATTEMPTS):
            die(last)
            warm.do("take_back", now=_after_the_lease())
        go_on(warm)
        job = Job.objects.get()
        assert (job.state, job.error_code) == (JobState.FAILED, "worker_lost")
        assert Blob.objects.get(stored=True).kind == "original"
        assert reads(image) == album.content
        everything_ends(album)


def test_erasing(owner: User, warm: Killer, die: Any, runs: range) -> None:
    for _ in runs:
        album, images = Album(), []
        for point in points.erasing():
            images.append(album.finish(owner))
            asked = {"ids": [str(images[-1].pk)], "user": str(owner.pk)}
            die(point, **asked)
            if Image.objects.filter(pk=images[-1].pk, life=Life.LIVE).exists():
                assert reads(images[-1]) == album.content, f"half gone, {point}"
                assert warm.do("erase", **asked) == asked["ids"]
            assert is_unreadable(images[-1]), point
        sweep_well(database_now() + backoff.lease() + SECOND)
        assert cast.nothing_is_left()
        assert all(noted(Action.IMAGE_ERASED, image) == 1 for image in images)
        assert {receipt.reason for receipt in Receipt.objects.all()} == {Reason.ASKED_FOR}
        everything_ends(album)


def test_sweeping(owner: User, die: Any, runs: range) -> None:
    for _ in runs:
        album, images = Album(), []
        for point in points.sweeping():
            images.append(album.finish(owner))
            die(point, now=images[-1].purge_at.isoformat())
        everything_ends(album)
        assert all(noted(Action.IMAGE_EXPIRED, image) == 1 for image in images)
        assert {receipt.reason for receipt in Receipt.objects.all()} == {Reason.DEADLINE}


def test_ending_an_epoch(owner: User, die: Any, runs: range) -> None:
    """Of images that no sweeper has come to."""
    for _ in runs:
        album = Album()
        for point in points.ending_epochs():
            image = album.submit(owner)
            ended = image.purge_at + site.BUDGET.epoch
            die(point, now=ended.isoformat())
            with pytest.raises(KeyGone):
                image.open_key()
            destroy_expired_epochs(ended)
            assert image.epoch not in epochs_alive()
        everything_ends(album)


def test_finishing_what_a_worker_was_at(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """What a worker has stored late is found by the last look."""
    for _ in runs:
        album, images = Album(), []
        for point in points.finishing():
            image = album.submit(owner)
            key, claim = image.open_key(), cast.start(image)
            warm.do("erase", ids=[str(image.pk)], user=str(owner.pk))
            for kind in results.RESULT_KINDS[1:3]:
                with BlobWriter(key, image.prefix, claim.attempt, kind) as late:
                    late.write(album.content)
            quiet = database_now() + erase.longest_job() + SECOND
            die(point, now=quiet.isoformat())
            images.append(image)
        sweep_well(quiet + backoff.lease() + SECOND)
        assert cast.nothing_is_left()
        assert all(noted(Action.IMAGE_ERASED, image) == 1 for image in images)
        everything_ends(album)


def test_withdrawing(warm: Killer, die: Any, runs: range) -> None:
    for run in runs:
        album, backups = Album(), []
        for number, point in enumerate(points.withdrawing()):
            user = cast.make_user(f"gertrude.{run}.{number}@example.org")
            cast.opt_in(user)
            image = album.finish(user)
            assert image.kept
            cast.age(image, timedelta(hours=24))
            backups.append(Image.objects.get(pk=image.pk))
            die(point, user=str(user.pk))
            if consent.is_on(user):
                assert reads(image) == album.content, point
                warm.do("withdraw", user=str(user.pk))
            assert is_unreadable(image), point
            assert [entry.on for entry in consent.history(user)] == [False, True]
        sweep_well(database_now() + SECOND)
        assert cast.nothing_is_left()
        assert grants_alive() == []
        assert consent.verify_ledger() == 0
        everything_ends(album)
        assert {receipt.reason for receipt in Receipt.objects.all()} == {Reason.CONSENT_WITHDRAWN}
        for backup in backups:
            backup.wrapped_key = None  # Of an epoch that has not ended: it was aged by hand.
            with pytest.raises(KeyGone):
                backup.open_key()


def test_shortening(owner: User, warm: Killer, die: Any, runs: range) -> None:
    for _ in runs:
        album = Album()
        for point in points.shortening():
            image = album.submit(owner)
            asked = {"image": str(image.pk), "life": "1h", "user": str(owner.pk)}
            die(point, **asked)
            assert reads(image) == album.content, point
            warm.do("shorten", **asked)
            image.refresh_from_db()
            assert image.purge_at <= database_now() + timedelta(hours=1)
            assert reads(image) == album.content, point
            assert noted(Action.IMAGE_SHORTENED, image) == 1
        everything_ends(album)


def test_closing(warm: Killer, die: Any, runs: range) -> None:
    for run in runs:
        album, users, addresses = Album(), [], residue.needles_of_name("gertrude@example.org")
        for number, point in enumerate(points.closing()):
            users.append(cast.make_user(f"{run}.{number}.gertrude@example.org"))
            cast.opt_in(users[-1])
            images = [album.submit(users[-1]) for _ in range(2)]
            cast.start(Job.objects.order_by("queued_at").first().image)  # type: ignore[union-attr]
            die(point, user=str(users[-1].pk))
            for image in Image.objects.filter(uploaded_by=users[-1], life=Life.LIVE):
                assert reads(image) == album.content, f"half gone, {point}"
            warm.do("close", user=str(users[-1].pk))
            assert all(is_unreadable(image) for image in images), point
            assert all(noted(Action.IMAGE_ERASED, image) == 1 for image in images)
            assert not consent.is_on(users[-1])
        closed = AuditEntry.objects.filter(action=Action.ACCOUNT_CLOSED, owner__in=users)
        assert closed.count() == len(users)
        everything_ends(album)
        assert grants_alive() == []
        assert residue.find_in_tables(addresses) == []


def _after_the_lease() -> str:
    return (database_now() + LEASE + SECOND).isoformat()
