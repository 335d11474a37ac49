"""Rendering: one more file of an image, made by a worker from its original and mask, when asked.

The same options are the same rendering: asked for twice it is made once, and asking again is
harmless. What is made is a copy like any other: sealed under the image's prefix, gone with it.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from processing import tasks
from processing.engine import EngineFailed, Options
from processing.engine.choices import Picture
from processing.engine.errors import BadOption
from processing.engine.files import FILE_OPTIONS
from processing.errors import ERRORS, NotCutOut, NotReady, RenderingsWaiting, TooManyRenderings
from processing.jobs.claim import queue_again
from processing.jobs.reap import worker_up
from processing.jobs.results import RESULT_KINDS
from processing.models import (
    Blob,
    Edit,
    Image,
    Job,
    JobState,
    Task,
    database_now,
    kind_at,
    options_at,
    version_of,
)
from processing.phrases import phrase

MOST = 32  # Of one version of an image, for as long as it lives.
MOST_WAITING = 8  # Of one image.
MOST_WAITING_TOGETHER = 24  # In one workspace: they go before everybody's cut-outs.
LOOKS = (0.02, 0.1)  # Seconds between two looks at the job: the first pause, and the longest.
_OPEN = (JobState.QUEUED, JobState.RUNNING)
# Who waits holds a thread of the web process; all others are there for everybody else.
_SEATS = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 3))
_PLAIN = Options()
_FIXED = {options.digest(): file for file, options in FILE_OPTIONS.items()}


@dataclass(frozen=True)
class Rendering:
    """`kind` is its blob's; `error_code` says why it failed, `size` is known once it is ready."""

    image_id: UUID
    kind: str
    state: JobState
    error_code: str = ""
    size: int | None = None

    @property
    def ready(self) -> bool:
        return self.state == JobState.DONE


def kind_of(asked: Options, shown: Options | None = None, version: int = 0) -> str:
    """The kind of the blob that holds this rendering: the same for the same options.

    A fixed file's name where the options are that file's. 40 bits tell the few of one image apart.
    `shown` is what they come to on a version: another version's file is another rendering.
    """
    shown = shown or asked
    file = _FIXED.get(asked.digest()) or f"r{shown.digest()[:10]}.{shown.format}"
    return kind_at(version, file)


def ask(image: Image, wanted: Options | Mapping[str, Any]) -> Rendering:
    """Of the image's version. Ready, or waiting for a worker, whoever asked for it first.

    What is not wanted otherwise is as the version says. Raises BadOption for what only another mask
    or another picture could give; NotCutOut, TooManyRenderings, RenderingsWaiting;
    Image.DoesNotExist for an image that is due or erased.
    """
    asked = wanted if isinstance(wanted, Options) else Options.parse(wanted)
    _check_possible(asked)
    plain = wanted.to_dict() if isinstance(wanted, Options) else wanted
    version = 0 if asked.channels == "rgb" else image.version  # The photo itself never changes.
    options = Options.over(_shown_at(image, version), plain)
    kind = kind_of(asked, options, version)
    if (size := _size_of(image.pk, kind)) is not None:
        return Rendering(image.pk, kind, JobState.DONE, size=size)
    if kind.removeprefix(f"v{version}.") in RESULT_KINDS:
        raise NotCutOut  # It comes with the cut-out, whose blobs are no other job's to touch.
    with transaction.atomic():
        now = database_now()
        # Behind the lock that erasing takes: no job comes to an image that is being erased.
        locked = Image.objects.readable(now).select_for_update(no_key=True).get(pk=image.pk)
        job = Job.objects.filter(image=locked, task=Task.RENDER, output=kind).first()
        if job is not None and (job.state in _OPEN or _size_of(locked.pk, kind) is not None):
            return _rendering(job)
        model = model_of(locked)
        _check_room(locked, version, job)
        job = job or Job(image=locked, task=Task.RENDER, output=kind, model_asked=model)
        job.options = options.to_dict()
        queue_again(job, now)
        transaction.on_commit(lambda: tasks.ring(model))
    return _rendering(job)


