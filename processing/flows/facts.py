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
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import consent
from processing.models import Receipt
from processing.retention import deadlines
from processing.retention.signing import signer

NOT_STATED = _("Not stated by the operator.")
# Of a receipt: what proves it, as against what it says.
PROOF = {"number", "key", "previous_hash", "hash", "signature"}
SHARE_COOKIE = "share"
COOKIE_USES = {
    "session": _("keeps you signed in"),
    "csrf": _("tells this site's forms from forged ones"),
    "share": _("remembers that you entered the password of a link, on its page alone"),
    "language": _("remembers the language that you chose at the end of a page"),
    "messages": _("carries a sentence to the next page, and goes with it"),
}

_FIELDS = {
    "image_id": _("image id"),
    "workspace": _("workspace"),
    "received_at": _("received at"),
    "due_at": _("due at"),
    "kept_until": _("kept until"),
    "unreadable_at": _("unreadable at"),
    "erased_at": _("erased at"),
    "size": _("size"),
    "copies": _("copies"),
    "objects_deleted": _("objects deleted"),
    "reason": _("reason"),
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
        (gettext("How long a photo stays"), _deadlines()),
        (gettext("Who sees to it"), _watching()),
        (gettext("What is kept"), [*_training(), *_records()]),
        (gettext("Who runs this site, and where"), _operator()),
    ]


def facts_in_force() -> list[Fact]:
    return [fact for _, facts in groups() for fact in facts]


