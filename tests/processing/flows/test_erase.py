"""Erasing because somebody asked: unreadable at once, and a receipt at once where that can be."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from accounts import audit
from accounts.models import Action, AuditEntry, User, Via
from processing.flows import erase as flow
from processing.flows.erase import delete_bytes, erase_all, erase_images
from processing.models import Image, Life, Reason, Receipt, database_now
from processing.retention import backoff, erase
from processing.retention.sweeper import sweep
from processing.storage import stored_names
from tests import cast
from tests.processing.refusals import refusing


def test_what_nobody_can_be_writing_for_is_gone_at_once_with_its_receipt(owner: User) -> None:
    images = [cast.submit(owner), cast.submit(owner)]
    cast.finish(images[0])
    assert erase_images(images, by=cast.at_page(owner)) == images
    assert cast.nothing_is_left()
    receipts = Receipt.objects.order_by("number")
    assert {receipt.image_id for receipt in receipts} == {image.pk for image in images}
    assert {receipt.reason for receipt in receipts} == {Reason.ASKED_FOR}


def test_what_a_worker_has_is_unreadable_at_once_and_ends_later(owner: User) -> None:
    image = cast.submit(owner)
    cast.start(image)
    erase_images([image], by=cast.at_page(owner))
    row = Image.objects.get()
    assert (row.life, row.wrapped_key) == (Life.ERASING, None)
    assert stored_names(image.prefix) == []
    assert not Receipt.objects.exists()
    assert row.look_again_at == row.quiet_at
    assert sweep(database_now() + erase.longest_job()).finished == 1
    assert Receipt.objects.get().reason == Reason.ASKED_FOR


def test_each_is_noted_for_its_owner_with_who_did_it(owner: User, outsider: User) -> None:
    images = [cast.submit(owner) for _ in range(2)]
    erase_images(images, by=cast.at_page(outsider), reason=Reason.DOWNLOADED)
    erase_images(images, by=cast.at_page(outsider))  # Twice asked, once done.
    entries = AuditEntry.objects.filter(action=Action.IMAGE_ERASED)
    assert {entry.image_id for entry in entries} == {image.pk for image in images}
    assert len(entries) == 2
    assert {(one.owner_id, one.actor_id, one.via, one.detail) for one in entries} == {
        (owner.pk, outsider.pk, Via.PAGE, "downloaded")
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_is_erased_that_cannot_be_noted(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)

    def full(*args: object, **kwargs: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "note", full)
    with pytest.raises(DatabaseError):
        erase_images([image], by=cast.at_page(owner))
    assert Image.objects.get().life == Life.LIVE
    assert stored_names(image.prefix)


def test_one_image_whose_bytes_refuse_does_not_keep_the_others(owner: User) -> None:
    images = [cast.submit(owner) for _ in range(3)]
    with refusing(images[1]):
        assert erase_images(images, by=cast.at_page(owner)) == images
    assert [len(stored_names(image.prefix)) for image in images] == [0, 1, 0]
    row = Image.objects.get()
    assert (row, row.life, row.erase_tries) == (images[1], Life.ERASING, 1)
    assert Receipt.objects.count() == 2


def test_of_very_many_the_sweeper_deletes_the_rest(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are unreadable before the answer; nobody waits for ten thousand images' bytes."""
    monkeypatch.setattr(flow, "BATCH", 2)
    images = [cast.submit(owner) for _ in range(5)]
    assert len(erase_all(owner, cast.at_page(owner))) == 5
    assert not Image.objects.exclude(life=Life.ERASING).exists()
    assert Image.objects.count() == 3
    assert sweep(database_now()).finished == 3, "and does not have to wait for it"
    assert Receipt.objects.count() == len(images)


def test_everything_of_a_user_is_in_whatever_state(owner: User, outsider: User) -> None:
    theirs = cast.submit(outsider)
    cast.start(theirs)
    done, failed = cast.finish(cast.submit(owner)), cast.submit(owner)
    cast.fail(failed, "no_subject")
    due = cast.submit(owner)
    cast.age(due, timedelta(hours=23))
    assert {image.pk for image in erase_all(owner, cast.at_page(owner))} == {
        done.pk, due.pk, failed.pk,
    }  # fmt: skip
    assert Image.objects.get() == theirs


def test_the_rest_of_what_another_flow_condemned_can_be_deleted_by_hand(owner: User) -> None:
    image = cast.submit(owner)
    delete_bytes(image)
    assert stored_names(image.prefix), "it lives"
    erase.condemn(image, database_now(), Reason.ACCOUNT_CLOSED)
    delete_bytes(image)
    assert cast.nothing_is_left()
    assert Receipt.objects.get().reason == Reason.ACCOUNT_CLOSED
    delete_bytes(image)


def test_the_sweeper_takes_over_from_whoever_was_stopped(owner: User) -> None:
    image, now = cast.submit(owner), database_now()
    erase.condemn(image, now, Reason.ASKED_FOR)
    assert sweep(now + backoff.lease() - timedelta(seconds=1)).finished == 0
    assert sweep(now + backoff.lease()).finished == 1


def test_a_database_that_fails_after_the_key_is_gone_is_the_sweepers(
    owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    image = cast.submit(owner)

    def full(*args: object) -> None:
        raise DatabaseError("private words")

    with monkeypatch.context() as broken:
        broken.setattr(erase, "_record", full)
        erase_images([image], by=cast.at_page(owner))
    assert Image.objects.get().wrapped_key is None
    assert "private" not in caplog.text
    assert sweep(database_now() + backoff.lease()).finished == 1
