"""Parts of what is refused, cancelled, broken off, erased or due: gone, and nothing comes back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as site

from accounts.models import User
from processing.engine import NotAnImage, TooManyPixels
from processing.flows import parts
from processing.models import Arrival, Image, Life, Reason, Receipt, database_now
from processing.retention import erase
from processing.retention.sweeper import sweep
from tests import cast, photos
from tests.processing.flows.in_parts import LARGE, MIB, Begin, add, add_all, again, begin, finish

__all__ = ["begin"]


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
