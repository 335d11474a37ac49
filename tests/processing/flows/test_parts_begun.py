"""Beginning an upload in parts: once for each request key, so many at a time."""

import threading
from datetime import timedelta

import pytest

from accounts.models import User
from processing.engine import EmptyFile, TooLarge
from processing.errors import Interrupted, TooManyUploads
from processing.flows import arriving, parts, submit
from processing.flows.shorten import Shorter
from processing.flows.submit import Upload
from processing.models import Arrival, Image, Life, database_now
from tests import cast
from tests.processing.flows.in_parts import LARGE, MIB, Begin, add, add_all, add_rest, begin, finish
from tests.processing.threads import at_once

__all__ = ["begin"]


@pytest.mark.parametrize(
    ("size", "error"), [(0, EmptyFile), (30_000_001, TooLarge)], ids=["empty", "too large"]
)
def test_a_size_that_cannot_be_taken_makes_no_row(
    begin: Begin, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        begin(size)
    assert not Image.objects.exists()


def test_the_same_key_finds_the_upload_again(begin: Begin) -> None:
    image = begin(key="a key")
    add(image, 0, MIB)
    found = begin(key="a key")
    assert (found, arriving.received(found)) == (image, MIB)
    finish(add_rest(found))
    assert begin(key="a key") == image
    assert Image.objects.count() == 1


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


def test_nobody_begins_in_an_account_that_was_closed(owner: User, begin: Begin) -> None:
    User.objects.filter(pk=owner.pk).update(closed_at=database_now())
    with pytest.raises(Interrupted):
        begin()
    assert not Image.objects.exists()
