"""All data about a user, as one ZIP that is made while it is sent.

Nothing of it is ever stored: no temporary file, no finished archive. What is erased while it is on
its way is listed as gone; a file that was half sent by then ends there.
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from zipstream import ZipStream

from accounts import audit, consent
from accounts.audit import Actor
from accounts.models import Action, AuditEntry, User, Via, Workspace
from processing.access import everything_of
from processing.flows.names import safe_name
from processing.flows.tags import words_of
from processing.models import Blob, Image, Job, Receipt, Share, Task, database_now
from processing.retention.certificates import certificate
from processing.storage import KeyGone, SealBroken, read_blob

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0  # Seconds: how long an image that was erased is still read at most.
BATCH = 200
Entry = tuple[str, Iterable[bytes]]
Gone = list[dict[str, str]]


def export_data(user: User, by: Actor) -> Iterator[bytes]:
    """The archive, piece by piece. Raises DatabaseError before its first byte."""
    audit.note(Action.DATA_EXPORTED, owner=user, by=by)
    return _archive(user)


def export_receipts(user: User) -> Iterator[bytes]:
    """All their receipts as a JSON list: also for whoever has just closed the account."""
    return _list(certificate(receipt) for receipt in _receipts(user))


def _archive(user: User) -> Iterator[bytes]:
    archive = ZipStream()  # Stored as they are: photos are compressed already.
    for name, content in _entries(user):
        archive.add(content, name)
        yield from archive.file()
    yield from archive.finalize()


def _entries(user: User) -> Iterator[Entry]:
    gone: Gone = []
    yield "profile.json", [_json(_profile(user))]
    yield "consent.json", _list(_consent(user))
    yield "activity.json", _list(_activity(user))
    yield "links.json", _list(_links(user))
    yield "receipts.json", export_receipts(user)
    for number, image in enumerate(_images(user), start=1):
        yield from _image_entries(number, image, gone)
    yield "gone.json", [_json(gone)]


def _images(user: User) -> Iterator[Image]:
    """Page by page, each asked for when it is its turn: nothing is held open for a slow reader."""
    images = everything_of(user).readable(database_now()).prefetch_related("blobs", "jobs", "edits")
    return _pages(images, "pk")


def _image_entries(number: int, image: Image, gone: Gone) -> Iterator[Entry]:
    try:
        key, name = image.open_key(), image.open_name()
    except (KeyGone, SealBroken):
        gone.append(_gone(image, "all", "erased meanwhile"))
        return
    folder = f"images/{number:04d}-{safe_name(PurePosixPath(name).stem)}"
    yield f"{folder}/image.json", [_json(_facts(image, name))]
    latest = {blob.kind: blob for blob in sorted(_stored(image), key=lambda each: each.generation)}
    for kind, blob in latest.items():
        chunks = _chunks(image, key, blob, gone)
        if (first := next(chunks, None)) is not None:
            file = f"original.{image.kind}" if kind == "original" else safe_name(kind)
            yield f"{folder}/{file}", _with_first(first, chunks)


def _chunks(image: Image, key: bytes, blob: Blob, gone: Gone) -> Iterator[bytes]:
    """The content of a blob, for as long as its image can be read."""
    looked = 0.0
    try:
        for chunk in read_blob(key, image.prefix, blob.generation, blob.kind):
            if time.monotonic() - looked >= LOOK_EVERY:
                looked = time.monotonic()
                if not Image.objects.readable(database_now()).filter(pk=image.pk).exists():
                    gone.append(_gone(image, blob.kind, "erased meanwhile"))
                    return
            yield chunk
    except FileNotFoundError:
        gone.append(_gone(image, blob.kind, "erased meanwhile"))
    except Exception:  # One file that cannot be read does not keep the others.
        log.exception("%s of %s could not be read for its owner", blob.kind, image)
        gone.append(_gone(image, blob.kind, "could not be read"))


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _stored(image: Image) -> list[Blob]:
    return [blob for blob in image.blobs.all() if blob.stored]


def _gone(image: Image, file: str, why: str) -> dict[str, str]:
    return {"image": str(image.pk), "file": file, "why": why}


def _facts(image: Image, name: str) -> dict[str, Any]:
    fields = (
        *("id", "received_at", "purge_at", "kept", "erase_after_download", "kind", "size"),
        *("width", "height", "batch"),
    )
    jobs = sorted(image.jobs.all(), key=lambda job: job.queued_at)
    versions = [
        _fields(edit, _OF_VERSIONS)
        for edit in sorted(image.edits.all(), key=lambda edit: edit.number)
    ]
    return {
        "name": name,
        "tags": words_of(image),
        **_fields(image, (*fields, "version")),
        "jobs": [_job(job) for job in jobs],
        "versions": versions,
    }


_OF_VERSIONS = ("number", "base", "options", "strokes", "picture", "saved_at")


def _job(job: Job) -> dict[str, Any]:
    asked = ("task",) if job.task == Task.CUT_OUT else ("task", "output", "options")
    facts = (
        "state",
        "error_code",
        "little_found",
        "model",
        "model_version",
        "queued_at",
        "timings",
    )
    return _fields(job, (*asked, *facts))


def _profile(user: User) -> dict[str, Any]:
    workspaces = Workspace.objects.filter(owner=user)
    return {
        **_fields(user, ("id", "email", "date_joined", "last_login", "is_staff")),
        "addresses": _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "second_factors": _rows(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "devices": _rows(
            UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"
        ),
        "workspaces": _rows(workspaces, "id", "personal", "created_at", "retention_seconds"),
    }


def _consent(user: User) -> Iterator[dict[str, Any]]:
    return (consent.as_entry(entry) for entry in _pages(consent.history(user), "number"))


def _activity(user: User) -> Iterator[dict[str, Any]]:
    """Whose address it was that somebody else acted from is theirs, not the user's."""
    fields = ("at", "via", "action", "image_id", "share_id", "count", "detail")
    for entry in _pages(AuditEntry.objects.filter(owner=user), "pk"):
        mine = entry.actor_id == user.pk
        network = {"address": entry.address} if mine else {}
        yield {"by": _doer(entry, user), **_fields(entry, fields), **network}


