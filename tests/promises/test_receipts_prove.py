"""What is erased leaves one receipt, and a receipt can be believed.

Images are erased in every way there is; each leaves exactly one receipt, which fits the claim
ticket that was saved before and the photo itself. Then somebody with the database in their hands
changes one thing, again and again: the walk notices, every time, and says where.
"""

import hashlib
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.audit import Actor
from accounts.models import User, Via
from processing.access import home_of
from processing.flows.erase import erase_images
from processing.flows.submit import Sender, Upload
from processing.flows.ticket import issue_ticket
from processing.guards import GUARDS
from processing.models import Image, Life, Reason, Receipt, database_now
from processing.retention import receipts
from processing.retention.certificates import certificate
from processing.retention.erase import longest_job
from processing.retention.proof import check_certificate, check_ticket, match
from processing.retention.signing import signer
from processing.retention.sweeper import sweep
from tests import photos
from tests.cast import finish, submit
from tests.processing.retention.paper import everything_in_the_database
from tests.promises.scale import pick

pytestmark = pytest.mark.django_db
IMAGES = pick(6, 100)
TAMPERS = pick(150, 3000)
KEYS = {signer().id: signer().public_key}


def erase_all(now: datetime) -> None:
    """What is asked for and what has broken off first, at the end what has come to its deadline."""
    for later in (timedelta(hours=1), timedelta(hours=24)):
        sweep(now + later)
        sweep(now + later + longest_job())


def test_every_image_leaves_one_receipt_that_fits_its_ticket_and_its_file(owner: User) -> None:
    by = Actor(owner, Via.PAGE)
    kept: dict[str, tuple[bytes, dict[str, Any]]] = {}
    reasons = [Reason.ASKED_FOR, Reason.DOWNLOADED, Reason.ACCOUNT_CLOSED, None]
    for number in range(IMAGES):
        photo = photos.draw() + number.to_bytes(4, "big")
        image = submit(owner, photo, name=f"proof-of-{number}.png")
        reason = reasons[number % len(reasons)]
        if number % 3 == 0 or reason is None:  # No job is left waiting, or the next would take it.
            finish(image)
        ticket = issue_ticket(_with_owner(image), by, hashlib.sha256(photo).hexdigest())
        kept[str(image.pk)] = (photo, ticket)
        if reason is not None:  # The others live until their deadline.
            erase_images([_with_owner(image)], by=by, reason=reason)
    broken_off = _broken_off(owner)
    erase_all(database_now())
    assert not Image.objects.exists()
    found = {str(one.image_id): certificate(one) for one in Receipt.objects.all()}
    assert set(found) == {*kept, broken_off}
    assert found[broken_off]["reason"] == Reason.BROKEN_OFF
    for image_id, (photo, ticket) in kept.items():
        proof = check_certificate(found[image_id], KEYS) + check_ticket(ticket, KEYS)
        digest = hashlib.sha256(photo).hexdigest()
        assert proof.holds, proof.failure
        assert match(ticket, found[image_id], digest).holds
        wrong = match(ticket, found[image_id], hashlib.sha256(photo + b"!").hexdigest())
        assert not wrong.holds
    others = 0
    for image_id, (_, ticket) in kept.items():
        for other, content in found.items():
            if other != image_id:
                others += 1
                assert not match(ticket, content).holds
    reasons_found = Counter(content["reason"] for content in found.values())
    print(f"{len(found)} images erased, {len(found)} receipts: {dict(reasons_found)}")
    print(f"{len(kept)} tickets fit their own receipt, and none of {others} others")
    assert receipts.verify_all().count == len(found)


def test_no_name_is_left_beside_a_receipt(owner: User) -> None:
    name = "unmistakable-6f1b2c-cup"
    image = submit(owner, name=f"{name}.png")
    issue_ticket(_with_owner(image), Actor(owner, Via.PAGE))
    erase_images([_with_owner(image)], by=Actor(owner, Via.PAGE))
    erase_all(database_now())
    assert Receipt.objects.filter(image_id=image.pk).exists()
    everything = everything_in_the_database()
    assert image.pk.hex in everything.replace("-", "")
    assert name not in everything
    assert hashlib.sha256(photos.draw()).hexdigest() not in everything