def in_words(length: timedelta) -> str:
    """A whole number of the largest unit that fits: "24 hours", "90 minutes", "1 minute"."""
    seconds = int(length.total_seconds())
    if seconds % 3600 == 0:
        return in_unit(seconds // 3600, "hours")
    if seconds % 60 == 0:
        return in_unit(seconds // 60, "minutes")
    return in_unit(seconds, "seconds")


def in_unit(number: int, unit: str) -> str:
    """Long for sentences, short ("h") where several stand beside each other."""
    words = {
        "days": ngettext("%(number)s day", "%(number)s days", number),
        "hours": ngettext("%(number)s hour", "%(number)s hours", number),
        "minutes": ngettext("%(number)s minute", "%(number)s minutes", number),
        "seconds": ngettext("%(number)s second", "%(number)s seconds", number),
        "h": gettext("%(number)s h"),
        "min": gettext("%(number)s min"),
        "s": gettext("%(number)s s"),
    }
    return words[unit] % {"number": number}


def spell(length: timedelta) -> str:
    """ "23 h 5 min", "57 s": what is zero is left out."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(in_unit(*part) for part in parts if part[0]) or in_unit(0, "s")


def summary() -> tuple[str, str, str]:
    """The shortest version: three sentences."""
    due, whole = deadlines.live_time(settings.RETENTION), in_words(settings.RETENTION)
    erased = gettext(
        "Nobody can open a photo, or anything made from it, %(due)s after its first byte"
        " arrived, and within %(whole)s nothing is left of it; you can make that shorter, or erase"
        " it at any moment."
    ) % {"due": spell(due), "whole": whole}
    kept = gettext(
        "No photo is kept for longer, or used for training, unless you turn on AI Training Data at"
        " the top of your account page; turning it off works at once."
    )
    left = gettext(
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
    by = gettext("by %(time)s after its first byte arrived")
    return [
        _time(
            "retention",
            gettext("Nothing is left of a photo"),
            retention,
            gettext("%(time)s after its first byte arrived"),
        ),
        _time(
            "unreadable_after",
            gettext("Nobody can open it"),
            due,
            gettext("from %(time)s after its first byte arrived on"),
        ),
        _time("gone_after", gettext("Its bytes are deleted"), gone, by),
        _time("keys_dead_after", gettext("Its key is gone, also from backups"), dead, by),
        _time(
            "shortest_life",
            gettext("The shortest life you can choose"),
            deadlines.SHORTEST,
            "%(time)s",
        ),
    ]


def _watching() -> list[Fact]:
    budget, every = settings.BUDGET, gettext("every %(time)s")
    return [
        _time("sweep_every", gettext("What is due is erased"), settings.SWEEP_EVERY, every),
        _time(
            "patrol_every",
            gettext("Storage and records are compared"),
            budget.patrol_every,
            every,
        ),
        _time(
            "alarm_after",
            gettext("An alarm is raised, and no new photo taken"),
            budget.alarm,
            gettext("when something is still stored %(time)s after its time"),
        ),
        Fact(
            "encryption",
            gettext("Encryption"),
            gettext("AES-256-GCM while it arrives, a key for each photo"),
            "AES-256-GCM",
        ),
    ]


def _training() -> list[Fact]:
    wording, others = consent.current(), consent.in_force()
    value = {
        "default": False,
        "wording_version": wording.version,
        "wording_sha256": wording.hash,
        "wordings": {code: {"version": o.version, "sha256": o.hash} for code, o in others.items()},
    }
    words = gettext("Off, until you turn it on. Wording %(version)s, SHA-256 %(hash)s") % {
        "version": wording.version,
        "hash": wording.hash,
    }
    return [Fact("training", gettext("Training opt-in"), words, value)]


def _records() -> list[Fact]:
    kept = kept_after_erasure()
    key = signer()
    signed_by = gettext("key %(id)s") % {"id": key.id}
    audit_days, log_days = settings.AUDIT_DAYS, settings.LOG_DAYS
    return [
        Fact("kept_after_erasure", gettext("What is kept of an erased photo"), _listed(kept), kept),
        Fact("receipt_key", gettext("Receipts are signed with (Ed25519)"), signed_by,
             {"id": key.id, "public_key": key.public_key}),
        Fact("audit_days", gettext("Your activity log is kept"),
             in_unit(audit_days, "days"), audit_days),
        Fact("log_days", gettext("The server log, without names, is kept"),
             in_unit(log_days, "days"), log_days),
        Fact("cookies", gettext("Cookies"), ", ".join(one["name"] for one in cookies()), cookies()),
    ]  # fmt: skip


def _operator() -> list[Fact]:
    return [
        Fact("storage", gettext("Photos are stored"), _storage_words(), _storage()),
        _stated("regions", gettext("Regions"), settings.REGIONS),
        _stated("subprocessors", gettext("Sub-processors"), settings.SUBPROCESSORS),
        _stated("operator", gettext("Operator"), settings.OPERATOR),
        _stated("contact", gettext("Contact"), settings.CONTACT),
    ]


def kept_after_erasure() -> list[str]:
    """The names of everything that a receipt says."""
    fields = [field.name for field in Receipt._meta.concrete_fields]  # noqa: SLF001
    return [name for name in fields if name not in PROOF]


def _storage() -> str:
    return "disk" if urlsplit(settings.STORAGE_URL).scheme == "file" else "s3"


def _storage_words() -> str:
    if _storage() == "disk":
        return gettext("On this site's own disk")
    return gettext("In an S3-compatible bucket")


def _time(key: str, title: str, length: timedelta, words: str) -> Fact:
    seconds = int(length.total_seconds())
    return Fact(f"{key}_seconds", title, words % {"time": spell(length)}, seconds)


def _stated(key: str, title: str, value: str | list[str]) -> Fact:
    words = value if isinstance(value, str) else ", ".join(value)
    return Fact(key, title, words or str(NOT_STATED), value)


def _cookie(name: str, use: str, seconds: int | None) -> dict[str, Any]:
    return {"name": name, "use": str(COOKIE_USES[use]), "seconds": seconds}


def _listed(words: list[str]) -> str:
    return ", ".join(name_field(word) for word in words)


def name_field(name: str) -> str:
    """A field of a receipt, as people read it; its JSON has the name itself."""
    return str(_FIELDS.get(name, name.replace("_", " ")))
