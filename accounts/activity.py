"""The audit log as its owner reads it: filtered, in words, and as a file."""

import csv
import io
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Action, AuditEntry, User, Via

# What a filter is called, in addresses and on its chip; the beginnings of the actions it shows.
KINDS = {
    "images": (_("Images"), ("image.",)),
    "links": (_("Links"), ("share.",)),
    "training": (_("Training opt-in"), ("consent.",)),
    "account": (_("Account and sign-in"), ("account.", "workspace.")),
    "staff": (_("Staff"), ("staff.",)),
}
COLUMNS = ("at", "action", "by", "via", "image", "link", "count", "detail", "network")
CHUNK = 2000


@dataclass(frozen=True)
class Filters:
    """What is asked for; `problems` says of each field that cannot be read how to write it."""

    kind: str = ""
    since: date | None = None
    until: date | None = None  # With this day.
    image: uuid.UUID | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """Dates as 2026-11-21, in UTC; what cannot be read is left out, and said."""
        problems: dict[str, str] = {}
        kind = asked.get("kind", "")
        if kind and kind not in KINDS:
            problems["kind"] = gettext("There is no such kind. All of them are shown.")
            kind = ""
        dates = {name: _date(asked.get(name, ""), name, problems) for name in ("from", "to")}
        image = _id(asked.get("image", ""), problems)
        return cls(kind, dates["from"], dates["to"], image, problems)

    def apply(self, entries: "QuerySet[AuditEntry]") -> "QuerySet[AuditEntry]":
        if self.kind:
            starts = (Q(action__startswith=start) for start in KINDS[self.kind][1])
            entries = entries.filter(_any(starts))
        if self.since:
            entries = entries.filter(at__gte=_midnight(self.since))
        if self.until:
            entries = entries.filter(at__lte=datetime.combine(self.until, time.max, UTC))
        if self.image:
            entries = entries.filter(image_id=self.image)
        return entries

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address; only what is asked for."""
        named = {"kind": self.kind, "from": self.since, "to": self.until, "image": self.image}
        return {name: str(value) for name, value in named.items() if value}


def entries_of(user: User, filters: Filters) -> QuerySet[AuditEntry]:
    """What was done to what is theirs, and to their account; newest first."""
    entries = AuditEntry.objects.filter(owner=user)
    return filters.apply(entries).order_by("-at", "-id")


def in_chunks(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    """One after another without a query that stays open: a slow reader is in nobody's way."""
    chunk = list(entries[:CHUNK])
    while chunk:
        yield from chunk
        last = chunk[-1]
        older = Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)
        chunk = list(entries.filter(older)[:CHUNK])


def as_row(entry: AuditEntry) -> dict[str, Any]:
    """An entry for a file: plain values by the names in COLUMNS."""
    return {
        "at": entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "action": entry.action,
        "by": who(entry),
        "via": entry.via,
        "image": str(entry.image_id) if entry.image_id else "",
        "link": str(entry.share_id) if entry.share_id else "",
        "count": entry.count,
        "detail": entry.detail,
        "network": entry.address,
    }


def who(entry: AuditEntry) -> str:
    """As the owner sees it: `you`, `staff`, `system`, `visitor` (whoever has a link), `member` (of
    a shared workspace), `nobody` (who was not signed in)."""
    if entry.via == Via.STAFF:
        return "staff"
    if entry.via == Via.SYSTEM:
        return "system"
    if entry.via == Via.LINK:
        return "visitor"
    if entry.actor_id is None:
        return "nobody"
    return "you" if entry.actor_id == entry.owner_id else "member"


def write_csv(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Line by line, with a head. No cell begins with what a spreadsheet takes for a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    rows = (as_row(entry) for entry in entries)
    for cells in _with_head(rows):
        writer.writerow([_harmless(cell) for cell in cells])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_json(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One object, written while it is read."""
    yield '{"entries": ['
    for number, entry in enumerate(entries):
        yield ("," if number else "") + "\n" + json.dumps(as_row(entry), ensure_ascii=False)
    yield "\n]}\n"


def _with_head(rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    for row in rows:
        yield [row[column] for column in COLUMNS]


def _harmless(cell: object) -> str:
    """A reason that somebody of the staff wrote can be anything."""
    text = str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _any(conditions: Iterable[Q]) -> Q:
    either = Q()
    for condition in conditions:
        either |= condition
    return either


def _date(text: str, name: str, problems: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[name] = gettext("This is not a date. Write it like 2026-11-21.")
        return None


def _id(text: str, problems: dict[str, str]) -> uuid.UUID | None:
    if not text.strip():
        return None
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        problems["image"] = gettext(
            "This is not the id of an image. It stands in the image’s address."
        )
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


SIGNS = {
    Action.IMAGE_UPLOADED: "upload",
    Action.IMAGE_VIEWED: "image",
    Action.IMAGE_DOWNLOADED: "download",
    Action.IMAGE_TAGGED: "tag",
    Action.IMAGE_EDITED: "pencil",
    Action.IMAGE_SHORTENED: "clock",
    Action.IMAGE_ERASED: "trash-2",
    Action.IMAGE_EXPIRED: "erased",
    Action.TICKET_SAVED: "shield-check",
    Action.SHARE_CREATED: "link",
    Action.SHARE_CHANGED: "link",
    Action.SHARE_PAUSED: "pause",
    Action.SHARE_REVOKED: "x",
    Action.SHARE_VIEWED: "image",
    Action.SHARE_DOWNLOADED: "download",
    Action.CONSENT_ON: "kept",
    Action.CONSENT_OFF: "erased",
    Action.RETENTION_CHANGED: "clock",
    Action.DATA_EXPORTED: "download",
    Action.ACCOUNT_CLOSED: "x",
    Action.SIGNED_IN: "log-in",
    Action.SIGNED_OUT: "log-out",
    Action.SIGN_IN_FAILED: "circle-alert",
    Action.SECURITY_CHANGED: "lock",
    Action.STAFF_OPENED: "key-round",
    Action.STAFF_VIEWED: "key-round",
}
