"""What a worker process keeps warm: its models, its limits, its heartbeat."""

import logging
import os
import resource

from django.conf import settings

from processing.engine import Matter, find_card, load_matter, needs_weights, weights_path
from processing.engine.devices import is_gpu
from processing.jobs.heartbeat import Heartbeat
from processing.jobs.serving import served_here
from processing.jobs.shelf import Shelf

log = logging.getLogger(__name__)
ON_A_GPU, ON_A_CPU = 8, 1
# Of a worker's memory: weights take about as much again while a photo is in the model.
SHARE_OF_WEIGHTS = 0.25
_shelf: Shelf | None = None
_heartbeat: Heartbeat | None = None


def warm_up() -> None:
    """Loads the first model and starts the heartbeat; once per process.

    Raises processing.engine.errors.SetupError when the model or the device cannot be used.
    """
    global _shelf, _heartbeat  # noqa: PLW0603  A process has one set of models.
    _limit_memory(settings.WORKER_MEMORY_BYTES)
    room = int(settings.WORKER_MEMORY_BYTES * SHARE_OF_WEIGHTS)
    _shelf = Shelf(_open, _weigh, room)
    _heartbeat = _start_heartbeat(_shelf.take(_first()))


def cool_down() -> None:
    global _shelf, _heartbeat  # noqa: PLW0603
    if _heartbeat is not None:
        _heartbeat.stop()
    _shelf = _heartbeat = None


def warm(asked: str = "") -> tuple[Matter, Heartbeat]:
    """The model that a job asks for ("" is the site's own) and the heartbeat of this process, made
    now if need be.

    Raises SetupError where that model cannot be opened.
    """
    global _heartbeat  # noqa: PLW0603
    if _shelf is None or _heartbeat is None:
        warm_up()
    assert _shelf is not None
    assert _heartbeat is not None
    first = _shelf.take(_first())
    if not _heartbeat.is_alive():  # Out of memory, say: without it every job would be taken away.
        _heartbeat = _start_heartbeat(first)
    return (_shelf.take(asked) if asked else first), _heartbeat


def batch_size(matter: Matter) -> int:
    """How many photos go through this model in one call."""
    return settings.BATCH or (ON_A_GPU if is_gpu(matter.provider) else ON_A_CPU)


def _first() -> str:
    """Warm from the start: what photos are cut out with when nothing else is asked for."""
    first: str = settings.MODEL if settings.MODEL in settings.MODELS else settings.MODELS[0]
    return first


def _open(name: str) -> Matter:
    matter = load_matter(
        name,
        settings.MODELS_DIR,
        device=settings.DEVICE,
        threads=settings.WORKER_THREADS or _fair_share(),
        allowed_licences=settings.ALLOWED_LICENCES,
    )
    log.info("ready: model %s %s on %s", matter.name, matter.version, matter.provider)
    return matter


def _weigh(name: str) -> int:
    if not needs_weights(name):
        return 0
    return (
        weights_path(find_card(name, settings.ALLOWED_LICENCES), settings.MODELS_DIR).stat().st_size
    )


def _start_heartbeat(matter: Matter) -> Heartbeat:
    heartbeat = Heartbeat(matter.name, matter.version, matter.provider, served_here())
    heartbeat.start()
    return heartbeat


def _fair_share() -> int:
    return max(1, len(os.sched_getaffinity(0)) // settings.WORKER_CONCURRENCY)


def _limit_memory(most: int) -> None:
    """An allocation beyond the limit fails here, in this process, as a MemoryError.

    RLIMIT_DATA counts what is really writable; RLIMIT_AS would also count address space that
    libraries reserve and never use. Core dumps would write photos to disk.
    """
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
