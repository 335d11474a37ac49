"""Promise 10: what is wrong turns health red, whoever caused it and whatever the sweeper believes.

Each wrong is done to a real site, behind the back of its code; then a patrol goes round, and
`/readyz` is asked as monitoring asks it.
"""

import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.models import User
from processing import health, storage
from processing.models import Blob, Image, Job, Pulse, Reason, database_now
from processing.retention import erase, gates, marks, sweeper
from processing.retention.patrol import findings, patrol
from tests import cast, photos
from tests.promises.scale import pick

pytestmark = pytest.mark.django_db
MEMORY = 8_000_000  # Bytes.
SECOND = timedelta(seconds=1)
STRANGER = "ab/ab" + "0" * 30 + "/0/original"


def red() -> set[str]:
    """The codes that monitoring is told."""
    health.forget_storage()
    answer = cast.browser().get("/readyz")
    codes = {alarm["code"] for alarm in answer.json()["alarms"]}
    assert answer.status_code == (503 if codes else 200)
    return codes


def go_round(late: timedelta = timedelta(0)) -> set[str]:
    patrol(database_now() + late)
    return red()


def put(name: str, content: bytes = b"x") -> None:
    storages["vault"].save(name, ContentFile(content))


def sealed_again(owner: User) -> None:
    """A copy of a blob under a prefix that nobody has promised anything for."""
    put(STRANGER)


def lost(owner: User) -> None:
    image = cast.submit(owner)
    storage.shred_prefix(image.prefix)


def stuck(owner: User) -> None:
    erase.condemn(cast.submit(owner), database_now(), Reason.ASKED_FOR)


def revived(owner: User) -> None:
    """A job for an image whose erasing has begun."""
    image = cast.submit(owner)
    erase.condemn(image, database_now(), Reason.ASKED_FOR)
    Job.objects.create(image=image, queued_at=database_now())


def in_the_clear(owner: User) -> None:
    Path(settings.DATA_DIR, "run", "debug.png").write_bytes(photos.draw())


def exported(owner: User) -> None:
    Path(settings.DATA_DIR, "exports").mkdir()


def unconsented(owner: User) -> None:
    cast.opt_in(owner)
    kept = cast.submit(owner)
    cast.opt_out(owner)
    copy = Image(**{one.attname: getattr(kept, one.attname) for one in Image._meta.fields})
    copy.id, copy.prefix = Image().id, Image().prefix
    copy.save(force_insert=True)


HOUR = timedelta(hours=1)
WRONGS: dict[str, tuple[Callable[[User], None], timedelta]] = {
    "unknown_objects": (sealed_again, HOUR),
    "missing_objects": (lost, timedelta(0)),
    "stuck_erasing": (stuck, HOUR),
    "orphan_rows": (revived, timedelta(0)),
    "plaintext_files": (in_the_clear, timedelta(0)),
    "undeclared_folders": (exported, timedelta(0)),
    "kept_without_consent": (unconsented, timedelta(0)),
}


@pytest.fixture(autouse=True)
def own_data_folder(settings: object, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("broker", "run", "tmp"):
        (data / name).mkdir(parents=True)
    settings.DATA_DIR = data  # type: ignore[attr-defined]
    settings.MIN_FREE_BYTES = 0  # type: ignore[attr-defined]


def test_a_site_as_it_should_be_is_green(owner: User) -> None:
    cast.finish(cast.submit(owner))
    sweeper.sweep(database_now())
    assert go_round() == set()


@pytest.mark.parametrize("code", WRONGS)
def test_a_wrong_turns_it_red_and_says_which(owner: User, code: str) -> None:
    do, late = WRONGS[code]
    do(owner)
    assert code in go_round(late)
    assert patrol(database_now() + late)[code] or code == "unknown_objects"


def test_a_sweeper_that_says_all_is_well_is_not_believed(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has written down that the bytes are gone, and they are not."""
    image = cast.submit(owner)
    cast.age(image, settings.RETENTION * 23 / 24 + settings.BUDGET.alarm + SECOND)
    marks.look_anew(database_now())
    Image.objects.filter(pk=image.pk).update(
        life="erasing",
        erasing_since=image.purge_at,
        look_again_at=database_now() + timedelta(days=365),
        reason=Reason.DEADLINE,
        shredded_at=database_now(),
        wrapped_key=None,
        sealed_name=None,
    )
    assert red() == set()
    assert "overdue_objects" in go_round()
    assert [one.name for one in storage.walk_objects()] == []


def test_a_storage_that_only_says_it_deletes_stays_red(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    cast.age(image, settings.RETENTION * 23 / 24 + settings.BUDGET.alarm + SECOND)
    monkeypatch.setattr(storage, "shred_prefix", lambda prefix: 1)
    for _ in range(3):
        assert "overdue_objects" in go_round()


def test_health_is_red_from_the_second_that_the_budget_ends(owner: User) -> None:
    image = cast.submit(owner)
    left = image.purge_at + settings.BUDGET.alarm - database_now()
    cast.age(image, left - 3 * SECOND)
    assert red() == set()
    cast.age(Image.objects.get(pk=image.pk), 4 * SECOND)
    assert red() == {"overdue"}


def test_it_turns_green_again_when_all_is_well(owner: User) -> None:
    cast.age(cast.submit(owner), settings.RETENTION + HOUR)
    assert red() == {"overdue"}
    sweeper.sweep(database_now())
    assert go_round() == set()


def test_a_patrol_that_nobody_hears_of_is_red(owner: User) -> None:
    since = database_now() - 3 * settings.BUDGET.patrol_every - SECOND
    gates.start_watching(since)
    Pulse.objects.create(name="sweeper", at=database_now())
    assert red() == {"patrol_silent"}


def fill(owner: User, images: int, objects: int) -> None:
    """Rows and stored objects, of a byte each."""
    ids = cast.fill(owner, images)
    Blob.objects.all().delete()
    rows = Image.objects.filter(pk__in=ids) if images < 500 else Image.objects.all()
    kinds = [f"part.{number}" for number in range(objects)]
    blobs = []
    for row in rows.iterator():
        for kind in kinds:
            put(f"{row.prefix[:2]}/{row.prefix}/1/{kind}")
            blobs.append(Blob(image=row, kind=kind, generation=1, stored=True))
    Blob.objects.bulk_create(blobs, batch_size=1000)


def memory_of_a_round() -> int:
    """Bytes at once, at most. It slows everything down: a round of its own."""
    tracemalloc.start()
    patrol(database_now())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_a_large_storage_is_walked_in_time_and_in_little_memory(owner: User) -> None:
    images = pick(500, 25_000)
    fill(owner, images, 4)
    begun = time.monotonic()
    facts = patrol(database_now())
    took = time.monotonic() - begun
    for _ in range(3):  # What other threads do beside it can only add to it.
        peak = memory_of_a_round()
        if peak < MEMORY:
            break
    assert facts["objects"] == images * 4
    assert findings(facts) == {}
    print(f"\n{images * 4} objects: {took:.1f} s, at most {peak / 1e6:.1f} MB at once")
    assert peak < MEMORY
    assert took < settings.BUDGET.patrol_every.total_seconds()
