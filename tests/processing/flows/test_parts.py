"""An upload in parts: promised first, sealed part by part, each after the one before it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Action, AuditEntry, User
from processing.access import home_of
from processing.errors import (
    Interrupted,
    PartTooLarge,
    PartTooSmall,
    Paused,
    StorageFull,
    WrongOffset,
)
from processing.flows import arriving, parts, submit, whole
from processing.models import PART, Arrival, Blob, Image, Job, JobState, Life, database_now
from processing.retention import gates
from processing.storage import BlobWriter
from tests import cast
from tests.processing.flows.in_parts import (
    LARGE,
    MIB,
    Begin,
    add,
    add_all,
    add_rest,
    again,
    begin,
    finish,
    original,
    pieces,
)
from tests.processing.threads import apart

__all__ = ["begin"]


def test_the_parts_become_one_original_and_nothing_of_them_is_left(
    owner: User, begin: Begin
) -> None:
    before = database_now()
    image = add_all(begin(model=""))
    assert (arriving.received(image), len(cast.stored_objects())) == (len(LARGE), 3)
    assert not Job.objects.exists()
    live = finish(image)
    row = Image.objects.get()
    assert (row.life, row.size, row.kind, row.width, row.height) == (
        Life.LIVE,
        len(LARGE),
        "png",
        64,
        48,
    )
    assert (row.open_name(), row.workspace, row.uploaded_by) == (
        "island.png",
        home_of(owner),
        owner,
    )
    assert before <= row.received_at <= database_now()
    assert row.purge_at == row.received_at + timedelta(hours=23)
    assert original(live) == LARGE
    assert [(blob.kind, blob.size) for blob in Blob.objects.all()] == [("original", len(LARGE))]
    assert len(cast.stored_objects()) == 1
    assert not Arrival.objects.exists()
    assert Job.objects.get().state == JobState.QUEUED
    assert AuditEntry.objects.filter(action=Action.IMAGE_UPLOADED, image_id=live.pk).count() == 1


def test_its_deadline_counts_from_its_beginning_and_no_part_moves_it(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = begin()
    promised, real = image.purge_at, database_now
    monkeypatch.setattr(gates, "check_open", lambda now: None)  # It would miss the sweeper.
    for start in range(0, len(LARGE), MIB):
        now = real() + timedelta(minutes=20 * (1 + start // MIB))
        for module in (arriving, parts, submit):
            monkeypatch.setattr(module, "database_now", lambda now=now: now)
        add(image, start, start + MIB)
    live = finish(image)
    live.refresh_from_db()
    assert live.purge_at == promised == live.received_at + timedelta(hours=23)


@pytest.mark.django_db(transaction=True)
def test_row_deadline_and_key_are_committed_before_a_part_is_stored(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, writer, seen = begin(), BlobWriter, []

    def look(generation: int, kind: str) -> tuple[Any, ...]:
        row = Image.objects.get()
        blob = Blob.objects.get(kind=kind, generation=generation)
        return row.purge_at, row.open_key(), blob.stored

    def spy(key: bytes, prefix: str, generation: int, kind: str) -> Any:
        seen.append((*apart(lambda: look(generation, kind)), kind))
        return writer(key, prefix, generation, kind)

    for module in (parts, whole):
        monkeypatch.setattr(module, "BlobWriter", spy)
    finish(add_all(image))
    assert seen == [
        *[(image.purge_at, image.open_key(), False, PART)] * 3,
        (image.purge_at, image.open_key(), False, "original"),
    ]


def test_a_part_has_to_follow_what_is_there(begin: Begin) -> None:
    image = begin()
    for start in (1, MIB, len(LARGE)):
        with pytest.raises(WrongOffset):
            add(image, start, start + MIB)
    add(image, 0, MIB)
    for start in (0, MIB - 1, MIB + 1, 10**15):
        with pytest.raises(WrongOffset):
            parts.add(image, start, MIB, pieces(LARGE[:MIB]))
    assert arriving.received(image) == MIB
    assert len(cast.stored_objects()) == 1


def test_a_part_is_neither_too_small_nor_too_large(begin: Begin) -> None:
    image = begin(20_000_000)
    for length in (0, 1, parts.LEAST_BYTES - 1):
        with pytest.raises(PartTooSmall):
            add(image, 0, length)
    with pytest.raises(PartTooLarge):
        parts.add(image, 0, parts.MOST_BYTES + 1, pieces(LARGE))
    small = begin(parts.LEAST_BYTES + 5)
    with pytest.raises(PartTooLarge):
        parts.add(small, 0, parts.LEAST_BYTES + 6, pieces(LARGE))
    assert add(small, 0, parts.LEAST_BYTES) == parts.LEAST_BYTES
    assert add(small, parts.LEAST_BYTES, parts.LEAST_BYTES + 5) == parts.LEAST_BYTES + 5  # The end.
    assert original(finish(small)) == LARGE[: parts.LEAST_BYTES + 5]


@pytest.mark.parametrize(
    ("came", "kept"), [(0, 0), (parts.LEAST_BYTES - 1, 0), (300_000, 300_000), (MIB - 1, MIB - 1)]
)
def test_of_a_part_that_breaks_off_what_came_stays(begin: Begin, came: int, kept: int) -> None:
    image = begin()
    with pytest.raises(Interrupted):
        parts.add(image, 0, MIB, pieces(LARGE[:came]))
    image = again(image)
    assert arriving.received(image) == kept
    assert len(cast.stored_objects()) == Blob.objects.count() == (1 if kept else 0)
    add(image, kept, kept + MIB)
    add(image, kept + MIB, len(LARGE))
    assert original(finish(image)) == LARGE


def test_of_two_at_the_same_part_the_later_one_counts(begin: Begin) -> None:
    image = begin()

    def first() -> Iterator[bytes]:
        yield LARGE[: parts.LEAST_BYTES]
        add(again(image), 0, MIB)  # Its sender gave up on it, and has sent it again.
        yield LARGE[parts.LEAST_BYTES : MIB]

    with pytest.raises(WrongOffset):
        parts.add(image, 0, MIB, first())
    assert arriving.received(image) == MIB
    assert len(cast.stored_objects()) == Blob.objects.count() == 1


def test_one_that_was_given_up_does_not_count_although_it_ends_first(begin: Begin) -> None:
    image = begin()

    def later() -> Iterator[bytes]:
        yield LARGE[: parts.LEAST_BYTES]
        with pytest.raises(Interrupted):
            parts.add(again(image), 0, MIB, first())
        yield LARGE[parts.LEAST_BYTES : MIB]

    def first() -> Iterator[bytes]:
        yield LARGE[:300_000]

    # The inner one began later: it counts, although it broke off.
    with pytest.raises(WrongOffset):
        parts.add(image, 0, MIB, later())
    assert arriving.received(image) == 300_000


def test_a_paused_site_and_a_full_disk_take_no_part(
    begin: Begin, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = begin()
    with monkeypatch.context() as patch:
        patch.setattr(gates, "closing_alarms", lambda now: [gates.Alarm("overdue", "", 1)])
        gates.start_watching(database_now())
        for act in (begin, lambda: add(image, 0, MIB)):
            with pytest.raises(Paused):
                act()
    gates.start_watching(database_now())
    settings.MIN_FREE_BYTES = 10**18
    for act in (begin, lambda: add(image, 0, MIB)):
        with pytest.raises(StorageFull):
            act()
    settings.MIN_FREE_BYTES = 0
    assert add(image, 0, MIB) == MIB


def test_a_disk_that_fills_up_loses_nothing_that_is_there(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = begin()
    add(image, 0, MIB)
    real = BlobWriter.write

    def fill_up(writer: BlobWriter, content: bytes) -> None:
        real(writer, content[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(BlobWriter, "write", fill_up)
        with pytest.raises(StorageFull):
            add(image, MIB, 2 * MIB)
    assert len(cast.stored_objects()) == Blob.objects.count() == 1
    add_rest(image)
    with monkeypatch.context() as patch:
        patch.setattr(BlobWriter, "write", fill_up)
        with pytest.raises(StorageFull):
            finish(again(image))
    assert len(cast.stored_objects()) == Blob.objects.count() == 2
    assert original(finish(again(image))) == LARGE
