"""An upload in parts: promised first, sealed part by part, whole at the end, nothing left."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import Settings

from accounts.models import Action, AuditEntry, User
from processing import tasks
from processing.access import find_upload, home_of
from processing.engine import EmptyFile, NotAnImage, TooLarge, TooManyPixels
from processing.errors import (
    Incomplete,
    Interrupted,
    PartTooLarge,
    PartTooSmall,
    Paused,
    StorageFull,
    TooManyUploads,
    WrongOffset,
)
from processing.flows import arriving, parts, submit, whole
from processing.flows.shorten import Shorter
from processing.flows.submit import Upload
from processing.models import (
    PART,
    Arrival,
    Blob,
    Image,
    Job,
    JobState,
    Life,
    Reason,
    Receipt,
    database_now,
)
from processing.retention import erase, gates
from processing.retention import parts as retained
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, read_blob
from tests import cast, photos
from tests.processing.threads import apart, at_once

LARGE = photos.pad(photos.draw(), 2_500_000)
MIB = 1_048_576
Begin = Callable[..., Image]


@pytest.fixture
def begin(owner: User) -> Begin:
    def begin(size: int = len(LARGE), key: str = "", **more: Any) -> Image:
        image = parts.begin(cast.sender_of(owner, key, **more), "island.png", size)
        return find_upload(owner, image.pk)

    return begin


def pieces(content: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def add(image: Image, start: int, end: int, content: bytes = LARGE) -> int:
    part = content[start:end]
    return parts.add(image, start, len(part), pieces(part))


def add_all(image: Image, content: bytes = LARGE, size: int = MIB) -> Image:
    for start in range(0, len(content), size):
        add(image, start, start + size, content)
    return image


def finish(image: Image) -> Image:
    return whole.finish(image, cast.at_page(image.uploaded_by))


def again(image: Image) -> Image:
    """As the next request finds it."""
    return find_upload(image.uploaded_by, image.pk)


def original(image: Image) -> bytes:
    blob = Blob.objects.get(image=image, kind="original", stored=True)
    return b"".join(read_blob(image.open_key(), image.prefix, blob.generation, "original"))


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


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_rung_for_the_model_that_was_asked_for(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "ring", lambda model: rung.append((model, apart(Job.objects.count))))
    finish(add_all(begin(model="another")))
    assert rung == [("another", 1)]
    assert Job.objects.get().model_asked == "another"


@pytest.mark.parametrize(
    ("content", "error"),
    [(photos.NOISE, NotAnImage), (photos.png_header(20_000, 20_000), TooManyPixels)],
    ids=["noise", "too many pixels"],
)
def test_what_its_first_bytes_disqualify_leaves_no_row_and_no_byte(
    begin: Begin, content: bytes, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BlobWriter", None)  # Nothing is even opened.
    image = begin()
    with pytest.raises(error):
        add(image, 0, MIB, photos.pad(content, len(LARGE)))
    assert cast.nothing_is_left()
    assert not Arrival.objects.exists()
    assert Receipt.objects.get().reason == Reason.BROKEN_OFF


@pytest.mark.parametrize(
    ("size", "error"), [(0, EmptyFile), (30_000_001, TooLarge)], ids=["empty", "too large"]
)
def test_a_size_that_cannot_be_taken_makes_no_row(
    begin: Begin, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        begin(size)
    assert not Image.objects.exists()


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


def test_an_upload_that_is_not_whole_is_not_finished(begin: Begin) -> None:
    image = begin()
    with pytest.raises(Incomplete):
        finish(image)
    add(image, 0, MIB)
    with pytest.raises(Incomplete):
        finish(again(image))
    assert Blob.objects.filter(kind="original").count() == 0
    assert arriving.received(again(image)) == MIB


def test_finishing_twice_is_finishing_once(begin: Begin) -> None:
    image = add_all(begin())
    first, second = again(image), again(image)
    assert finish(first) == finish(second) == finish(again(image))
    assert second.life == Life.LIVE
    assert Job.objects.count() == 1
    assert Blob.objects.count() == len(cast.stored_objects()) == 1
    with pytest.raises(WrongOffset):
        add(again(image), 0, MIB)


def test_of_two_that_finish_at_once_the_first_whole_counts(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, real = add_all(begin()), vars(whole)["read_blob"]

    def interrupted(*place: Any) -> Iterator[bytes]:
        chunks = real(*place)
        yield next(chunks)
        monkeypatch.setattr(whole, "read_blob", real)
        finish(again(image))
        yield from chunks

    monkeypatch.setattr(whole, "read_blob", interrupted)
    slow = finish(again(image))
    assert slow.life == Life.LIVE
    assert original(slow) == LARGE
    assert Job.objects.count() == Blob.objects.count() == len(cast.stored_objects()) == 1


@pytest.mark.django_db(transaction=True)
def test_finishing_at_the_same_moment_makes_one_image(begin: Begin) -> None:
    image = add_all(begin())
    together, answers = threading.Barrier(3), []

    def one() -> None:
        found = again(image)
        together.wait()
        answers.append(finish(found).life)

    threads = [threading.Thread(target=apart, args=[one]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Life.LIVE] * 3
    retained.clear_left_over()
    assert Job.objects.count() == Blob.objects.count() == len(cast.stored_objects()) == 1
    assert original(again(image)) == LARGE


def test_the_same_key_finds_the_upload_again(begin: Begin) -> None:
    image = begin(key="a key")
    add(image, 0, MIB)
    found = begin(key="a key")
    assert (found, arriving.received(found)) == (image, MIB)
    finish(add_rest(found))
    assert begin(key="a key") == image
    assert Image.objects.count() == 1


def add_rest(image: Image) -> Image:
    add(image, MIB, len(LARGE))
    return image


def test_the_same_key_with_another_file_begins_anew(begin: Begin) -> None:
    first = begin(key="a key")
    add(first, 0, MIB)
    second = begin(len(LARGE) + 1, key="a key")
    assert second != first
    assert Image.objects.get(pk=first.pk).life == Life.ERASING
    assert not cast.stored_objects()


def test_a_whole_upload_under_the_same_key_takes_its_place(owner: User, begin: Begin) -> None:
    image = begin(key="a key")
    add(image, 0, MIB)
    assert submit.find_earlier(cast.sender_of(owner, "a key"), 0) is None
    upload = Upload(cast.sender_of(owner, "a key"), "island.png")
    upload.add(LARGE)
    live = upload.finish()
    with pytest.raises(Image.DoesNotExist):
        add(image, MIB, 2 * MIB)
    assert Image.objects.get(life=Life.LIVE) == live
    assert [live.prefix in name for name in cast.stored_objects()] == [True]


def test_a_shorter_life_holds_also_when_it_was_asked_for_with_the_second_request(
    begin: Begin,
) -> None:
    begin(key="a key")
    image = begin(key="a key", shorter=Shorter(timedelta(minutes=10)))
    assert image.purge_at - image.received_at < timedelta(minutes=10)
    assert begin(key="a key") == image


def test_only_so_many_arrive_at_once(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ARRIVING", 2)
    first = begin(key="first")
    begin()
    with pytest.raises(TooManyUploads):
        begin()
    assert begin(key="first") == first
    finish(add_all(first))
    begin()


@pytest.mark.django_db(transaction=True)
def test_of_those_that_begin_at_one_moment_so_many_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, most, give_key = cast.make_user("olivia@example.org"), 2, Image.give_key
    monkeypatch.setattr(parts, "MOST_ARRIVING", most)
    all_here = threading.Barrier(5, timeout=120)

    def give_key_together(image: Image, name: str) -> None:
        give_key(image, name)
        all_here.wait()  # Nothing of any of them is recorded yet.

    monkeypatch.setattr(Image, "give_key", give_key_together)

    def begin() -> bool:
        try:
            parts.begin(cast.sender_of(owner), "island.png", MIB)
        except TooManyUploads:
            return False
        return True

    assert sum(at_once(*[begin] * all_here.parties)) == most
    assert Image.objects.count() == Arrival.objects.count() == most


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


def test_what_was_erased_meanwhile_is_not_there_and_does_not_come_back(begin: Begin) -> None:
    image = begin()
    add(image, 0, MIB)

    def erased_under_it() -> Iterator[bytes]:
        yield LARGE[MIB : 2 * MIB - 100]
        erase.begin(Image.objects.get(), database_now(), Reason.ASKED_FOR)
        yield LARGE[2 * MIB - 100 : 2 * MIB]

    with pytest.raises(Image.DoesNotExist):
        parts.add(image, MIB, MIB, erased_under_it())
    assert not cast.stored_objects()
    with pytest.raises(Image.DoesNotExist):
        add(image, MIB, 2 * MIB)
    with pytest.raises(Image.DoesNotExist):
        again(image)
    with pytest.raises(Image.DoesNotExist):
        finish(image)
    sweep(database_now() + erase.longest_job())
    assert cast.nothing_is_left()
    assert not Arrival.objects.exists()


def test_what_is_erased_while_it_is_made_whole_does_not_come_back(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, real = add_all(begin()), vars(whole)["read_blob"]

    def erased(*place: Any) -> Iterator[bytes]:
        chunks = real(*place)
        yield next(chunks)
        erase.begin(Image.objects.get(), database_now(), Reason.ASKED_FOR)
        yield from chunks

    monkeypatch.setattr(whole, "read_blob", erased)
    with pytest.raises(Image.DoesNotExist):
        finish(image)
    assert not cast.stored_objects()
    assert not Job.objects.exists()


def test_past_its_deadline_nothing_is_taken_and_all_of_it_goes(owner: User, begin: Begin) -> None:
    image = add_all(begin(len(LARGE) + MIB))
    cast.age(image, timedelta(hours=23))
    image = Image.objects.select_related("arrival").get()
    with pytest.raises(Image.DoesNotExist):
        again(image)
    with pytest.raises(Image.DoesNotExist):
        add(image, len(LARGE), len(LARGE) + MIB, LARGE * 2)
    sweep(database_now())
    assert not cast.stored_objects()
    sweep(database_now() + erase.longest_job())
    assert cast.nothing_is_left()
    assert Receipt.objects.get().copies == {"part": 3}


def test_cancelled_it_is_gone_at_once(owner: User, begin: Begin) -> None:
    image = begin()
    add(image, 0, MIB)
    parts.cancel(image, cast.at_page(owner))
    assert cast.nothing_is_left()
    live = finish(add_all(begin()))
    parts.cancel(live, cast.at_page(owner))
    assert not cast.stored_objects()


def test_cancelled_while_a_part_arrives_it_is_gone_after_one_more_look(
    owner: User, begin: Begin
) -> None:
    image = begin()

    def cancelled() -> Iterator[bytes]:
        yield LARGE[: parts.LEAST_BYTES]
        parts.cancel(again(image), cast.at_page(owner))
        assert Image.objects.get().life == Life.ERASING
        yield LARGE[parts.LEAST_BYTES : MIB]

    with pytest.raises(Image.DoesNotExist):
        parts.add(image, 0, MIB, cancelled())
    assert not cast.stored_objects()
    sweep(database_now() + erase.longest_job())
    assert cast.nothing_is_left()


@pytest.mark.parametrize("idle", [False, True])
def test_the_time_of_a_broken_upload_counts_from_its_latest_part(
    owner: User, begin: Begin, idle: bool
) -> None:
    image = begin()
    cast.age(image, timedelta(hours=2))
    Arrival.objects.update(heard_at=database_now() - timedelta(hours=2))
    if not idle:
        add(again(image), 0, MIB)
    sweep(database_now())
    assert (Image.objects.get().life == Life.ERASING) is idle
    later = database_now() + site.BUDGET.stale_upload
    sweep(later)
    assert not cast.stored_objects()
    sweep(later + erase.longest_job())
    assert cast.nothing_is_left()
    assert Receipt.objects.get().reason == Reason.BROKEN_OFF


def test_what_a_dead_process_left_of_the_parts_is_removed(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = add_all(begin())
    with monkeypatch.context() as patch:
        patch.setattr(retained, "shred_blob", lambda *place: 1 / 0)
        live = finish(image)
    assert len(cast.stored_objects()) == 4
    assert retained.clear_left_over() == 1
    assert len(cast.stored_objects()) == Blob.objects.count() == 1
    assert retained.clear_left_over() == 0
    assert original(live) == LARGE


def test_an_opt_in_of_meanwhile_does_not_cover_it_and_one_that_ended_no_more(
    owner: User, begin: Begin
) -> None:
    before = begin()
    cast.opt_in(owner)
    during = begin()
    assert not finish(add_all(before)).kept
    add(during, 0, MIB)
    assert again(during).kept
    cast.opt_out(owner)
    live = finish(add_rest(again(during)))
    assert not live.kept
    cast.opt_in(owner)
    live.refresh_from_db()
    assert not live.kept


def test_nobody_begins_in_an_account_that_was_closed(owner: User, begin: Begin) -> None:
    User.objects.filter(pk=owner.pk).update(closed_at=database_now())
    with pytest.raises(Interrupted):
        begin()
    assert not Image.objects.exists()
