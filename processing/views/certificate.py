"""A receipt, or an image that is being erased, in words: one dictionary for pages and for JSON."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from processing.flows.facts import in_unit
from processing.models import Image, Life, Reason, Receipt, version_of
from processing.retention.certificates import certificate, in_text

COPIES = {
    "original": _("Original, as it was sent"),
    "part": _("Part of its upload"),
    "preview.webp": _("Preview"),
    "thumbnail.webp": _("Thumbnail"),
    "cutout.png": _("Cutout, PNG"),
    "cutout.webp": _("Cutout, WebP"),
    "cutout.jpg": _("Cutout, JPEG"),
    "mask.png": _("Mask"),
    "strokes.json": _("Strokes of a brush"),
    "picture": _("Background picture"),
}
RENDERED = re.compile(r"r[0-9a-f]{10}\.(?P<format>[a-z]{3,4})")


@dataclass(frozen=True)
class Station:
    """A moment in an image's life; `after` is the time since its first byte, in words."""

    name: str
    words: str
    note: str
    at: datetime | None
    after: str = ""
    passed: bool = True


def present_receipt(receipt: Receipt) -> dict[str, Any]:
    """For the list: nothing here takes another query."""
    return {
        "id": str(receipt.image_id),
        "number": receipt.number,
        "url": reverse("receipt", args=[receipt.image_id]),
        "reason": str(receipt.get_reason_display()),
        "kept_until": receipt.kept_until,
        "erased_time": receipt.erased_at,
        "lived": _lived(receipt.reason, receipt.received_at, receipt.unreadable_at),
        "size": receipt.size,
        "copies": sum(receipt.copies.values()),
    }


def present_certificate(receipt: Receipt) -> dict[str, Any]:
    """For the printable page."""
    content = certificate(receipt)
    return present_receipt(receipt) | {
        "json_url": reverse("receipt-json", args=[receipt.image_id]),
        "json": as_text(content),
        "received_time": receipt.received_at,
        "unreadable_time": receipt.unreadable_at,
        "stations": _stations_of(receipt),
        "kinds": _kinds_of(receipt.copies),
        "objects_deleted": receipt.objects_deleted,
        "hash": receipt.hash,
        "previous_hash": receipt.previous_hash,
        "signature": receipt.signature,
        "key": receipt.key_id,
    }


def present_leaving(image: Image, now: datetime) -> dict[str, Any]:
    """An image that nobody can read any more and that has no receipt yet; no name."""
    begun = image.life == Life.ERASING
    unreadable = image.erasing_since if begun and image.erasing_since else image.purge_at
    reason = Reason(image.reason) if image.reason else Reason.DEADLINE
    return {
        "id": str(image.pk),
        "url": reverse("receipt", args=[image.pk]),
        "reason": str(reason.label),
        "received_time": image.received_at,
        "unreadable_time": unreadable,
        "deleted_time": image.shredded_at,
        "objects_deleted": image.objects_deleted,
        "check_time": image.quiet_at if image.quiet_at and image.quiet_at > now else None,
        "begun": begun,
        "refused": begun and image.shredded_at is None and image.erase_tries > 1,
        "size": image.size,
        "stations": _stations_of_leaving(image, unreadable),
    }


def certificate_facts(content: dict[str, Any]) -> dict[str, Any]:
    """What a genuine certificate says, whoever brought it."""
    times = {name: _time_of(content[name]) for name in _TIMES}
    return times | {
        "id": content["image"],
        "number": content["number"],
        "kept_until": _time_of(content["kept_until"]) if content["kept_until"] else None,
        "lived": _lived(content["reason"], times["received_at"], times["unreadable_at"]),
        "copies": sum(content["copies"].values()),
        "size": content["size"],
        "reason": str(dict(Reason.choices).get(content["reason"], content["reason"])),
    }


def alive_as_json(image: Image) -> dict[str, Any]:
    return {"image": str(image.pk), "state": "alive", "due_at": in_text(image.purge_at)}


