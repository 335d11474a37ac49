"""The places in which a process is killed: see tests/promises/killer.py."""

from dataclasses import replace

from django.core.files.storage import storages

from processing.jobs.results import RESULT_KINDS
from tests.promises.killer import Point

BEFORE, AFTER = "before", "after"
WRITER = "processing.storage.vault:BlobWriter"
API = "botocore.client:BaseClient._make_api_call"

# What erasing does in a storage: to files one by one, to a bucket's objects by the thousand.
ON_DISK = [
    Point("before listing", BEFORE, "processing.storage.disk:_empty"),
    Point("after listing, before the first delete", BEFORE, "os:unlink", "/vault/"),
    Point("between two deletes", BEFORE, "os:unlink", "/vault/", 2),
    Point("after the last delete", AFTER, "processing.storage.disk:_empty"),
    Point("before the check of absence", BEFORE, "os:rmdir", "/vault/"),
    Point("after the check of absence", AFTER, "processing.storage.disk:DiskStorage.shred"),
]
IN_A_BUCKET = [
    Point("before listing", BEFORE, API, "'ListObjectVersions'"),
    Point("after listing, before the first delete", BEFORE, API, "'DeleteObjects'"),
    Point("after the last delete", AFTER, API, "'DeleteObjects'"),
    Point("before the check of absence", BEFORE, API, "'ListObjectVersions'", 2),
    Point("after the check of absence", AFTER, API, "'ListObjectVersions'", 2),
]


def in_storage() -> list[Point]:
    return IN_A_BUCKET if hasattr(storages["vault"], "bucket") else ON_DISK


def around(name: str, writes: str, nth: int = 1) -> list[Point]:
    """Before and after the commit of a transaction that writes to these tables."""
    return [
        Point(f"before {name} is committed", BEFORE, "commit", writes, nth),
        Point(f"after {name} was committed", AFTER, "commit", writes, nth),
    ]


def _of(act: str, *points: Point) -> list[Point]:
    return [replace(point, act=act) for point in points]


def receiving() -> list[Point]:
    return _of(
        "receive",
        Point("between the epoch's secret and its draft's end", AFTER, "os:link", ".key"),
        Point("before its key is made", BEFORE, "processing.models.image:make_image_key"),
        *around("the row", "INSERT image, INSERT blob"),
        Point("before the first write", BEFORE, f"{WRITER}.write"),
        Point("after the first write", AFTER, f"{WRITER}.write"),
        Point("in mid-body", BEFORE, f"{WRITER}.write", "", 3),
        Point("before the last write", BEFORE, f"{WRITER}.finish"),
        Point("after the last write", AFTER, f"{WRITER}.finish"),
        Point("before going live is committed", BEFORE, "commit", "UPDATE image, INSERT job"),
        Point("gone live, before the doorbell", BEFORE, "processing.tasks:ring"),
        Point("after the doorbell", AFTER, "processing.tasks:ring"),
    )


def receiving_in_parts() -> list[Point]:
    return _of(
        "receive_in_parts",
        *around("the row", "INSERT image, INSERT arrival"),
        *around("the row of a part", "UPDATE image, INSERT blob"),
        Point("before a part is written", BEFORE, f"{WRITER}.write"),
        Point("in the middle of a part", BEFORE, f"{WRITER}.write", "", 3),
        Point("before a part is closed", BEFORE, f"{WRITER}.finish"),
        Point("after a part was closed", AFTER, f"{WRITER}.finish"),
        *around("the record of a part", "UPDATE blob, UPDATE arrival"),
        Point("in the second part", AFTER, f"{WRITER}.finish", "", 2),
        Point("before the original's row", BEFORE, "processing.flows.whole:next_blob"),
        Point("before the original is sealed", BEFORE, "processing.flows.whole:read_blob"),
        Point("between two parts of it", BEFORE, "processing.flows.whole:read_blob", "", 2),
        Point("after it was sealed", AFTER, "processing.flows.whole:_seal"),
        *around("going live", "UPDATE image, INSERT job, UPDATE blob"),
        Point("before the parts are removed", BEFORE, "processing.retention.parts:clear"),
        Point("between two of them", BEFORE, "processing.retention.parts:shred_blob", "", 2),
        *around("the end of the parts", "DELETE blob, DELETE arrival"),
    )


def working() -> list[Point]:
    return _of(
        "work",
        *around("the claim", "UPDATE job"),
        Point("before the original is opened", BEFORE, "processing.jobs.run:read_blob"),
        Point("in the model, at its start", BEFORE, "processing.jobs.run:cut_out"),
        Point("in the model, at its end", AFTER, "processing.jobs.run:cut_out"),
        *around("what is reserved", "INSERT blob"),
        *(point for nth, kind in enumerate(RESULT_KINDS, 1) for point in _storing(kind, nth)),
        *around("the job's end", "UPDATE image, UPDATE job"),
    )


def _storing(kind: str, nth: int) -> list[Point]:
    return [
        Point(f"before {kind} is written", BEFORE, f"{WRITER}.__init__", f"'{kind}'"),
        Point(f"{kind} is half written", BEFORE, f"{WRITER}.finish", "", nth),
        Point(f"after {kind} was written", AFTER, f"{WRITER}.finish", "", nth),
        *around(f"the record of {kind}", "UPDATE blob", nth),
    ]


