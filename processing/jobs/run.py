"""Running one job: open the original, cut out or render, store what was made, close the job."""

import errno
import logging
import time
import traceback

from celery.exceptions import SoftTimeLimitExceeded

from processing.engine import Cutout, Matter, Options, cut_out, encode, fits, render, reopen
from processing.engine.errors import EngineFailed, OutOfMemory, PhotoError
from processing.jobs import results
from processing.jobs.batch import claim_batch, run_together
from processing.jobs.claim import Claim, ClaimLost, is_last
from processing.jobs.editing import edit_and_store, open_own_picture
from processing.jobs.heartbeat import Heartbeat, Hold
from processing.jobs.serving import served_here
from processing.jobs.warm import batch_size, warm
from processing.limits import photo_limits
from processing.models import Blob, Edit, Task, kind_at, version_of
from processing.storage import KeyGone, SealBroken, read_blob

log = logging.getLogger(__name__)


def run_next() -> bool:
    """Claims and runs the oldest waiting job, where it pays together with others that go through
    the same model; False when nothing waits."""
    _, heartbeat = warm()
    try:
        claims = claim_batch(served_here(), lambda first: _room_beside(first, heartbeat))
        heartbeat.watch(*claims)
        if len(claims) > 1:
            matter, _ = warm(claims[0].job.model_asked)
            run_together(claims, heartbeat, matter, _run_to_its_end)
        elif claims:
            _run_to_its_end(claims[0], heartbeat)
    finally:
        heartbeat.watch(None)
    if cut_outs := [claim for claim in claims if claim.job.task == Task.CUT_OUT]:
        heartbeat.load.add(len(cut_outs))
    return bool(claims)


def _room_beside(first: Claim, heartbeat: Heartbeat) -> int:
    """How many run together. Its model is opened here, which can take longer than a lease."""
    heartbeat.watch(first)
    try:
        return batch_size(warm(first.job.model_asked)[0])
    except Exception:  # noqa: BLE001  By itself it comes to this again, and to an end with a reason.
        return 1


def _run_to_its_end(claim: Claim, hold: Hold, matter: Matter | None = None) -> None:
    """Every end is recorded as the job's; none is raised but what ends the process."""
    try:
        _run(claim, hold, matter)
    except ClaimLost:
        results.discard(claim)
        log.info("%s was taken away; what it had stored is removed", claim.job)


def _run(claim: Claim, hold: Hold, matter: Matter | None) -> None:
    """Raises ClaimLost. Every other end is recorded as the job's. `matter`: None is its own."""
    try:
        _work(claim, hold, matter)
    except PhotoError as error:
        if _ran_out_of_time(error):
            results.fail(claim, "timed_out")
        elif isinstance(error, EngineFailed):
            _try_again(claim, error.__cause__ or error)
        else:
            _fail(claim, error.code)
    except SoftTimeLimitExceeded:
        results.fail(claim, "timed_out")
    except MemoryError as error:
        traceback.clear_frames(error.__traceback__)  # They hold what there was too much of.
        _fail(claim, "out_of_memory")
    except (KeyGone, SealBroken, FileNotFoundError, Blob.DoesNotExist, Edit.DoesNotExist) as error:
        log.error(  # noqa: TRY400
            "%s: the original or its mask cannot be opened: %s", claim.job, type(error).__name__
        )
        results.fail(claim, "engine_failed")
    except ClaimLost:
        raise
    except Exception as error:  # noqa: BLE001  Whatever it is, the job gets an end.
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            results.fail(claim, "storage_full")
        else:
            _try_again(claim, error)


def _work(claim: Claim, hold: Hold, matter: Matter | None) -> None:
    if claim.job.task == Task.RENDER:
        render_and_store(claim, hold)
    elif claim.job.task == Task.EDIT:
        edit_and_store(claim, hold, _read)
    else:
        _cut_out_and_store(claim, hold, matter or warm(claim.job.model_asked)[0])


def _fail(claim: Claim, code: str) -> None:
    """A photo for which there is no memory beside others may have all of it the next time."""
    if claim.together and code == OutOfMemory.code:
        results.give_back(claim)
    else:
        results.fail(claim, code)


def _try_again(claim: Claim, error: BaseException) -> None:
    """Logs the kind of error and where, never its text: it can hold content or a name."""
    log.error("%s failed at attempt %d: %s", claim.job, claim.attempt, _where(error))
    if is_last(claim.attempt):
        results.fail(claim, "engine_failed")
    else:
        results.give_back(claim)


def _cut_out_and_store(claim: Claim, hold: Hold, matter: Matter) -> None:
    started = time.perf_counter()
    image_key = claim.image.open_key()
    photo = _read(claim, image_key, "original")
    opened = time.perf_counter()
    cutout = cut_out(photo, Options(), matter, photo_limits())
    hold.check()
    encoded = _store_all(claim, hold, image_key, cutout)
    results.finish(
        claim,
        cutout.width,
        cutout.height,
        model=cutout.model,
        model_version=cutout.model_version,
        little_found=cutout.shows_little,
        timings={
            "open": _ms(opened - started),
            **cutout.timings,
            **encoded,
            "total": _ms(time.perf_counter() - started),
        },
    )


def render_and_store(claim: Claim, hold: Hold) -> None:
    """One more file from the original and its mask; the model has nothing to do with it.

    Raises what the engine raises, and ClaimLost.
    """
    started = time.perf_counter()
    image_key, options = claim.image.open_key(), Options.parse(claim.job.options)
    version = version_of(claim.job.output)
    kinds = ("original", kind_at(version, "mask.png"))
    photo, mask = (_read(claim, image_key, kind) for kind in kinds)
    picture = open_own_picture(claim, image_key, version, options, _read)
    opened = time.perf_counter()
    rendered = render(reopen(photo, mask, options, photo_limits()), options, picture)
    made = time.perf_counter()
    hold.check()
    results.reserve(claim, [claim.job.output])
    results.store(claim, image_key, claim.job.output, rendered.content)
    ended = time.perf_counter()
    results.finish_rendering(
        claim,
        timings={
            "open": _ms(opened - started),
            "render": _ms(made - opened),
            "store": _ms(ended - made),
            "total": _ms(ended - started),
        },
    )


def _read(claim: Claim, image_key: bytes, kind: str) -> bytes:
    """All of the latest blob of a kind. Raises Blob.DoesNotExist, and what `read_blob` raises."""
    blob = claim.image.blobs.filter(kind=kind, stored=True).latest("generation")
    return b"".join(read_blob(image_key, claim.image.prefix, blob.generation, kind))


def _store_all(claim: Claim, hold: Hold, image_key: bytes, cutout: Cutout) -> dict[str, float]:
    # A format that cannot hold a photo this large is left out: the others are still wanted.
    kinds = [one for one in results.RESULT_KINDS if fits(one, cutout.width, cutout.height)]
    results.reserve(claim, kinds)
    spent = {}
    for kind in kinds:
        start = time.perf_counter()
        results.store(claim, image_key, kind, encode(cutout, kind))
        hold.check()
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