def leaving_as_json(image: Image) -> dict[str, Any]:
    begun = image.life == Life.ERASING
    unreadable = image.erasing_since if begun and image.erasing_since else image.purge_at
    return {
        "image": str(image.pk),
        "state": "erasing",
        "received_at": in_text(image.received_at),
        "due_at": in_text(image.purge_at),
        "unreadable_at": in_text(unreadable),
        "bytes_deleted_at": in_text(image.shredded_at) if image.shredded_at else None,
        "final_check_at": in_text(image.quiet_at) if image.quiet_at else None,
    }


def as_text(content: dict[str, Any]) -> str:
    """As it is saved: for people too. What is signed is the canonical form of the same."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def in_length(length: timedelta) -> str:
    """The two largest units, rounded down: "23 h 5 min", "12 days 3 h", "40 s"."""
    seconds = max(0, int(length.total_seconds()))
    units = ((86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))
    place = next(place for place, (size, _) in enumerate(units) if seconds >= size or size == 1)
    size, unit = units[place]
    number, rest = divmod(seconds, size)
    smaller, small_unit = units[min(place + 1, len(units) - 1)]
    words = in_unit(number, unit)
    return f"{words} {in_unit(rest // smaller, small_unit)}" if rest >= smaller else words


def _lived(reason: str, received: datetime, unreadable: datetime) -> str:
    """How long it could be read; empty for what never arrived whole."""
    return "" if reason == Reason.BROKEN_OFF else in_length(unreadable - received)


def _kinds_of(copies: dict[str, int]) -> list[tuple[str, int]]:
    """In the order in which people know them; what is not known by name stands last."""
    known = [(str(words), copies[kind]) for kind, words in COPIES.items() if kind in copies]
    others = {kind: number for kind, number in copies.items() if kind not in COPIES}
    return known + [(name_copy(kind), number) for kind, number in others.items()]


def name_copy(kind: str) -> str:
    """What was made on demand has a kind that begins with an r and ends with its format."""
    if version := version_of(kind):
        words = name_copy(kind.removeprefix(f"v{version}."))
        return gettext("Version %(number)s: %(file)s") % {"number": version, "file": words}
    if made := RENDERED.fullmatch(kind):
        values = {"format": made["format"].upper(), "kind": kind}
        return gettext("Rendering, %(format)s (%(kind)s)") % values
    return str(COPIES.get(kind, kind))


def _stations_of(receipt: Receipt) -> list[Station]:
    start = receipt.received_at
    due = _due(receipt.due_at, receipt.unreadable_at)
    stations = [
        Station("received", gettext("Received"), gettext("first byte"), start),
        due,
        Station(
            "unreadable", gettext("Unreadable"), gettext("key destroyed"), receipt.unreadable_at
        ),
        Station("erased", gettext("Erased"), gettext("absence checked"), receipt.erased_at),
    ]
    if receipt.kept_until:
        stations.insert(
            2,
            Station("kept", gettext("No longer kept"), gettext("opt-in ended"), receipt.kept_until),
        )
    return _in_order(stations, start)


def _stations_of_leaving(image: Image, unreadable: datetime) -> list[Station]:
    deleted = image.shredded_at
    due = _due(image.purge_at, unreadable)
    known = [
        Station("received", gettext("Received"), gettext("first byte"), image.received_at),
        Station("unreadable", gettext("Unreadable"), gettext("for everybody"), unreadable),
    ]
    return [
        *_in_order([due, *known] if due.passed else known, image.received_at),
        Station(
            "deleted",
            gettext("Bytes deleted"),
            gettext("in the storage"),
            deleted,
            passed=deleted is not None,
        ),
        Station(
            "erased",
            gettext("Final check"),
            gettext("then the receipt"),
            image.quiet_at,
            passed=False,
        ),
    ]


def _due(due_at: datetime, unreadable: datetime) -> Station:
    """What was erased before its deadline never came to it."""
    if due_at > unreadable:
        return Station("due", gettext("Deadline"), gettext("not needed"), due_at, passed=False)
    return Station("due", gettext("Due"), gettext("its deadline"), due_at)


def _in_order(stations: Iterable[Station], start: datetime) -> list[Station]:
    """By time; what comes at the same moment stays in the order given."""
    return [
        replace(one, after=in_length(one.at - start))
        for one in sorted(stations, key=lambda one: one.at or start)
        if one.at
    ]


def _time_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


_TIMES = ("received_at", "due_at", "unreadable_at", "erased_at")
