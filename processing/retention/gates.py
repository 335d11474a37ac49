"""Whether the promise can be kept right now. Where it cannot, no new photo is taken: fail closed.

An alarm is a fact that puts the promise at risk. All of them turn `/readyz` red; those that closed
doors help against (the time goes by, and more photos would come to stay) also refuse uploads.

What other loops found is read from their pulses. Of `sweeper`: `vault` ("ours", "other"),
`versioning` ("off", "suspended", "on", "unknown"), `skew` (seconds between its machine's clock and
the database's). Of `patrol`: the numbers of `patrol.patrol`.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from processing import storage
from processing.errors import Paused
from processing.models import Pulse, database_now
from processing.phrases import phrase, phrases
from processing.retention.lateness import overdue

LOOK_EVERY = 2.0  # Seconds that one look serves all uploads of a process.
# Silence counts from here at the earliest: a sweeper that starts with this process needs a moment.
watch_from = storage.steady_now()
_looked: tuple[float, datetime, list["Alarm"]] | None = None


@dataclass(frozen=True)
class Alarm:
    """`code` is for programs, `words` for people, `value` what was measured; see
    docs/operations.md for what to do. `closes`: no uploads while it lasts."""

    code: str
    words: str
    value: float
    closes: bool = False


def start_watching(now: datetime) -> None:
    """Forgets what was seen; the sweeper is missed from now on."""
    global watch_from, _looked
    watch_from, _looked = now, None


def check_open(now: datetime) -> None:
    """Raises Paused while an alarm closes the door; asks the database every two seconds at most."""
    global _looked  # noqa: PLW0603  One look for all threads of a process.
    looked = _looked
    if looked is None or _is_old(looked, now):
        looked = _looked = (time.monotonic(), now, closing_alarms(now))
    if looked[2]:
        raise Paused


def _is_old(looked: tuple[float, datetime, list[Alarm]], now: datetime) -> bool:
    """Also when `now` has moved by itself: a stepped clock is a reason to look."""
    since, then, _ = looked
    stepped = abs((now - then).total_seconds()) > LOOK_EVERY
    return stepped or time.monotonic() - since > LOOK_EVERY


def alarms(now: datetime) -> list[Alarm]:
    """Everything that puts the promise at risk at `now`, the door's reasons first."""
    found = pulses()
    return [*closing_alarms(now, found), *_further_alarms(now, found)]


def closing_alarms(now: datetime, found: dict[str, Pulse] | None = None) -> list[Alarm]:
    """The alarms that refuse uploads."""
    found = pulses() if found is None else found
    sweeper = found.get("sweeper")
    facts = sweeper.facts if sweeper else {}
    raised = [_overdue(now), _silent(now, sweeper), _clocks(facts)]
    if facts.get("versioning") == "on":
        words = phrase("The bucket keeps old versions of what is deleted. Turn versioning off.")
        raised.append(Alarm("versioning_on", words, 1, closes=True))
    if facts.get("vault") == "other":
        words = phrase("The storage is not the one that this site's images are in.")
        raised.append(Alarm("other_vault", words, 1, closes=True))
    return [alarm for alarm in raised if alarm]


def pulses() -> dict[str, Pulse]:
    return {pulse.name: pulse for pulse in Pulse.objects.all()}


def clock_skew() -> float:
    """Seconds between this machine's clock and the database's, the way there and back left out."""
    before = storage.wall_now()
    there = database_now()
    after = storage.wall_now()
    return max((before - there).total_seconds(), (there - after).total_seconds(), 0.0)


def _overdue(now: datetime) -> Alarm | None:
    number = sum(images.count() for images in overdue(now - settings.BUDGET.alarm))
    if not number:
        return None
    words = phrases(
        "%(number)s image should be erased by now and is not. Nobody can read them.",
        "%(number)s images should be erased by now and are not. Nobody can read them.",
        number,
    )
    return Alarm("overdue", words, number, closes=True)


