"""What is in the tables, read past all models, and what a backup of them opens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from processing.models import Arrival, Image, Job, JobState, Task
from processing.storage import KeyGone, open_image_key, open_kept_key


@dataclass(frozen=True)
class Wrapped:
    """The key of an image as its row holds it: whoever has copied that has it for good."""

    image: UUID
    epoch: int
    by_epoch: bytes | None
    by_opt_in: bytes | None
    grants: tuple[int, int]

    def opens_by_epoch(self) -> bool:
        try:
            open_image_key(self.image.bytes, self.epoch, self.by_epoch)
        except KeyGone:
            return False
        return True

    def opens_by_opt_in(self) -> bool:
        try:
            open_kept_key(self.image.bytes, self.by_opt_in, self.grants)
        except KeyGone:
            return False
        return True


@dataclass(frozen=True)
class Row:
    pk: UUID
    prefix: str
    life: str
    purge_at: datetime
    shown: tuple[int, int]
    wrapped: Wrapped


def rows() -> Iterator[Row]:
    shown = "id, prefix, life, purge_at, head, version"
    keys = "epoch, wrapped_key, kept_key, consent_id, owner_consent_id"
    found = select(f"{shown}, {keys}", "processing_image", "1 = 1")
    for key, prefix, life, at, head, version, epoch, by_epoch, by_opt_in, *grants in found:
        pk, aware = as_uuid(key), at if at.tzinfo else at.replace(tzinfo=UTC)
        pair = (grants[0] or 0, grants[1] or 0)
        wrapped = Wrapped(pk, epoch, _bytes(by_epoch), _bytes(by_opt_in), pair)
        yield Row(pk, prefix, life, aware, (head, version), wrapped)


def made(image: Image) -> set[int]:
    done = Job.objects.filter(image=image, state=JobState.DONE)
    versions = done.filter(task=Task.EDIT).values_list("output", flat=True)
    cut_out = {0} if done.filter(task=Task.CUT_OUT).exists() else set()
    return cut_out | {int(output.removeprefix("v")) for output in versions}


def heard_at(image: Image) -> datetime | None:
    found = Arrival.objects.filter(image=image).first()
    return found.heard_at if found else None


def ids_of(table: str, where: str, *values: Any) -> Iterator[UUID]:
    return (as_uuid(pk) for (pk,) in select("image_id", table, where, *values))


def select(columns: str, table: str, where: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE {where}", values)
        return list(cursor.fetchall())


def as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
