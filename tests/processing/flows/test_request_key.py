"""The sender's key of a request: sent twice it is one image, for as long as the image is there."""

import hashlib
from datetime import datetime, timedelta
from functools import partial

import pytest

from accounts.models import User
from processing.errors import Interrupted, RequestInProgress
from processing.flows.shorten import Shorter, shorten, shorten_from_now
from processing.flows.submit import Sender, Upload, find_earlier
from processing.models import Image, Life, database_now
from processing.retention import erase
from processing.storage import destroy_expired_epochs, epochs_alive, make_image_key
from tests import cast
from tests.processing.flows.test_submit import LARGE, add_all, begin
from tests.processing.threads import at_once

EPOCH = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def test_the_same_request_twice_is_the_same_image(owner: User) -> None:
    first = begin(owner, key="key", index=1)
    add_all(first, LARGE)
    image = first.finish()
    sender = cast.sender_of(owner, "key")
    assert find_earlier(sender, 1) == image
    assert find_earlier(sender, 0) is None
    assert find_earlier(cast.sender_of(owner, "another"), 1) is None
    assert find_earlier(cast.sender_of(owner), 1) is None


def test_one_senders_key_finds_nothing_of_anothers(owner: User, outsider: User) -> None:
    upload = begin(owner, key="key")
    add_all(upload, LARGE)
    upload.finish()
    assert find_earlier(cast.sender_of(outsider, "key"), 0) is None


def test_a_request_key_is_kept_only_hashed(owner: User) -> None:
    upload = begin(owner, key="island.png")
    add_all(upload, LARGE)
    stored = upload.finish().request_key
    assert stored is not None
    assert "island" not in stored
    assert stored != hashlib.sha256(b"island.png").hexdigest()


def test_it_is_found_under_whichever_epoch_its_image_is(owner: User) -> None:
    upload = begin(owner, key="key")
    add_all(upload, LARGE)
    image = upload.finish()
    make_image_key(bytes(16), image.epoch + 900)
    make_image_key(bytes(16), image.epoch - 900)
    assert find_earlier(cast.sender_of(owner, "key"), 0) == image


def test_sent_again_while_it_arrives_the_first_makes_room(owner: User) -> None:
    first = begin(owner, key="key")
    add_all(first, LARGE)
    assert find_earlier(cast.sender_of(owner, "key"), 0) is None
    assert not cast.stored_objects()
    again = begin(owner, key="key")
    add_all(again, LARGE)
    with pytest.raises(Interrupted):
        first.finish()
    first.abandon()
    assert again.finish().life == Life.LIVE
    assert len(cast.stored_objects()) == 1


def begin_earlier(owner: User, by: timedelta) -> Upload:
    return Upload(cast.sender_of(owner, "key", began_at=database_now() - by), "photo.png")


@pytest.mark.parametrize("apart", [timedelta(0), EPOCH], ids=["one epoch", "two epochs"])
def test_a_twin_at_the_very_same_moment_is_told_so(owner: User, apart: timedelta) -> None:
    """Where an epoch has ended between their first bytes the digests of the two are not alike."""
    first, twin = begin_earlier(owner, apart), begin(owner, key="key")
    add_all(first, LARGE)
    with pytest.raises(RequestInProgress):
        add_all(twin, LARGE)
    twin.abandon()
    assert first.finish().life == Life.LIVE
    assert len(cast.stored_objects()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("apart", [timedelta(0), EPOCH], ids=["one epoch", "four epochs"])
def test_of_twins_at_the_same_moment_one_becomes_an_image(owner: User, apart: timedelta) -> None:
    def send(earlier: timedelta) -> bool:
        upload = begin_earlier(owner, earlier)
        try:
            add_all(upload, LARGE)
            upload.finish()
        except RequestInProgress:
            upload.abandon()
            return False
        return True

    twins = [partial(send, number * apart) for number in range(4)]
    assert sorted(at_once(*twins)) == [False, False, False, True]
    assert Image.objects.get().life == Life.LIVE
    assert len(cast.stored_objects()) == 1


def send_one(sender: Sender) -> Image:
    upload = Upload(sender, "photo.png")
    add_all(upload, LARGE)
    return upload.finish()


def test_with_a_shorter_life_that_it_asks_for_its_digest_is_of_that_life_s_epoch(
    owner: User,
) -> None:
    sender = cast.sender_of(owner, "key")
    image = send_one(sender)
    shorten(image, Shorter(HOUR), sender.by, sender.stored_key)
    backup = Image.objects.get()
    assert backup.request_key != image.request_key
    assert find_earlier(sender, 0) == image
    destroy_expired_epochs(backup.purge_at + EPOCH)
    assert image.epoch in epochs_alive(), "that of the life that it came with"
    assert backup.request_key not in sender.stored_keys()


def test_a_shorter_life_that_is_chosen_later_forgets_it(owner: User) -> None:
    """Nobody knows the sender's key by then, and its digest would outlive that life."""
    image, other = (send_one(cast.sender_of(owner, key)) for key in ("key", "another"))
    shorten_from_now(image, Shorter(HOUR), cast.at_page(owner))
    shorten_from_now(other, Shorter(after_download=True), cast.at_page(owner))
    assert Image.objects.get(pk=image.pk).request_key is None
    assert find_earlier(cast.sender_of(owner, "another"), 0) == other, "its life is what it was"


def test_after_its_image_was_erased_or_is_due_a_key_is_free_again(owner: User) -> None:
    sender = cast.sender_of(owner, "key")
    upload = begin(owner, key="key")
    add_all(upload, LARGE)
    due = upload.finish()
    cast.age(due, timedelta(hours=23))
    assert find_earlier(sender, 0) is None  # With the sweeper dead, too.
    assert not cast.stored_objects()
    again = begin(owner, key="key")
    add_all(again, LARGE)
    image = again.finish()
    assert image != due
    cast.browser(owner).delete(f"/images/{image.pk}/")
    assert find_earlier(sender, 0) is None


def test_one_that_went_live_this_moment_is_not_taken_back(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sender has been told that it is there."""
    first = begin(owner, key="key")
    add_all(first, LARGE)
    condemn = erase.condemn

    def late(image: Image, now: datetime, reason: None, **how: bool) -> bool:
        first.finish()
        return condemn(image, now, reason, **how)

    monkeypatch.setattr(erase, "condemn", late)
    found = find_earlier(cast.sender_of(owner, "key"), 0)
    assert found is not None
    assert found.life == Life.LIVE
    assert len(cast.stored_objects()) == 1