def _silent(now: datetime, sweeper: Pulse | None) -> Alarm | None:
    heard = max(sweeper.at, watch_from) if sweeper else watch_from
    silence = now - heard
    if silence <= settings.BUDGET.silent:
        return None
    words = phrase(
        "The sweeper was last heard of %(time)s ago. Nothing is erased meanwhile.",
        time=_length(silence),
    )
    return Alarm("sweeper_silent", words, silence.total_seconds(), closes=True)


def _clocks(facts: dict[str, float]) -> Alarm | None:
    skew = max(clock_skew(), abs(float(facts.get("skew") or 0)))
    if skew <= settings.BUDGET.clocks_apart.total_seconds():
        return None
    words = phrase(
        "The clocks of this site's machines are %(seconds)s s apart.", seconds=f"{skew:.0f}"
    )
    return Alarm("clocks_apart", words, skew, closes=True)


def _further_alarms(now: datetime, found: dict[str, Pulse]) -> list[Alarm]:
    sweeper, patrol = found.get("sweeper"), found.get("patrol")
    raised = [_late_keys(now), _patrol_silent(now, patrol)]
    if sweeper and sweeper.facts.get("versioning") == "unknown":
        words = phrase("The bucket does not say whether it keeps old versions of what is deleted.")
        raised.append(Alarm("versioning_unknown", words, 1))
    facts = patrol.facts if patrol else {}
    for code, words in FOUND.items():
        if number := facts.get(code, 0):
            raised.append(Alarm(code, words, number))
    return [alarm for alarm in raised if alarm]


# What a patrol finds, by the name of its number. None of them closes the door: it is about what
# is here already, and what is done about it does not wait for anybody.
FOUND = {
    "unknown_objects": phrase("Something is stored that no image knows of."),
    "overdue_objects": phrase("Something is stored of images that should be erased by now."),
    "day_old_objects": phrase("Something is stored for longer than the promise allows."),
    "missing_objects": phrase("Something that images need is no longer in the storage."),
    "without_deadline": phrase("There are images without a deadline."),
    "kept_without_consent": phrase("Images are kept for training without a consent that holds."),
    "stuck_erasing": phrase("The erasing of images does not come to its end."),
    "orphan_rows": phrase("There are rows of images that no longer exist."),
    "plaintext_files": phrase("There are photos in the data folder that are not sealed."),
    "strange_messages": phrase("The queue holds messages with more than a word in them."),
    "undeclared_folders": phrase("There are folders in the data folder that nothing declares."),
    "patrol_gaps": phrase("The patrol could not look everywhere."),
}


CLOSING = ("overdue", "sweeper_silent", "clocks_apart", "versioning_on", "other_vault")
CODES = (*CLOSING, "keys_late", "patrol_silent", "versioning_unknown", *FOUND)


def _late_keys(now: datetime) -> Alarm | None:
    """An epoch ends up to its own width after the deadlines in it: that is taken off the limit."""
    limit = (now - settings.BUDGET.keys + settings.BUDGET.epoch).timestamp()
    number = sum(end < limit for end in storage.epochs_alive())
    if not number:
        return None
    words = phrase(
        "Keys of %(number)s ended epochs still exist. Images of those times could be opened.",
        number=number,
    )
    return Alarm("keys_late", words, number)


def _patrol_silent(now: datetime, patrol: Pulse | None) -> Alarm | None:
    silence = now - (max(patrol.at, watch_from) if patrol else watch_from)
    if silence <= 3 * settings.BUDGET.patrol_every:
        return None
    words = phrase(
        "The patrol was last heard of %(time)s ago: nobody compares.", time=_length(silence)
    )
    return Alarm("patrol_silent", words, silence.total_seconds())


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    if seconds >= 120:
        return phrase("%(number)s min", number=seconds // 60)
    return phrase("%(number)s s", number=seconds)
