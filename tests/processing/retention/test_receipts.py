"""A receipt for every image that is erased: written once, with what the image held."""

import base64
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts.chain import canonical, hash_of
from accounts.models import ChainHead, User
from processing.models import Blob, Image, Reason, Receipt, ReceiptKey
from processing.retention import certificates, receipts
from processing.retention.signing import signer
from tests.processing.retention.paper import NOW, consent, described, erasing, write
from tests.promises.scale import pick

pytestmark = pytest.mark.django_db


def test_it_holds_what_the_image_held(owner: User) -> None:
    image = erasing(owner)
    for kind, generation in (("original", 0), ("cutout.png", 1), ("cutout.png", 2)):
        Blob.objects.create(image=image, kind=kind, generation=generation)
    (receipt,) = write(image)
    assert certificates.signed_part(receipt) == {
        "v": 1,
        "type": "receipt",
        "number": 1,
        "previous_hash": "0" * 64,
        "image": str(image.pk),
        "workspace": str(image.workspace_id),
        "received_at": "2026-03-03T09:06:07.891Z",
        "due_at": "2026-03-04T04:06:07.891Z",
        "kept_until": None,
        "unreadable_at": "2026-03-04T04:36:07.891Z",
        "erased_at": "2026-03-04T05:06:07.891Z",
        "size": 123_456,
        "copies": {"cutout.png": 2, "original": 1},
        "objects_deleted": 7,
        "reason": "deadline",
        "key": signer().id,
    }


def test_the_row_says_what_was_signed(owner: User) -> None:
    (written,) = write(erasing(owner))
    read = Receipt.objects.get()
    assert receipts.certificate(read) == receipts.certificate(written)
    assert read.erased_at == NOW.replace(microsecond=891_000)


def test_they_are_chained_and_signed(owner: User) -> None:
    first, second = write(erasing(owner), erasing(owner))
    (third,) = write(erasing(owner))
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert [second.previous_hash, third.previous_hash] == [first.hash, second.hash]
    for receipt in Receipt.objects.all():
        part = certificates.signed_part(receipt)
        assert receipt.hash == hash_of(part)
        assert receipt.signature == signer().sign(canonical(part))
    head = ChainHead.objects.get(name="receipts")
    assert (head.number, head.hash) == (3, third.hash)


def test_the_key_is_published_when_it_is_first_used(owner: User) -> None:
    write(erasing(owner))
    write(erasing(owner), now=NOW + timedelta(hours=1))
    key = ReceiptKey.objects.get()
    assert (key.id, key.first_used_at) == (signer().id, NOW)
    assert base64.b64decode(key.public_key) == base64.b64decode(signer().public_key)


def test_another_key_signs_from_then_on(owner: User, settings: Any) -> None:
    (first,) = write(erasing(owner))
    settings.RECEIPT_KEY = "another secret"
    (second,) = write(erasing(owner))
    assert first.key_id != second.key_id == signer().id
    assert ReceiptKey.objects.count() == 2


def test_never_a_second_one(owner: User) -> None:
    image, other = erasing(owner), erasing(owner)
    (first,) = write(image)
    later = write(image, other, other, now=NOW + timedelta(hours=1))
    assert [receipt.image_id for receipt in later] == [other.pk]
    assert Receipt.objects.get(image_id=image.pk).hash == first.hash
    assert Receipt.objects.count() == 2


def test_one_of_an_upload_that_broke_off(owner: User) -> None:
    (receipt,) = write(erasing(owner, reason=Reason.BROKEN_OFF, size=0, objects_deleted=0))
    assert (receipt.reason, receipt.size, receipt.copies) == ("broken_off", 0, {})


def test_an_opt_in_that_ended_past_the_deadline(owner: User) -> None:
    kept = {"consent": consent(owner, 1), "owner_consent": consent(owner, 2)}
    ended = NOW - timedelta(minutes=40)
    past, before, erased, never = write(
        erasing(owner, withdrawn_at=ended, reason=Reason.CONSENT_WITHDRAWN, **kept),
        erasing(owner, withdrawn_at=NOW - timedelta(hours=2), **kept),
        erasing(owner, reason=Reason.ASKED_FOR, **kept),
        erasing(owner, reason=Reason.DEADLINE),
    )
    assert receipts.certificate(past)["kept_until"] == "2026-03-04T04:26:07.891Z"
    assert before.kept_until is None
    assert erased.kept_until == erased.unreadable_at
    assert never.kept_until is None


def test_only_in_the_transaction_that_removes_the_rows(transactional_db: None) -> None:
    with pytest.raises(AssertionError):
        receipts.write([], NOW)


def test_what_is_rolled_back_leaves_no_gap(owner: User) -> None:
    image = erasing(owner)

    class Refused(Exception):
        pass

    with pytest.raises(Refused), transaction.atomic():
        receipts.write([image], NOW)
        raise Refused
    assert not Receipt.objects.exists()
    assert not ReceiptKey.objects.exists()
    assert write(image)[0].number == 1


def test_ten_thousand_in_three_seconds(owner: User) -> None:
    """Of this process alone: others share the machine. The quick share has room for them."""
    count, most = pick((2000, 1.5), (10_000, 3.0))
    images = Image.objects.bulk_create(Image(**described(owner)) for _ in range(count))
    Blob.objects.bulk_create(
        Blob(image=image, kind=kind, generation=1)
        for image in images
        for kind in ("original", "mask.png")
    )
    began = time.process_time()
    written = write(*images)
    assert time.process_time() - began < most
    assert len(written) == Receipt.objects.count() == count
    assert all(receipt.copies == {"original": 1, "mask.png": 1} for receipt in written)
