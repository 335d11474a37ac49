"""A shorter life: read, chosen, given; and never a longer one."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from pytest_django import Settings

from accounts.models import AuditEntry, User
from processing.access import home_of
from processing.errors import BadEraseAfter
from processing.flows.shorten import (
    AS_USUAL,
    Shorter,
    choose_life,
    in_short,
    life_in_force,
    offered_lives,
    read_choice,
    shorten,
    shorten_from_now,
)
from processing.models import Image, database_now
from processing.retention import deadlines, erase
from processing.retention.deadlines import live_time
from processing.storage import epochs_alive
from tests.cast import age, at_page, finish, opt_in, submit

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("", AS_USUAL),
        ("60s", Shorter(timedelta(seconds=60))),
        ("90s", Shorter(timedelta(seconds=90))),
        ("10m", Shorter(timedelta(minutes=10))),
        ("1h", Shorter(HOUR)),
        ("24h", Shorter(DAY)),
        ("86400s", Shorter(DAY)),
        ("download", Shorter(after_download=True)),
    ],
)
def test_what_is_asked_for_is_read(text: str, choice: Shorter) -> None:
    assert read_choice(text, DAY) == choice
    assert bool(choice) is bool(text)


@pytest.mark.parametrize(
    "text",
    [
        *("59s", "0s", "0h", "1", "h", "1d", "-1h", "1.5h", "1 h", " 1h", "1h ", "1H", "١h"),
        *("Download", "never", "1h30m", "1234567s", "1h\n"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadEraseAfter) as refused:
        read_choice(text, DAY)
    assert (refused.value.code, refused.value.status) == ("bad_erase_after", 400)


@pytest.mark.parametrize(("text", "most"), [("25h", DAY), ("86401s", DAY), ("61m", HOUR)])
def test_longer_than_the_life_in_force_is_refused_with_that_life(
    text: str, most: timedelta
) -> None:
    with pytest.raises(BadEraseAfter) as refused:
        read_choice(text, most)
    assert in_short(most) in refused.value.sentence


@pytest.mark.parametrize(
    ("length", "text"),
    [(DAY, "24h"), (timedelta(minutes=90), "90m"), (timedelta(seconds=3601), "3601s")],
)
def test_a_length_is_written_as_it_is_read(length: timedelta, text: str) -> None:
    assert in_short(length) == text
    assert read_choice(text, DAY).life == length


def test_the_shortest_of_site_and_workspace_is_in_force(owner: User, settings: Settings) -> None:
    home = home_of(owner)
    assert life_in_force(home) == life_in_force(None) == DAY
    home.retention_seconds = 3600
    assert life_in_force(home) == HOUR
    settings.RETENTION = timedelta(minutes=10)
    assert life_in_force(home) == timedelta(minutes=10)


def test_a_page_offers_only_what_is_shorter(settings: Settings) -> None:
    assert offered_lives() == [43_200, 21_600, 3_600]
    settings.RETENTION = timedelta(hours=6)
    assert offered_lives() == [3_600]
    settings.RETENTION = timedelta(minutes=1)
    assert offered_lives() == []


def test_a_shorter_life_counts_from_the_first_byte(owner: User) -> None:
    image = submit(owner)
    shorten(image, Shorter(HOUR), at_page(owner))
    row = Image.objects.get()
    assert row.purge_at == image.received_at + live_time(HOUR)
    assert row.open_name() == "photo.png"  # Under the key of the earlier epoch.
    assert row.epoch < image.epoch
    assert row.epoch in epochs_alive()


def test_it_is_noted_for_the_owner(owner: User) -> None:
    image = submit(owner)
    shorten(image, Shorter(HOUR), at_page(owner))
    shorten(image, Shorter(after_download=True), at_page(owner))
    entries = AuditEntry.objects.filter(action="image.shortened", image_id=image.pk)
    assert list(entries.order_by("pk").values_list("detail", flat=True)) == ["1h", "download"]


def test_nothing_asked_for_changes_and_notes_nothing(owner: User) -> None:
    image = submit(owner)
    shorten(image, AS_USUAL, at_page(owner))
    assert Image.objects.get().purge_at == image.purge_at
    assert not AuditEntry.objects.filter(action="image.shortened").exists()


def test_a_longer_life_leaves_the_deadline_where_it_is(owner: User) -> None:
    image = submit(owner)
    shorten(image, Shorter(HOUR), at_page(owner))
    until = Image.objects.get().purge_at
    shorten(image, Shorter(timedelta(hours=3)), at_page(owner))
    assert Image.objects.get().purge_at == until


def test_the_database_refuses_a_later_one(owner: User) -> None:
    image = submit(owner)
    with pytest.raises(IntegrityError):
        Image.objects.filter(pk=image.pk).update(purge_at=image.purge_at + timedelta(seconds=1))


@pytest.mark.parametrize("choice", [Shorter(HOUR), Shorter(after_download=True)])
def test_whoever_shortens_it_takes_it_out_of_training(owner: User, choice: Shorter) -> None:
    opt_in(owner)
    image = submit(owner)
    assert image.kept
    shorten(image, choice, at_page(owner))
    row = Image.objects.get()
    assert (row.kept, row.kept_key) == (False, None)
    assert row.withdrawn_at is not None
    assert row.erase_after_download is choice.after_download


def test_what_is_being_erased_stays_as_it_is(owner: User) -> None:
    image = submit(owner)
    erase.condemn(image, database_now(), None)
    shorten(image, Shorter(HOUR), at_page(owner))
    assert Image.objects.get().purge_at == image.purge_at


def test_what_is_gone_is_passed_over(owner: User) -> None:
    image = finish(submit(owner))
    erase.condemn(image, database_now(), None)
    erase.step(image, database_now())
    assert not Image.objects.exists()
    shorten(image, Shorter(HOUR), at_page(owner))


def test_from_now_it_counts_from_now(owner: User) -> None:
    image = submit(owner)
    age(image, timedelta(hours=5))
    image.refresh_from_db()
    before = database_now()
    shorten_from_now(image, Shorter(HOUR), at_page(owner))
    row = Image.objects.get()
    assert before + HOUR <= row.purge_at <= database_now() + HOUR
    assert row.open_name() == "photo.png"


@pytest.mark.parametrize("choice", [Shorter(HOUR), AS_USUAL])
def test_an_end_that_is_nearer_than_that_is_told(owner: User, choice: Shorter) -> None:
    image = submit(owner)
    age(image, timedelta(hours=22, minutes=30))
    image.refresh_from_db()
    with pytest.raises(BadEraseAfter, match="earlier than that already"):
        shorten_from_now(image, choice, at_page(owner))


def test_a_workspace_s_life_holds_for_what_comes_from_then_on(owner: User) -> None:
    before = submit(owner)
    choose_life(home_of(owner), 3600, at_page(owner))
    after = submit(owner)
    assert Image.objects.get(pk=before.pk).purge_at == before.purge_at
    assert after.purge_at == after.received_at + live_time(HOUR)
    choose_life(home_of(owner), None, at_page(owner))
    assert submit(owner).purge_at - database_now() > timedelta(hours=22)


def test_a_workspace_s_life_is_noted_when_it_changes(owner: User) -> None:
    for seconds in (3600, 3600, None, None):
        choose_life(home_of(owner), seconds, at_page(owner))
    entries = AuditEntry.objects.filter(action="workspace.retention_changed").order_by("pk")
    assert list(entries.values_list("detail", flat=True)) == ["1h", "site"]


@pytest.mark.parametrize("seconds", [59, 0, -1, 86_401])
def test_a_workspace_s_life_has_bounds(owner: User, seconds: int) -> None:
    with pytest.raises(BadEraseAfter):
        choose_life(home_of(owner), seconds, at_page(owner))
    assert home_of(owner).retention_seconds is None


@pytest.mark.parametrize("seconds", [3600, 86_399])
def test_what_lives_shorter_by_its_workspace_is_not_kept(owner: User, seconds: int) -> None:
    opt_in(owner)
    choose_life(home_of(owner), seconds, at_page(owner))
    assert not submit(owner).kept
    choose_life(home_of(owner), None, at_page(owner))
    assert submit(owner).kept


def test_the_arithmetic_is_the_site_s(owner: User) -> None:
    """23/24 of the life chosen, as of the site's: what is left is for erasing."""
    image = submit(owner)
    shorten(image, Shorter(timedelta(minutes=24)), at_page(owner))
    row = Image.objects.get()
    assert row.purge_at == deadlines.purge_at(image.received_at, timedelta(minutes=24))
    assert row.purge_at - image.received_at == timedelta(minutes=23)
