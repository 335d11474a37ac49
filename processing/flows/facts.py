"""What /privacy/ and /privacy.json say: the settings in force, in one list, for both.

Nothing here is written down by hand that the code knows better; tests/promises compares each
number with what really happens.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage

from accounts import consent
from processing.models import Receipt
from processing.retention import deadlines
from processing.retention.signing import signer

NOT_STATED = "Not stated by the operator."
# Of a receipt: what proves it, as against what it says.
PROOF = {"number", "key", "previous_hash", "hash", "signature"}
SHARE_COOKIE = "share"
COOKIE_USES = {
    "session": "keeps you signed in",
    "csrf": "tells this site's forms from forged ones",
    "share": "remembers that you entered the password of a link, on its page alone",
    "language": "remembers the language that you chose at the end of a page",
    "messages": "carries a sentence to the next page, and goes with it",
}


@dataclass(frozen=True)
class Fact:
    """`key` and `value` are for programs, `title` and `words` for people."""

    key: str
    title: str
    words: str
    value: Any


def groups() -> list[tuple[str, list[Fact]]]:
    """All facts in the order of the page, by headings."""
    return [
        ("How long a photo stays", _deadlines()),
        ("Who sees to it", _watching()),
        ("What is kept", [*_training(), *_records()]),
        ("Who runs this site, and where", _operator()),
    ]


def facts_in_force() -> list[Fact]:
    return [fact for _, facts in groups() for fact in facts]


def in_words(length: timedelta) -> str:
    """A whole number of the largest unit that fits: "24 hours", "90 minutes", "1 minute"."""
    seconds = int(length.total_seconds())
    units = ((3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next(pair for pair in units if seconds % pair[0] == 0)
    number = seconds // size
    return f"{number} {unit}{'' if number == 1 else 's'}"


def spell(length: timedelta) -> str:
    """ "23 h 5 min", "57 s": what is zero is left out."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def summary() -> tuple[str, str, str]:
    """The shortest version: three sentences."""
    due, whole = deadlines.live_time(settings.RETENTION), in_words(settings.RETENTION)
    erased = (
        f"Nobody can open a photo, or anything made from it, {spell(due)} after its first byte"
        f" arrived, and within {whole} nothing is left of it; you can make that shorter, or erase"
        " it at any moment."
    )
    kept = (
        "No photo is kept for longer, or used for training, unless you turn on AI Training Data at"
        " the top of your account page; turning it off works at once."
    )
    left = (
        "What stays of an erased photo is a signed receipt without its name or content, by which"
        " you can check that it was erased."
    )
    return erased, kept, left


def cookies() -> list[dict[str, Any]]:
    """Every cookie that the site sets; `seconds` is None for one that goes with the browser."""
    session, csrf = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    longest = deadlines.live_time(settings.RETENTION)  # No link lives longer.
    return [
        _cookie(session, "session", settings.SESSION_COOKIE_AGE),
        _cookie(csrf, "csrf", settings.CSRF_COOKIE_AGE),
        _cookie(SHARE_COOKIE, "share", int(longest.total_seconds())),
        _cookie(settings.LANGUAGE_COOKIE_NAME, "language", settings.LANGUAGE_COOKIE_AGE),
        _cookie(CookieStorage.cookie_name, "messages", None),
    ]


def _deadlines() -> list[Fact]:
    retention, budget = settings.RETENTION, settings.BUDGET
    due = deadlines.live_time(retention)
    # Of a life of minutes the budget's least times reach past the promise, which then counts.
    gone, dead = min(due + budget.swept, retention), min(due + budget.keys, retention)
    after = "after its first byte arrived"
    return [
        _time("retention", "Nothing is left of a photo", retention, f"{{}} {after}"),
        _time("unreadable_after", "Nobody can open it", due, f"from {{}} {after} on"),
        _time("gone_after", "Its bytes are deleted", gone, f"by {{}} {after}"),
        _time("keys_dead_after", "Its key is gone, also from backups", dead, f"by {{}} {after}"),
        _time("shortest_life", "The shortest life you can choose", deadlines.SHORTEST, "{}"),
    ]


def _watching() -> list[Fact]:
    budget = settings.BUDGET
    return [
        _time("sweep_every", "What is due is erased", settings.SWEEP_EVERY, "every {}"),
        _time("patrol_every", "Storage and records are compared", budget.patrol_every, "every {}"),
        _time(
            "alarm_after",
            "An alarm is raised, and no new photo taken",
            budget.alarm,
            "when something is still stored {} after its time",
        ),
        Fact("encryption", "Encryption", "AES-256-GCM while it arrives, a key for each photo",
             "AES-256-GCM"),
    ]  # fmt: skip


def _training() -> list[Fact]:
    wording = consent.CURRENT
    value = {"default": False, "wording_version": wording.version, "wording_sha256": wording.hash}
    words = f"Off, until you turn it on. Wording {wording.version}, SHA-256 {wording.hash}"
    return [Fact("training", "Training opt-in", words, value)]


def _records() -> list[Fact]:
    kept = kept_after_erasure()
    key = signer()
    audit_days, log_days = settings.AUDIT_DAYS, settings.LOG_DAYS
    return [
        Fact("kept_after_erasure", "What is kept of an erased photo", _listed(kept), kept),
        Fact("receipt_key", "Receipts are signed with (Ed25519)", f"key {key.id}",
             {"id": key.id, "public_key": key.public_key}),
        Fact("audit_days", "Your activity log is kept", _days(audit_days), audit_days),
        Fact("log_days", "The server log, without names, is kept", _days(log_days), log_days),
        Fact("cookies", "Cookies", ", ".join(one["name"] for one in cookies()), cookies()),
    ]  # fmt: skip


def _operator() -> list[Fact]:
    return [
        Fact("storage", "Photos are stored", _storage_words(), _storage()),
        _stated("regions", "Regions", settings.REGIONS),
        _stated("subprocessors", "Sub-processors", settings.SUBPROCESSORS),
        _stated("operator", "Operator", settings.OPERATOR),
        _stated("contact", "Contact", settings.CONTACT),
    ]


def kept_after_erasure() -> list[str]:
    """The names of everything that a receipt says."""
    fields = [field.name for field in Receipt._meta.concrete_fields]  # noqa: SLF001
    return [name for name in fields if name not in PROOF]


def _storage() -> str:
    return "disk" if urlsplit(settings.STORAGE_URL).scheme == "file" else "s3"


def _storage_words() -> str:
    return "On this site's own disk" if _storage() == "disk" else "In an S3-compatible bucket"


def _time(key: str, title: str, length: timedelta, words: str) -> Fact:
    seconds = int(length.total_seconds())
    return Fact(f"{key}_seconds", title, words.format(spell(length)), seconds)


def _stated(key: str, title: str, value: str | list[str]) -> Fact:
    words = value if isinstance(value, str) else ", ".join(value)
    return Fact(key, title, words or NOT_STATED, value)


def _cookie(name: str, use: str, seconds: int | None) -> dict[str, Any]:
    return {"name": name, "use": COOKIE_USES[use], "seconds": seconds}


def _days(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _listed(words: list[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)
