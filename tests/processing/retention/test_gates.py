"""What puts the promise at risk, and which of it closes the door for new photos."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from processing import storage
from processing.access import home_of
from processing.errors import Paused
from processing.models import Image, Pulse, database_now
from processing.retention import gates
from processing.retention.gates import Alarm
from tests import cast, photos

pytestmark = pytest.mark.django_db
ALARM = settings.BUDGET.alarm
SECOND = timedelta(seconds=1)


def codes(now: datetime | None = None) -> set[str]:
    return {alarm.code for alarm in gates.alarms(now or database_now())}


def closing(now: datetime | None = None) -> set[str]:
    return {alarm.code for alarm in gates.closing_alarms(now or database_now())}


def is_open(now: datetime | None = None) -> bool:
    """Looked at anew."""
    gates._looked = None
    try:
        gates.check_open(now or database_now())
    except Paused:
        return False
    return True


def pulse(name: str, **facts: Any) -> None:
    Pulse.objects.update_or_create(name=name, defaults={"at": database_now(), "facts": facts})


@pytest.fixture
def row(owner: User) -> Callable[..., Image]:
    """An image whose deadline was so long ago, with the fields given."""

    def make(late: timedelta, **fields: Any) -> Image:
        due = database_now() - late
        image = cast._row(owner, home_of(owner), due)
        image.received_at, image.purge_at = due - timedelta(hours=22), due
        for name, value in fields.items():
            setattr(image, name, value)
        image.epoch = 1
        image.save(force_insert=True)
        return image

    return make


def erasing(since: datetime, **more: Any) -> dict[str, Any]:
    began = {"life": "erasing", "erasing_since": since, "look_again_at": since}
    return {**began, "reason": "deadline", **more}


def test_a_site_that_has_just_started_is_open_and_without_alarms() -> None:
    assert codes() == set()
    assert is_open()


def test_an_image_that_is_left_after_its_time_closes_the_door(row: Callable[..., Image]) -> None:
    image = row(ALARM - SECOND * 5)
    assert closing() == set()
    later = database_now() + SECOND * 6
    assert closing(later) == {"overdue"}
    assert not is_open(later)
    Image.objects.filter(pk=image.pk).delete()
    assert closing(later) == set()


def test_one_that_a_storage_does_not_let_go_of_counts_until_its_bytes_are_gone(
    row: Callable[..., Image],
) -> None:
    image = row(ALARM + SECOND, **erasing(database_now() - ALARM))
    assert closing() == {"overdue"}
    Image.objects.filter(pk=image.pk).update(shredded_at=database_now())
    assert closing() == set()


def test_what_a_consent_keeps_is_not_overdue(owner: User, row: Callable[..., Image]) -> None:
    consent = given_consent(owner)
    image = row(
        timedelta(days=30), kept=True, kept_key=b"k", consent=consent, owner_consent=consent
    )
    assert closing() == set()
    withdrawn = {"kept": False, "kept_key": None}
    Image.objects.filter(pk=image.pk).update(**withdrawn, withdrawn_at=database_now())
    assert closing() == set()
    assert "overdue" in closing(database_now() + ALARM + SECOND)


def test_nor_is_what_it_kept_when_somebody_erases_it_now(
    owner: User, row: Callable[..., Image]
) -> None:
    consent = given_consent(owner)
    both = {"consent": consent, "owner_consent": consent}
    row(timedelta(days=30), **erasing(database_now() - SECOND), **both)
    assert closing() == set()
    assert "overdue" in closing(database_now() + ALARM)


def given_consent(user: User) -> Any:
    from accounts.models import ConsentEntry

    return ConsentEntry.objects.create(
        number=1,
        user=user,
        on=True,
        wording_version="1",
        wording_hash="0" * 64,
        at=database_now() - timedelta(days=31),
        how="page",
        previous_hash="0" * 64,
        hash="1" * 64,
    )


def test_a_silent_sweeper_closes_the_door() -> None:
    silent = settings.BUDGET.silent
    assert is_open(gates.watch_from + silent)
    assert not is_open(gates.watch_from + silent + SECOND)
    Pulse.objects.create(name="sweeper", at=gates.watch_from + silent)
    assert is_open(gates.watch_from + silent + SECOND)
    assert closing(gates.watch_from + 2 * silent + SECOND) == {"sweeper_silent"}


def test_a_pulse_from_before_this_process_does_not_close_it_at_once() -> None:
    Pulse.objects.create(name="sweeper", at=database_now() - timedelta(days=7))
    assert is_open()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"versioning": "on"}, "versioning_on"),
        ({"vault": "other"}, "other_vault"),
        ({"skew": 2.1}, "clocks_apart"),
        ({"skew": -2.1}, "clocks_apart"),
    ],
)
def test_what_the_sweeper_found_closes_the_door(facts: dict[str, Any], code: str) -> None:
    pulse("sweeper", **facts)
    assert closing() == {code}
    assert not is_open()


@pytest.mark.parametrize(
    "facts", [{"versioning": "off"}, {"versioning": "suspended"}, {"vault": "ours"}, {"skew": 2.0}]
)
def test_what_is_as_it_should_be_leaves_it_open(facts: dict[str, Any]) -> None:
    pulse("sweeper", **facts)
    assert codes() == set()


def test_this_machine_s_own_clock_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = database_now()
    monkeypatch.setattr(gates, "database_now", lambda: storage.wall_now() + timedelta(hours=2))
    assert closing(now) == {"clocks_apart"}
    monkeypatch.setattr(gates, "database_now", lambda: storage.wall_now() - timedelta(hours=2))
    assert closing(now) == {"clocks_apart"}


def test_the_way_to_the_database_and_back_is_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "database_now", storage.wall_now)
    assert gates.clock_skew() == 0.0


def test_a_bucket_that_does_not_tell_is_an_alarm_with_the_door_open() -> None:
    pulse("sweeper", versioning="unknown")
    words = "The bucket does not say whether it keeps old versions of what is deleted."
    assert gates.alarms(database_now()) == [Alarm("versioning_unknown", words, 1)]
    assert is_open()


def test_a_key_that_outlives_its_promise_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    """The epoch of an image ends after its deadline, by its width at most."""
    now = database_now().replace(microsecond=0)
    due = int((now - settings.BUDGET.keys).timestamp())
    width = int(settings.BUDGET.epoch.total_seconds())
    monkeypatch.setattr(storage, "epochs_alive", lambda: [due + width], raising=False)
    assert codes(now) == set()
    monkeypatch.setattr(storage, "epochs_alive", lambda: [due + width - 1], raising=False)
    words = "Keys of 1 ended epochs still exist. Images of those times could be opened."
    assert gates.alarms(now) == [Alarm("keys_late", words, 1)]
    assert is_open(now)


@pytest.mark.parametrize("code", gates.FOUND)
def test_what_the_patrol_found_is_an_alarm_with_its_number(code: str) -> None:
    pulse("patrol", **{code: 3})
    alarms = gates.alarms(database_now())
    assert alarms == [Alarm(code, gates.FOUND[code], 3)]
    assert is_open()


def test_a_silent_patrol_is_an_alarm() -> None:
    late = gates.watch_from + 3 * settings.BUDGET.patrol_every
    Pulse.objects.create(name="sweeper", at=late + SECOND)
    assert codes(late) == set()
    assert gates.alarms(late + SECOND) == [
        Alarm("patrol_silent", "The patrol was last heard of 15 min ago: nobody compares.", 901)
    ]
    Pulse.objects.create(name="patrol", at=gates.watch_from + SECOND)
    assert codes(late + SECOND) == set()
    Pulse.objects.update(at=gates.watch_from - SECOND)
    assert "patrol_silent" not in codes(late)


def test_an_alarm_says_in_a_sentence_what_it_is_about(
    row: Callable[..., Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = gates.watch_from + timedelta(seconds=181)
    monkeypatch.setattr(gates, "clock_skew", lambda: 7.6)
    row(ALARM + 5 * SECOND)
    pulse("sweeper", versioning="on", vault="other")
    Pulse.objects.update(at=gates.watch_from)
    said = {alarm.code: (alarm.words, alarm.value) for alarm in gates.closing_alarms(now)}
    assert said == {
        "overdue": ("1 image should be erased by now and is not. Nobody can read them.", 1),
        "sweeper_silent": (
            "The sweeper was last heard of 3 min ago. Nothing is erased meanwhile.",
            181,
        ),
        "clocks_apart": ("The clocks of this site's machines are 8 s apart.", 7.6),
        "versioning_on": (
            "The bucket keeps old versions of what is deleted. Turn versioning off.",
            1,
        ),
        "other_vault": ("The storage is not the one that this site's images are in.", 1),
    }
    row(ALARM + 5 * SECOND)
    words = next(alarm.words for alarm in gates.closing_alarms(now) if alarm.code == "overdue")
    assert words == "2 images should be erased by now and are not. Nobody can read them."


@pytest.mark.parametrize(
    ("seconds", "words"), [(119, "119 s"), (120, "2 min"), (179, "2 min"), (3600, "60 min")]
)
def test_a_silence_is_told_in_seconds_or_minutes(seconds: int, words: str) -> None:
    assert gates._length(timedelta(seconds=seconds)) == words


def test_one_look_serves_two_seconds_of_uploads(django_assert_num_queries: Any) -> None:
    now = database_now()
    gates.check_open(now)
    pulse("sweeper", vault="other")
    with django_assert_num_queries(0):
        gates.check_open(now + SECOND)
        gates.check_open(now + 2 * SECOND)
        gates.check_open(now - 2 * SECOND)
    with pytest.raises(Paused):
        gates.check_open(now + 3 * SECOND)


@pytest.mark.parametrize(("later", "looks"), [(2.0, False), (2.01, True)])
def test_a_look_grows_old_though_the_deadlines_clock_stands_still(
    later: float, looks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = database_now()
    monkeypatch.setattr(gates, "_looked", (1000.0, now, []))
    monkeypatch.setattr(gates, "time", SimpleNamespace(monotonic=lambda: 1000.0 + later))
    pulse("sweeper", vault="other")
    with pytest.raises(Paused) if looks else contextlib.nullcontext():
        gates.check_open(now)


def test_all_alarms_are_told_from_one_reading_of_the_pulses() -> None:
    with CaptureQueriesContext(connection) as captured:
        gates.alarms(database_now())
    assert sum("processing_pulse" in query["sql"] for query in captured.captured_queries) == 1


def test_an_upload_is_refused_with_a_sentence_and_a_time(owner: User) -> None:
    pulse("sweeper", vault="other")
    client = cast.browser(owner)
    answer = cast.send(client, photos.draw())
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert answer.json()["errors"][0]["code"] == "paused"
    assert cast.nothing_is_left()
    page = cast.send(client, photos.draw(), headers={"Accept": "text/html"})
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "takes no new photos right now" in page.content.decode()


def test_a_request_that_was_answered_before_is_answered_again(owner: User) -> None:
    client = cast.browser(owner)
    headers = {**cast.JSON, "Idempotency-Key": "one"}
    first = cast.send(client, photos.draw(), headers=headers).json()
    pulse("sweeper", vault="other")
    gates.start_watching(database_now())
    again = cast.send(client, photos.draw(), headers=headers)
    assert again.status_code == 201
    assert again.json()["images"][0]["id"] == first["images"][0]["id"]


def test_every_alarm_has_its_code_in_the_list(owner: User, row: Callable[..., Image]) -> None:
    """What metrics show is that list: nothing is left out."""
    row(ALARM + SECOND)
    pulse("sweeper", versioning="on", vault="other", skew=3)
    late = gates.watch_from + timedelta(hours=1)
    raised = gates.closing_alarms(late)
    assert {alarm.code for alarm in raised} == set(gates.CLOSING)
    assert all(alarm.closes is True for alarm in raised)
    assert set(gates.CLOSING) < set(gates.CODES)
    assert len(gates.CODES) == len(set(gates.CODES))
