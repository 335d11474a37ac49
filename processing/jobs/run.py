"""Running one job: open the original, cut out, store what was made, close the job."""

import errno
import logging
import time
import traceback

from celery.exceptions import SoftTimeLimitExceeded

from processing.engine import Cutout, Options, cut_out, encode, fits
from processing.engine.errors import EngineFailed, PhotoError
from processing.jobs import results
from processing.jobs.claim import MOST_ATTEMPTS, Claim, ClaimLost, claim_next
from processing.jobs.heartbeat import Heartbeat
from processing.jobs.warm import warm
from processing.limits import photo_limits
from processing.models import database_now
from processing.storage import KeyGone, SealBroken, read_blob

log = logging.getLogger(__name__)


def run_next() -> bool:
    """Claims and runs the oldest waiting job; False when nothing waits."""
    _, heartbeat = warm()
    claim = claim_next(database_now())
    if claim is None:
        return False
    heartbeat.watch(claim)
    try:
        _run(claim, heartbeat)
    except ClaimLost:
        results.discard(claim)
        log.info("%s was taken away; what it had stored is removed", claim.job)
    finally:
        heartbeat.watch(None)
    return True


def _run(claim: Claim, heartbeat: Heartbeat) -> None:
    """Raises ClaimLost. Every other end is recorded as the job's."""
    try:
        _cut_out_and_store(claim, heartbeat)
    except PhotoError as error:
        if _ran_out_of_time(error):
            results.fail(claim, "timed_out")
        elif isinstance(error, EngineFailed):
            _try_again(claim, error.__cause__ or error)
        else:
            results.fail(claim, error.code)
    except SoftTimeLimitExceeded:
        results.fail(claim, "timed_out")
    except MemoryError as error:
        traceback.clear_frames(error.__traceback__)  # They hold what there was too much of.
        results.fail(claim, "out_of_memory")
    except (KeyGone, SealBroken, FileNotFoundError) as error:
        log.error(  # noqa: TRY400
            "%s: the original cannot be opened: %s", claim.job, type(error).__name__
        )
        results.fail(claim, "engine_failed")
    except ClaimLost:
        raise
    except Exception as error:  # noqa: BLE001  Whatever it is, the job gets an end.
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            results.fail(claim, "storage_full")
        else:
            _try_again(claim, error)


def _try_again(claim: Claim, error: BaseException) -> None:
    """Logs the kind of error and where, never its text: it can hold content or a name."""
    log.error("%s failed at attempt %d: %s", claim.job, claim.attempt, _where(error))
    if claim.attempt >= MOST_ATTEMPTS:
        results.fail(claim, "engine_failed")
    else:
        results.give_back(claim)


def _cut_out_and_store(claim: Claim, heartbeat: Heartbeat) -> None:
    matter, _ = warm()
    started = time.perf_counter()
    image_key = claim.image.open_key()
    photo = b"".join(read_blob(image_key, claim.image.prefix, 0, "original"))
    opened = time.perf_counter()
    cutout = cut_out(photo, Options(), matter, photo_limits())
    heartbeat.check()
    encoded = _store_all(claim, heartbeat, image_key, cutout)
    results.finish(
        claim,
        cutout.width,
        cutout.height,
        model=cutout.model,
        model_version=cutout.model_version,
        timings={
            "open": _ms(opened - started),
            **cutout.timings,
            **encoded,
            "total": _ms(time.perf_counter() - started),
        },
    )


def _store_all(
    claim: Claim, heartbeat: Heartbeat, image_key: bytes, cutout: Cutout
) -> dict[str, float]:
    # A format that cannot hold a photo this large is left out: the others are still wanted.
    kinds = [one for one in results.RESULT_KINDS if fits(one, cutout.width, cutout.height)]
    results.reserve(claim, kinds)
    spent = {}
    for kind in kinds:
        start = time.perf_counter()
        results.store(claim, image_key, kind, encode(cutout, kind))
        heartbeat.check()
        spent[kind] = _ms(time.perf_counter() - start)
    return spent


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _ran_out_of_time(error: BaseException | None) -> bool:
    """The limit strikes anywhere, also where every error is taken for the photo's fault."""
    while error is not None and not isinstance(error, SoftTimeLimitExceeded):
        error = error.__context__
    return error is not None


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