def rendering() -> list[Point]:
    return _of(
        "work",
        *around("the claim", "UPDATE job"),
        Point("before the original is opened", BEFORE, "processing.jobs.run:read_blob"),
        Point("before its mask is opened", BEFORE, "processing.jobs.run:read_blob", "", 2),
        Point("before it is made", BEFORE, "processing.jobs.run:render"),
        Point("after it was made", AFTER, "processing.jobs.run:render"),
        *around("what is reserved", "INSERT blob"),
        *_storing("cutout.webp", 1),
        *around("the job's end", "UPDATE job", 2),
    )


def asking() -> list[Point]:
    return _of(
        "ask",
        *around("the job", "INSERT job"),
        Point("before the doorbell", BEFORE, "processing.tasks:ring"),
    )


def giving_back() -> list[Point]:
    return _of(
        "work_in_vain",
        *around("the end of the attempt", "UPDATE job", 2),
        Point("between two results' removal", BEFORE, "processing.jobs.results:shred_blob", "", 3),
        Point(
            "results removed, their rows not", AFTER, "processing.jobs.results:shred_blob", "", 4
        ),
    )


def taking_back() -> list[Point]:
    return _of(
        "take_back",
        *around("the lost job's return", "UPDATE job"),
        Point("between two results' removal", BEFORE, "processing.jobs.results:shred_blob", "", 3),
    )


def erasing() -> list[Point]:
    return _of(
        "erase",
        *around("the death of the key", "UPDATE image, DELETE tag"),
        *in_storage(),
        Point("before what was deleted is noted", BEFORE, "processing.retention.erase:_record"),
        Point("after what was deleted was noted", AFTER, "processing.retention.erase:_record"),
        *around("the receipt", "INSERT receipt, UPDATE chainhead, DELETE image"),
    )


def sweeping() -> list[Point]:
    return _of(
        "sweep",
        *around("the death of the key", "UPDATE image, DELETE tag"),
        *around("the sweeper's hold", "UPDATE image", 2),
        *in_storage(),
        Point("before what was deleted is noted", BEFORE, "processing.retention.erase:_record"),
        Point("after what was deleted was noted", AFTER, "processing.retention.erase:_record"),
        Point("the end of the chain moved", AFTER, "processing.retention.receipts:write"),
        *around("the receipt", "INSERT receipt, UPDATE chainhead, DELETE image"),
        Point("before the pulse", BEFORE, "processing.retention.pulse:beat"),
        Point("after the pulse", AFTER, "processing.retention.pulse:beat"),
    )


def ending_epochs() -> list[Point]:
    return _of(
        "sweep",
        Point("the epoch's secret overwritten, not removed", BEFORE, "os:unlink", ".key"),
        Point("after the epoch's secret was removed", AFTER, "os:unlink", ".key"),
    )


def finishing() -> list[Point]:
    """Of an image that a worker was at when it was erased: what the worker left comes last."""
    return _of(
        "sweep",
        *in_storage(),
        Point("the end of the chain moved", AFTER, "processing.retention.receipts:write"),
        *around("the receipt", "INSERT receipt, UPDATE chainhead, DELETE image"),
    )


def withdrawing() -> list[Point]:
    return _of(
        "withdraw",
        *around("the entry", "INSERT consententry, UPDATE image"),
        Point(
            "before the grant's key is overwritten",
            BEFORE,
            "processing.training.withdrawal:destroy_grant",
        ),
        Point("the grant noted as ended, its key not overwritten", AFTER, "os:link", ".ended"),
        Point("the grant's key overwritten, not removed", BEFORE, "os:unlink", ".key"),
        Point("after the grant's key was removed", AFTER, "os:unlink", ".key"),
    )


def shortening() -> list[Point]:
    return _of(
        "shorten",
        Point("before its new key", BEFORE, "processing.models.image:wrap_image_key"),
        Point("after its new key", AFTER, "processing.models.image:wrap_image_key"),
        *around("the shorter life", "UPDATE image, INSERT auditentry"),
    )


def closing() -> list[Point]:
    return _of(
        "close",
        *around("the death of the keys", "UPDATE image, DELETE tag"),
        *in_storage()[:3],
        *around("the receipts", "INSERT receipt, DELETE image"),
        Point("all erased, still open", BEFORE, "processing.flows.close_account:close"),
        Point("the opt-in off, not committed", AFTER, "accounts.flows.close:turn_off"),
        Point("before the addresses go", BEFORE, "accounts.audit:blank_addresses"),
        *around("the closing", "UPDATE user, INSERT auditentry"),
        Point("before the grant's key is removed", BEFORE, "os:unlink", ".key"),
        Point("after the grant's key was removed", AFTER, "os:unlink", ".key"),
    )


GROUPS = (
    receiving,
    receiving_in_parts,
    working,
    rendering,
    asking,
    giving_back,
    taking_back,
    erasing,
    sweeping,
    ending_epochs,
    finishing,
    withdrawing,
    shortening,
    closing,
)
