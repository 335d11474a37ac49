"""`eligible` gives what everybody lets us train on at that moment, whatever else a row says."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from accounts import consent
from accounts.models import ConsentEntry, Membership, User, Workspace
from processing.flows.submit import Upload
from processing.models import Image, ImageQuerySet, Life, Reason, database_now
from processing.retention import erase
from processing.training.eligible import eligible
from tests import photos
from tests.cast import age, opt_in, opt_out, sender_of, submit
from tests.processing.threads import at_once

DAY = timedelta(days=1)


def take() -> set[uuid.UUID]:
    with transaction.atomic():
        return set(eligible(database_now()).values_list("pk", flat=True))


def test_what_is_kept_is_eligible_before_and_after_its_deadline(owner: User) -> None:
    opt_in(owner)
    young, old = submit(owner), submit(owner)
    age(old, DAY)
    assert take() == {young.pk, old.pk}


def test_what_is_not_kept_never_is(owner: User) -> None:
    submit(owner)
    assert take() == set()


def test_nothing_is_after_it_was_turned_off(owner: User, outsider: User) -> None:
    opt_in(owner)
    opt_in(outsider)
    submit(owner)
    theirs = submit(outsider)
    opt_out(owner)
    assert take() == {theirs.pk}
    opt_in(owner)
    assert take() == {theirs.pk}


def test_who_opts_in_after_the_locks_were_had_comes_with_the_next_answer(
    owner: User, outsider: User
) -> None:
    """Nobody locked their row, so they could opt out again while it still counts as locked."""
    opt_in(owner)
    image = submit(owner)
    with transaction.atomic():
        answer = eligible(database_now() + DAY)  # Whatever the clocks say of who came first.
        opt_in(outsider)
        later = submit(outsider)
        assert set(answer.values_list("pk", flat=True)) == {image.pk}
    assert take() == {image.pk, later.pk}


def test_nor_does_the_first_opt_in_of_all_count_for_an_answer_before_it(owner: User) -> None:
    with transaction.atomic():
        answer = eligible(database_now() + DAY)
        opt_in(owner)
        submit(owner)
        assert not answer.exists()


@pytest.mark.parametrize("late", ["uploader", "owner"])
def test_of_two_who_have_to_agree_neither_does_so_after_the_locks_were_had(
    owner: User, outsider: User, late: str
) -> None:
    workspace = Workspace.objects.create(owner=owner)
    Membership.objects.create(workspace=workspace, user=outsider)
    opt_in(owner if late == "uploader" else outsider)
    with transaction.atomic():
        answer = eligible(database_now() + DAY)
        opt_in(outsider if late == "uploader" else owner)
        upload = Upload(sender_of(outsider, workspace=workspace), "photo.png")
        upload.add(photos.draw())
        image = upload.finish()
        assert not answer.exists()
    assert take() == {image.pk}


def test_whoever_lets_us_train_is_locked_and_nobody_else(
    owner: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[uuid.UUID] = []
    lock_users = consent.lock_users
    monkeypatch.setattr(consent, "lock_users", lambda ids: locked.extend(lock_users(ids)))
    opt_in(owner)
    opt_in(outsider)
    opt_out(outsider)
    locked.clear()
    take()
    assert locked == [owner.pk]


def test_it_needs_a_transaction(transactional_db: None) -> None:
    with pytest.raises(AssertionError):
        eligible(database_now())


def test_the_ledger_decides_even_when_a_row_still_says_kept(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the rows had not been told of the withdrawal: the answer does not rest on them."""
    opt_in(owner)
    image = submit(owner)
    monkeypatch.setattr(ImageQuerySet, "because_of", lambda found, user: found.none())
    opt_out(owner)
    monkeypatch.undo()
    image.refresh_from_db()
    assert image.kept
    assert take() == set()
    opt_in(owner)
    assert take() == set()


def test_nor_is_a_row_that_is_kept_no_more_whatever_the_ledger_says(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    Image.objects.filter(pk=image.pk).update(kept=False, kept_key=None)
    assert take() == set()


def test_an_opt_in_of_somebody_else_makes_nothing_eligible(owner: User, outsider: User) -> None:
    """Both columns have to name the entry of the person whose image it is."""
    opt_in(owner)
    image = submit(owner)
    strange = opt_in(outsider)
    Image.objects.filter(pk=image.pk).update(consent=strange)
    assert take() == set()
    Image.objects.filter(pk=image.pk).update(
        consent=ConsentEntry.objects.get(user=owner), owner_consent=strange
    )
    assert take() == set()


def test_what_is_arriving_or_being_erased_is_not(owner: User) -> None:
    opt_in(owner)
    arriving, erased = submit(owner), submit(owner)
    Image.objects.filter(pk=arriving.pk).update(life=Life.RECEIVING)
    erase.condemn(erased, database_now(), Reason.ASKED_FOR)
    assert take() == set()


def test_what_came_later_than_now_is_not(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    with transaction.atomic():
        assert not eligible(image.received_at - timedelta(seconds=1)).exists()
        assert eligible(image.received_at).exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_read_later_is_read_anew(owner: User) -> None:
    opt_in(owner)
    submit(owner)
    with transaction.atomic():
        answer = eligible(database_now())
    opt_out(owner)
    assert list(answer) == []


@pytest.mark.django_db(transaction=True)
def test_turning_it_off_waits_for_who_takes(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    order: list[str] = []
    taken, soon = threading.Event(), threading.Event()

    def train() -> None:
        with transaction.atomic():
            assert [one.pk for one in eligible(database_now())] == [image.pk]
            taken.set()
            soon.wait(0.2)
            order.append("trained")

    def withdraw() -> None:
        taken.wait()
        opt_out(owner)
        order.append("off")

    at_once(train, withdraw)
    assert order == ["trained", "off"]
    assert take() == set()
