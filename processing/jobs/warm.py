"""What a worker process keeps warm: its model, its limits, its heartbeat."""

import logging
import os
import resource

from django.conf import settings

from processing.engine import Matter, load_matter
from processing.jobs.heartbeat import Heartbeat

log = logging.getLogger(__name__)
_matter: Matter | None = None
_heartbeat: Heartbeat | None = None


def warm_up() -> None:
    """Loads the model and starts the heartbeat; once per process.

    Raises processing.engine.errors.SetupError when the model or the device cannot be used.
    """
    global _matter, _heartbeat  # noqa: PLW0603  A process has one model.
    _limit_memory(settings.WORKER_MEMORY_BYTES)
    _matter = load_matter(
        settings.MODEL,
        settings.MODELS_DIR,
        device=settings.DEVICE,
        threads=settings.WORKER_THREADS or _fair_share(),
    )
    log.info("ready: model %s %s on %s", _matter.name, _matter.version, _matter.provider)
    _heartbeat = _start_heartbeat(_matter)


def cool_down() -> None:
    global _matter, _heartbeat  # noqa: PLW0603
    if _heartbeat is not None:
        _heartbeat.stop()
    _matter = _heartbeat = None


def warm() -> tuple[Matter, Heartbeat]:
    """The model and the heartbeat of this process, made now if need be."""
    global _heartbeat  # noqa: PLW0603
    if _matter is None or _heartbeat is None:
        warm_up()
    assert _matter is not None
    assert _heartbeat is not None
    if not _heartbeat.is_alive():  # Out of memory, say: without it every job would be taken away.
        _heartbeat = _start_heartbeat(_matter)
    return _matter, _heartbeat


def _start_heartbeat(matter: Matter) -> Heartbeat:
    heartbeat = Heartbeat(matter.name, matter.version, matter.provider)
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
