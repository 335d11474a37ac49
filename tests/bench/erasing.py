"""`make bench-erasing`: how long the sweeper takes when there is very much to erase.

A million rows that are due at once, ten thousand images with their bytes, and a round in which
nothing is due. On SQLite and on PostgreSQL, on local disk and in a real S3 store.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, in_a_site, print_all
from tests.servers import postgres, seaweed

OWNERS = 100
KINDS = ("original", "preview.webp", "cutout.png", "mask.png")
BLOB_BYTES = 4096
Measure = Callable[[], list[Figure]]
Environment = Callable[[], AbstractContextManager[dict[str, str]]]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--only", choices=["rows", "disk", "s3"])
    parser.add_argument("--database", choices=["SQLite", "PostgreSQL"])
    asked = parser.parse_args(words)
    figures: list[Figure] = []
    for measure, environment in _measurements(asked):
        with environment() as variables:
            found = in_a_site(measure, **variables)
        for one in found:  # At once: the next one takes minutes.
            print(f"{one.what}: {one.held:.1f} {one.unit}", flush=True)
        figures += found
    print_all(figures)
    Path("var/bench-erasing.json").write_text(
        json.dumps([asdict(one) for one in figures], indent=1)
    )
    return 0


def _measurements(asked: argparse.Namespace) -> Iterator[tuple[Measure, Environment]]:
    """Each with a database, and where it has one a store, that nothing else has written to."""
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        if asked.database not in {None, name}:
            continue
        if asked.only in {None, "rows"}:
            yield _rows(asked.rows, name), database
            if name == "PostgreSQL":  # SQLite has one writer at a time.
                yield _rows(asked.rows, name, sweepers=2), database
        if asked.only in {None, "disk"}:
            yield _bytes(asked.images, f"local disk, {name}", 30), database
        if asked.only in {None, "s3"}:
            yield _bytes(asked.images, f"S3, {name}", 90), partial(_with_bucket, database)


@contextmanager
def _sqlite() -> Iterator[dict[str, str]]:
    yield {}


@contextmanager
def _postgresql() -> Iterator[dict[str, str]]:
    with postgres() as url:
        yield {"BGERASE_DATABASE_URL": url}


@contextmanager
def _with_bucket(database: Environment) -> Iterator[dict[str, str]]:
    with database() as variables, seaweed() as store:
        yield {**variables, "BGERASE_STORAGE_URL": store.storage_url("bench")}


def _figure(what: str, goal: float, value: float, unit: str) -> Figure:
    return Figure(what, goal, value, value, unit)


def _rows(number: int, database: str, sweepers: int = 1) -> Measure:
    def measure() -> list[Figure]:
        from django.db import connections

        from processing.models import database_now
        from processing.retention.sweeper import sweep

        now = database_now()
        fill(number, now, ("image", "job"))
        idle = [_seconds(lambda: sweep(now)) for _ in range(21)][1:]
        connections.close_all()  # Each process has its own.
        due = now + timedelta(hours=24)
        with get_context("fork").Pool(sweepers) as pool:
            started = time.perf_counter()
            claims = pool.map(_claim, [due] * sweepers, chunksize=1)
            spent = time.perf_counter() - started
        assert sum(done for done, _ in claims) == number, claims
        where = database if sweepers == 1 else f"{database}, {sweepers} sweepers"
        return [
            _figure(f"claim {number:,} due rows, {where}", 60, spent, "s"),
            _figure(
                f"memory that claiming them adds, {where}", 50, max(mb for _, mb in claims), "MB"
            ),
            Figure(
                f"a sweep with nothing due, {number:,} live rows, {where}",
                20,
                statistics.median(idle) * 1000,
                sorted(idle)[-2] * 1000,
            ),
        ]

    return measure


def _claim(due: datetime) -> tuple[int, float]:
    """How many images this process has condemned, and by how many MB it has grown."""
    from processing.retention.claims import condemn_all

    # What is loaded at the first time is no growth.
    done = sum(done for done, _ in condemn_all(due, most=1000))
    before = _memory()
    done += sum(done for done, _ in condemn_all(due))
    return done, _memory() - before


def _bytes(number: int, where: str, goal: float) -> Measure:
    def measure() -> list[Figure]:
        from processing.models import Receipt, database_now
        from processing.retention.sweeper import sweep
        from processing.storage import walk_objects

        now = database_now()
        fill(number, now, ("image", "job", "blob"))
        _store(number)
        due = now + timedelta(hours=24)
        started = time.perf_counter()
        swept = sweep(due)
        spent = time.perf_counter() - started
        assert (swept.finished, swept.failed) == (number, 0), swept
        assert Receipt.objects.count() == number
        assert not list(walk_objects())
        what = f"erase {number:,} images of {len(KINDS)} blobs with receipts, {where}"
        return [_figure(what, goal, spent, "s")]

    return measure


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _memory() -> float:
    """The resident set now, in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def fill(number: int, now: datetime, tables: Sequence[str]) -> None:
    """Rows of live images, each with a job that is done and, if asked for, the rows of its blobs.

    Written by the database itself: a million of them by the models would take longer than all that
    is to be measured.
    """
    from django.db import connection

    from accounts.models import User, Workspace

    for owner in range(OWNERS):
        User.objects.create_user(f"owner{owner}@example.com", "not-used-here")
    spaces = list(Workspace.objects.values_list("pk", "owner_id"))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE space (at int, id text, owner text)")
        rows = [(at, _as_id(space), _as_id(owner)) for at, (space, owner) in enumerate(spaces)]
        cursor.executemany("INSERT INTO space VALUES (%s, %s, %s)", rows)
        words = _SQLITE if connection.vendor == "sqlite" else _POSTGRES
        for table in tables:
            cursor.execute(
                _INSERT[table].format(**words), {"number": number, "owners": OWNERS, "now": now}
            )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def _as_id(key: Any) -> str:
    from django.db import connection

    return str(key.hex if connection.vendor == "sqlite" else key)