def test_whatever_is_changed_in_the_chain_is_noticed(owner: User) -> None:
    images = [_with_owner(submit(owner, photos.draw(), name="a.png")) for _ in range(10)]
    erase_images(images, by=Actor(owner, Via.PAGE))
    erase_all(database_now())
    last = Receipt.objects.count()
    assert receipts.verify_all().count == last == 10
    dice = random.Random(31)
    noticed: Counter[str] = Counter()
    for _ in range(TAMPERS):
        number = dice.randint(1, last)
        act = dice.choice(sorted(ACTS))
        with transaction.atomic():
            _unguard()
            changed = ACTS[act](dice, number, last)
            walked = receipts.verify_all()
            assert walked.broken == changed, (act, number, walked)
            transaction.set_rollback(True)
        noticed[act] += 1
    assert receipts.verify_all().broken == 0  # As it was before.
    print(f"{TAMPERS} changes, all noticed at their number: {dict(sorted(noticed.items()))}")


# --- What somebody with the database could do; each answers with the number that breaks ----------


def _drop(dice: random.Random, number: int, last: int) -> int:
    _run("DELETE FROM processing_receipt WHERE number = %s", number)
    return number


def _cut(dice: random.Random, number: int, last: int) -> int:
    _run("DELETE FROM processing_receipt WHERE number >= %s", number)
    return number


def _set(column: str, value: Any, number: int) -> int:
    _run(f"UPDATE processing_receipt SET {column} = %s WHERE number = %s", value, number)
    return number


def _change_a_time(dice: random.Random, number: int, last: int) -> int:
    column = dice.choice(["received_at", "due_at", "unreadable_at", "erased_at"])
    at = getattr(Receipt.objects.get(number=number), column)
    by = timedelta(microseconds=dice.choice([1, 1000, 10**6, 3600 * 10**6]) * dice.choice([1, -1]))
    return _set(column, at + by, number)


def _change_a_number(dice: random.Random, number: int, last: int) -> int:
    column = dice.choice(["size", "objects_deleted"])
    value = getattr(Receipt.objects.get(number=number), column)
    return _set(column, max(0, value + dice.choice([-1, 1])) or value + 2, number)


def _change_the_reason(dice: random.Random, number: int, last: int) -> int:
    return _set("reason", dice.choice([Reason.DEADLINE, Reason.BROKEN_OFF]), number)


def _flip_a_digit(dice: random.Random, number: int, last: int) -> int:
    column = dice.choice(["hash", "previous_hash", "signature"])
    text = getattr(Receipt.objects.get(number=number), column)
    place = dice.randrange(len(text))
    other = dice.choice([mark for mark in "0123456789abcdef" if mark != text[place]])
    return _set(column, text[:place] + other + text[place + 1 :], number)


def _swap(dice: random.Random, number: int, last: int) -> int:
    other = dice.choice([one for one in range(1, last + 1) if one != number])
    for old, new in ((number, -1), (other, number), (-1, other)):
        _run("UPDATE processing_receipt SET number = %s WHERE number = %s", new, old)
    return min(number, other)


def _move_the_head(dice: random.Random, number: int, last: int) -> int:
    _run("UPDATE accounts_chainhead SET number = %s WHERE name = 'receipts'", number + last)
    return last + 1


ACTS = {
    "one dropped": _drop,
    "the tail cut off": _cut,
    "a time": _change_a_time,
    "a number": _change_a_number,
    "the reason": _change_the_reason,
    "a digit of the proof": _flip_a_digit,
    "two swapped": _swap,
    "the head moved on": _move_the_head,
}


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _unguard() -> None:
    for guard in GUARDS:
        on = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
        _run(f"DROP TRIGGER {guard.name}{on}")


def _with_owner(image: Image) -> Image:
    return Image.objects.select_related("workspace__owner").get(pk=image.pk)


def _broken_off(owner: User) -> str:
    """An upload whose connection was lost, and whose server too."""
    upload = Upload(Sender(owner, home_of(owner), by=Actor(owner, Via.PAGE)), "broken.png")
    upload.add(photos.draw() + bytes(400_000))
    assert upload._writer is not None
    upload._writer.abandon()  # The process dies: the file is closed, nothing else happens.
    return str(Image.objects.get(life=Life.RECEIVING).pk)