def look(image_id: UUID, kind: str) -> Rendering:
    """How far a rendering is. Raises Image.DoesNotExist where there is none (any more)."""
    if not kind.isprintable():
        raise Image.DoesNotExist  # PostgreSQL takes no zero byte, not even to look for it.
    job = Job.objects.filter(image_id=image_id, task=Task.RENDER, output=kind).first()
    if job is not None:
        return _rendering(job)
    if (size := _size_of(image_id, kind)) is None:
        raise Image.DoesNotExist
    return Rendering(image_id, kind, JobState.DONE, size=size)


def wait_for(rendering: Rendering, seconds: float) -> Rendering:
    """The rendering once it is ready.

    Raises NotReady after `seconds`, or at once where nobody works or too many wait already; the
    error that it failed with; Image.DoesNotExist when the image was erased meanwhile.
    """
    if not rendering.ready and not worker_up(database_now()):
        raise NotReady
    until, pause = time.monotonic() + seconds, LOOKS[0]
    if rendering.ready or not _SEATS.acquire(blocking=False):
        return _settled(rendering)
    try:
        while rendering.state in _OPEN and time.monotonic() < until:
            time.sleep(pause)
            pause = min(pause * 1.5, LOOKS[1])
            rendering = look(rendering.image_id, rendering.kind)
    finally:
        _SEATS.release()
    return _settled(rendering)


def _settled(rendering: Rendering) -> Rendering:
    if rendering.state == JobState.FAILED:
        raise ERRORS.get(rendering.error_code, EngineFailed)
    if not rendering.ready:
        raise NotReady
    return rendering


def _check_possible(options: Options) -> None:
    for name in ("refine", "keep_transparency"):
        if getattr(options, name) != getattr(_PLAIN, name):
            raise BadOption.named(name, phrase("it with a new photo: the mask of this one is made"))
    if isinstance(options.background, Picture):
        raise BadOption.named("bg_image", phrase("another background: no picture comes with this"))


def model_of(image: Image) -> str:
    """What its cut-out asked for: no model is needed, but whoever served that one is there."""
    done = Job.objects.filter(image=image, task=Task.CUT_OUT, state=JobState.DONE)
    asked = done.values_list("model_asked", flat=True).first()
    if asked is None:
        raise NotCutOut
    return asked


def _shown_at(image: Image, version: int) -> dict[str, Any]:
    """Raises Image.DoesNotExist where the image went while it was asked for."""
    try:
        return options_at(image.pk, version)
    except Edit.DoesNotExist:
        raise Image.DoesNotExist from None


def _check_room(image: Image, version: int, failed: Job | None) -> None:
    """Needs the image's lock, so that two who ask at once are counted one after the other."""
    renderings = Job.objects.filter(task=Task.RENDER)
    ours, waiting = renderings.filter(image=image), renderings.filter(state__in=_OPEN)
    outputs = ours.values_list("output", flat=True)
    if failed is None and sum(version_of(one) == version for one in outputs) >= MOST:
        raise TooManyRenderings.over(MOST)
    together = waiting.filter(image__workspace_id=image.workspace_id)
    if waiting.filter(image=image).count() >= MOST_WAITING:
        raise RenderingsWaiting
    if together.count() >= MOST_WAITING_TOGETHER:
        raise RenderingsWaiting


def _size_of(image_id: UUID, kind: str) -> int | None:
    """Bytes of what is stored; None where nothing is."""
    stored = Blob.objects.filter(image_id=image_id, kind=kind, stored=True)
    return stored.order_by("-generation").values_list("size", flat=True).first()


def _rendering(job: Job) -> Rendering:
    state = JobState(job.state)
    size = _size_of(job.image_id, job.output) if state == JobState.DONE else None
    return Rendering(job.image_id, job.output, state, job.error_code, size)