_IMAGE = """
INSERT INTO processing_image (
    id, workspace_id, uploaded_by_id, life, received_at, purge_at, erase_after_download, kept,
    reason, objects_deleted, erase_tries, prefix, epoch, wrapped_key, sealed_name, kind, size,
    width, height, request_index, version, head
)
SELECT {id}, space.id{uuid}, space.owner{uuid}, 'live', {received}, {purge}, false, false,
    '', 0, 0, {prefix}, 4000000000, {key}, {key}, 'png', 100000, 4000, 3000, 0, 0, 0
FROM {numbers} JOIN space ON space.at = n %% %(owners)s
"""
_JOB = """
INSERT INTO processing_job (
    id, image_id, task, options, output, state, attempts, error_code, model_asked, model,
    model_version, timings, queued_at, started_at
)
SELECT {id}, image.id, 'cut_out', '{{}}', '', 'done', 1, '', '', 'synthetic',
    '1', '{{}}', image.received_at, image.received_at
FROM processing_image image
"""
_BLOB = """
INSERT INTO processing_blob (image_id, kind, generation, size, stored)
SELECT image.id, kind.column1, 1, 4096, true
FROM processing_image image CROSS JOIN (VALUES {kinds}) kind
"""
_SQLITE = {
    "id": "lower(hex(randomblob(16)))",
    "prefix": "lower(hex(randomblob(16)))",
    "key": "randomblob(60)",
    "uuid": "",
    # In steps of 30 ms into the past, as the deadlines of a busy site are.
    "received": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %(now)s, '-' || (n * 0.03) || ' seconds')",
    "purge": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %(now)s, '-' || (n * 0.03) || ' seconds',"
    " '+82799 seconds')",
    "numbers": "(WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted"
    " WHERE n + 1 < %(number)s) SELECT n FROM counted)",
    "kinds": ", ".join(f"('{kind}')" for kind in KINDS),
}
_POSTGRES = {
    **_SQLITE,
    "id": "gen_random_uuid()",
    "prefix": "md5(random()::text || clock_timestamp()::text)",
    "key": "decode(repeat(md5(random()::text), 4), 'hex')",
    "uuid": "::uuid",
    "received": "%(now)s::timestamptz - n * interval '30 ms'",
    "purge": "%(now)s::timestamptz - n * interval '30 ms' + interval '82799 seconds'",
    "numbers": "generate_series(0, %(number)s - 1) n",
}
_INSERT = {"image": _IMAGE, "job": _JOB, "blob": _BLOB}


def _store(number: int) -> None:
    """The bytes of the blobs, put there past the vault: nobody is to wait for their seal."""
    from processing.models import Image
    from processing.storage.place import bucket_of, current, path_of

    vault: Any = current()
    bucket, content = bucket_of(vault), os.urandom(BLOB_BYTES)

    def put(prefix: str) -> None:
        for kind in KINDS:
            name = path_of(prefix, 1, kind)
            if bucket is not None:
                bucket.meta.client.put_object(Bucket=bucket.name, Key=name, Body=content)
            else:
                path = Path(vault.location, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, Image.objects.values_list("prefix", flat=True)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
