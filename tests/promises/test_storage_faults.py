"""A storage in trouble: what is due is gone in time, or unreadable, alarmed and not forgotten.

Never is something called gone that is there.
"""

import errno
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from django.core.files.storage import Storage, storages
from pytest_django import Settings

from accounts.models import User
from bgerase_site import backends
from processing.retention import marks
from processing.storage import shred_prefix
from tests.promises import outage
from tests.promises.scale import pick
from tests.servers import S3
from tests.servers.faults import FAULTS, Door, faulty

pytestmark = pytest.mark.django_db
IMAGES, MORE = pick(3, 25), pick(1, 5)
RATES = pick((0.1, 1.0), (0.01, 0.1, 0.5, 1.0))
SURE = 3  # Of so many that are to be expected at least one has come.
IN_TIME = 0.1  # Up to this rate the budget's minutes are enough.


def moments(rate: float) -> Any:
    return outage.now_and_then() if rate == 1 else outage.each_minute()


class Bucket:
    """A bucket behind a door, and what is in it as the store itself says."""

    def __init__(self, store: S3, door: Door) -> None:
        self._client, self.door, self._name = store.client, door, f"faults-{os.urandom(4).hex()}"
        self._options = backends.storage_from(door.storage_url(self._name))
        self.storage = self._storage()
        # A store that stalls keeps everybody waiting: here not for 20 s, three times over.
        self.impatient = self._storage(read_timeout=pick(0.1, 0.25))
        once = {"total_max_attempts": 1}
        self.despairing = self._storage(read_timeout=pick(0.1, 0.25), retries=once)

    def _storage(self, **config: Any) -> Storage:
        options = self._options["OPTIONS"]
        changed = options | {"client_config": options["client_config"].merge(Config(**config))}
        return storages.create_storage(self._options | {"OPTIONS": changed})

    def prefixes(self) -> set[str]:
        """Of objects, their versions, and uploads in parts that never ended."""
        found: Any = self._client.list_object_versions(Bucket=self._name)
        uploads: Any = self._client.list_multipart_uploads(Bucket=self._name)
        held = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
        held += uploads.get("Uploads", [])
        return {one["Key"].split("/")[1] for one in held if "/" in one["Key"]}


@pytest.fixture(scope="module")
def any_bucket(s3: S3) -> Iterator[Bucket]:
    with faulty(s3) as door:
        yield Bucket(s3, door)


@pytest.fixture
def bucket(any_bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """The vault of this test. Whoever asks it tries as often as ever, and waits less."""
    delays = "botocore.retries.standard.ExponentialBackoff.delay_amount"
    monkeypatch.setattr(delays, lambda self, context: 0.0)
    monkeypatch.setattr("botocore.retries.quota.RetryQuota.acquire", lambda self, cost: True)
    monkeypatch.setattr(marks, "PATIENCE", 0.02)
    monkeypatch.setattr(marks, "AGAIN", 0.005)
    monkeypatch.setitem(storages._storages, "vault", any_bucket.storage)  # type: ignore[attr-defined]
    any_bucket.door.heal()
    for prefix in any_bucket.prefixes():  # Of a test that has failed.
        shred_prefix(prefix)
    return any_bucket


# What the store's library keeps in memory of a part that it could not send.
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_bucket_in_trouble(
    owner: User, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, fault: str, rate: float
) -> None:
    outage.send(owner, IMAGES)
    if fault == "stall":
        vault = bucket.despairing if rate == 1 else bucket.impatient
        monkeypatch.setitem(storages._storages, "vault", vault)  # type: ignore[attr-defined]
    door = bucket.door
    door.seen.clear()
    door.inject(fault, rate)
    taken = outage.try_to_send(owner, MORE)
    course = outage.live_through(bucket.prefixes, moments(rate))
    hits, chances = door.seen[fault], door.seen["all"]
    print(
        f"S3, {fault} at {rate:.0%}: {hits} of {chances}, {taken} of {MORE} taken;", course.says()
    )
    assert hits or chances * rate < SURE
    assert course.in_time() or rate > IN_TIME
    assert course.alarmed is not None or rate < 1
    door.heal()
    # And the vault has its patience again: a tenth of a second is little on a busy machine.
    monkeypatch.setitem(storages._storages, "vault", bucket.storage)  # type: ignore[attr-defined]
    outage.end_of_it(course, bucket.prefixes)


STEPS = ("unlink", "rmdir", "scandir", "open")
CODES = (errno.EACCES, errno.EIO, errno.ENOSPC)
REFUSALS = pick(
    [*zip(STEPS, (*CODES, errno.EIO), strict=True), ("unlink", errno.ENOSPC)],
    list(itertools.product(STEPS, CODES)),
)


class Disk:
    """A folder on a disk that refuses, at a rate, one of the steps of erasing."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = str(folder), patch
        self._really = {step: getattr(os, step) for step in STEPS}
        self.rate, self.hits, self.asked = 0.0, 0, 0

    def inject(self, step: str, code: int, rate: float) -> None:
        chance = random.Random(1)
        really = self._really[step]

        def refuse(path: Any, *args: Any, **kwargs: Any) -> Any:
            if str(path).startswith(self._folder):
                self.asked += 1
                if chance.random() < self.rate:
                    self.hits += 1
                    raise OSError(code, os.strerror(code), path)
            return really(path, *args, **kwargs)

        self.rate = rate
        self._patch.setattr(os, step, refuse)

    def heal(self) -> None:
        self.rate = 0.0

    def prefixes(self) -> set[str]:
        rate, self.rate = self.rate, 0.0
        files = [path for path in Path(self._folder).rglob("*") if path.is_file()]
        self.rate = rate
        names = [path.relative_to(self._folder).parts for path in files]
        return {parts[1] for parts in names if len(parts) > 1}


@pytest.fixture
def disk(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Disk:
    folder = tmp_path / "failing"
    settings.STORAGES = settings.STORAGES | {"vault": backends.storage_from(f"file://{folder}")}
    return Disk(folder, monkeypatch)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("step", "code"), REFUSALS, ids=lambda one: errno.errorcode.get(one, one))
def test_a_disk_in_trouble(owner: User, disk: Disk, step: str, code: int, rate: float) -> None:
    outage.send(owner, IMAGES + MORE)
    disk.inject(step, code, rate)
    course = outage.live_through(disk.prefixes, outage.each_minute())
    name = errno.errorcode[code]
    print(f"disk, {name} at {rate:.0%} of {step}: {disk.hits} of {disk.asked};", course.says())
    assert disk.hits or disk.asked * rate < SURE
    assert course.in_time() or rate > IN_TIME
    disk.heal()
    outage.end_of_it(course, disk.prefixes)
