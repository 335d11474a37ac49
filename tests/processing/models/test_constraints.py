"""What the database itself refuses, whatever the code above it does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from processing.access import home_of
from processing.models import Blob, Image, Life, Reason
from tests import cast

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
LONGEST = timedelta(hours=23)
TICK = timedelta(microseconds=1)


def make(owner: User, live_for: timedelta = LONGEST, received_at: datetime = NOW) -> Image:
    """An image whose row the database has taken."""
    with transaction.atomic():
        return Image.objects.create(
            workspace=home_of(owner),
            uploaded_by=owner,
            received_at=received_at,
            purge_at=received_at + live_for,
            epoch=0,
            kind="png",
        )


def refused(constraint: str) -> pytest.RaisesExc[IntegrityError]:
    return pytest.RaisesExc(IntegrityError, match=constraint)


@pytest.mark.parametrize("live_for", [TICK, timedelta(seconds=57), LONGEST - TICK, LONGEST])
def test_a_deadline_within_23_hours_is_taken(owner: User, live_for: timedelta) -> None:
    assert make(owner, live_for).purge_at == NOW + live_for


@pytest.mark.parametrize("live_for", [timedelta(0), -TICK, LONGEST + TICK, timedelta(days=30)])
def test_no_other_deadline_is(owner: User, live_for: timedelta) -> None:
    with refused("purge_at_within_23_hours"):
        make(owner, live_for)


class AnyMoment(TestCase):
    """SQLite compares moments as text: fractions of a second, or none, must not confuse it."""

    @settings(max_examples=40, deadline=None)
    @given(
        received_at=st.datetimes(datetime(2026, 1, 1), datetime(2099, 1, 1))  # noqa: DTZ001
        .map(lambda moment: moment.replace(tzinfo=UTC))
        .flatmap(lambda moment: st.sampled_from([moment, moment.replace(microsecond=0)])),
        beyond=st.sampled_from([TICK, timedelta(milliseconds=1), timedelta(seconds=1)]),
    )
    def test_23_hours_are_taken_and_more_are_not(
        self, received_at: datetime, beyond: timedelta
    ) -> None:
        owner = User.objects.filter(email="a@example.org").first() or cast.make_user(
            "a@example.org"
        )
        make(owner, LONGEST, received_at)
        with refused("purge_at_within_23_hours"):
            make(owner, LONGEST + beyond, received_at)


def test_a_deadline_cannot_be_moved_beyond_either(owner: User) -> None:
    image = make(owner)
    with refused("nothing lengthens the life"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(purge_at=image.purge_at + TICK)
    Image.objects.filter(pk=image.pk).update(purge_at=NOW + timedelta(hours=1))


def test_no_row_is_without_a_deadline(owner: User) -> None:
    image = make(owner)
    with refused("purge_at"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(purge_at=None)


ERASING = {
    "life": Life.ERASING,
    "reason": Reason.DEADLINE,
    "erasing_since": NOW,
    "look_again_at": NOW,
}


@pytest.mark.parametrize("field", ["wrapped_key", "sealed_name", "kept_key"])
def test_no_image_is_being_erased_with_its_key_or_name(owner: User, field: str) -> None:
    image = make(owner)
    Image.objects.filter(pk=image.pk).update(**ERASING)
    with refused("no_k"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**{field: b"again"})


@pytest.mark.parametrize("field", ["erasing_since", "look_again_at", "reason"])
def test_what_is_being_erased_has_a_reason_and_is_looked_at_again(owner: User, field: str) -> None:
    image = make(owner)
    with refused("erasing_is_looked_at_again"), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(
            **{**ERASING, field: "" if field == "reason" else None}
        )


def test_nothing_is_kept_without_both_consents_and_a_key_of_its_own(owner: User) -> None:
    for more in ({}, {"kept_key": b"key"}):
        with refused("kept_with_both_consents"), transaction.atomic():
            Image.objects.create(
                workspace=home_of(owner),
                uploaded_by=owner,
                received_at=NOW,
                purge_at=NOW + LONGEST,
                epoch=0,
                kind="png",
                kept=True,
                **more,
            )


def test_one_blob_per_kind_and_attempt(owner: User) -> None:
    image = make(owner)
    Blob.objects.create(image=image, kind="mask.png", generation=1)
    Blob.objects.create(image=image, kind="mask.png", generation=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Blob.objects.create(image=image, kind="mask.png", generation=1)


def test_rows_of_an_image_cannot_be_lost_with_its_owner(owner: User) -> None:
    """Deleting an account must not leave bytes that no row leads to."""
    make(owner)
    with pytest.raises(IntegrityError, match="protected"):
        owner.delete()


def test_an_image_with_blobs_cannot_be_deleted_in_passing(owner: User) -> None:
    image = make(owner)
    Blob.objects.create(image=image, kind="mask.png", generation=1)
    with pytest.raises(IntegrityError, match="protected"):
        image.delete()
