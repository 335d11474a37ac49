"""Parts that become one original: once, however often it is asked for, and nothing is left."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from processing import tasks
from processing.errors import Incomplete, WrongOffset
from processing.flows import arriving, whole
from processing.models import Blob, Image, Job, Life, Reason, database_now
from processing.retention import erase
from processing.retention import parts as retained
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
)
from tests.processing.threads import apart

__all__ = ["begin"]


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_rung_for_the_model_that_was_asked_for(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "ring", lambda model: rung.append((model, apart(Job.objects.count))))
    finish(add_all(begin(model="another")))
    assert rung == [("another", 1)]
    assert Job.objects.get().model_asked == "another"


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