def _links(user: User) -> Iterator[dict[str, Any]]:
    """Without what opens one: of that the site has a hash alone."""
    shares = Share.objects.filter(workspace__owner=user).prefetch_related("items")
    fields = (
        *("id", "created_at", "expires_at", "paused_at", "revoked_at", "downloads"),
        *("download_limit", "formats", "sizes", "originals", "names", "erase_after_last"),
    )
    for share in _pages(shares, "pk"):
        images = sorted(share.items.all(), key=lambda item: item.place)
        yield {**_fields(share, fields), "images": [item.image_id for item in images]}


def _doer(entry: AuditEntry, user: User) -> str:
    if entry.actor_id is None:
        return "somebody with the link" if entry.via == Via.LINK else "the system"
    return "you" if entry.actor_id == user.pk else "somebody else"


def _receipts(user: User) -> Iterator[Receipt]:
    return _pages(Receipt.objects.filter(workspace__owner=user), "number")


def _pages(rows: QuerySet[Any], key: str) -> Iterator[Any]:
    """All rows in the order of their key, a batch at a time."""
    ordered, last = rows.order_by(key), None
    while page := list(ordered.filter(**{f"{key}__gt": last} if last is not None else {})[:BATCH]):
        yield from page
        last = getattr(page[-1], key)


def _rows(rows: QuerySet[Any], *fields: str) -> list[dict[str, Any]]:
    return [_fields(row, fields) for row in rows]


def _fields(row: object, fields: Iterable[str]) -> dict[str, Any]:
    return {field: getattr(row, field) for field in fields}


def _list(items: Iterable[Any]) -> Iterator[bytes]:
    """A JSON list, one item to a line, each written when it is its turn."""
    mark = b"[\n"
    for item in items:
        yield mark + _json(item)
        mark = b",\n"
    yield b"\n]\n" if mark == b",\n" else b"[]\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_text, indent=1).encode()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
