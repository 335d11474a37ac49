"""Editing: a new version of an image, made from strokes and options, or a way back to an old one.

A version never changes and the model's mask stays, so nothing that somebody saved is lost by what
anybody saves later. What a version brings along is stored before the version is there, under a job
that nobody else can have yet: erasing waits for that job's writer as it waits for a worker.
"""

import errno
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.audit import Actor, note
from accounts.models import Action
from processing import tasks
from processing.engine import HEAD_BYTES, EmptyFile, EngineFailed, Options, TooLarge, check_head
from processing.engine.choices import Picture
from processing.engine.errors import BadOption
from processing.engine.strokes import Stroke, check_effort, read_strokes, write_strokes
from processing.errors import (
    ERRORS,
    NotReady,
    RenderingsWaiting,
    StorageFull,
    TooManyVersions,
    VersionConflict,
)
from processing.flows.render import model_of
from processing.jobs import results
from processing.jobs.claim import Claim, ClaimLost, lock, queue_again
from processing.limits import photo_limits
from processing.models import Edit, Image, Job, JobState, Life, Task, database_now, kind_at
from processing.phrases import phrase
from processing.retention import erase

MOST = 50  # Versions of one image.
MOST_WAITING = 4  # Of one image.
MOST_WAITING_TOGETHER = 48  # In one workspace: they go before everybody's cut-outs.
MOST_PICTURE_BYTES = 10_000_000
OWN = "0" * 64
"""What stands for the hash of the picture that a version brought: no hash of it is stored."""
# What a version says is how it is shown. Each file has its own format and size.
SHOWN_BY = (
    *("preset", "canvas", "crop", "crop_margin", "scale", "position"),
    *("bg_color", "bg_gradient", "bg_blur", "bg_image"),
    *("shadow", "shadow_opacity", "shadow_blur", "shadow_distance", "shadow_angle", "shadow_color"),
    "despill",
)
_OPEN = (JobState.QUEUED, JobState.RUNNING)
_PLAIN = Options()


@dataclass(frozen=True)
class Wanted:
    """A version as somebody sends it. `base` is the version that it is put on, None whichever is
    the latest; `keeps` the one that it was made from, None the base: the strokes are that one's
    where `strokes` (JSON) is None, and so is a picture that is meant and not brought."""

    options: Mapping[str, Any]
    base: int | None = None
    strokes: str | None = None
    picture: bytes | None = None
    keeps: int | None = None


@dataclass(frozen=True)
class _Checked:
    options: Options
    strokes: tuple[Stroke, ...] | None
    picture: bytes | None
    keeps: int | None

    def brings(self) -> dict[str, bytes]:
        """The kinds of blobs that come with it, and what is in them."""
        found = {results.STROKES: write_strokes(self.strokes)} if self.strokes else {}
        return found | ({results.PICTURE: self.picture} if self.picture else {})

    def fingerprint(self, image: Image) -> str:
        """By the image's key, so that without it nothing is told of what is in it."""
        strokes = None if self.strokes is None else write_strokes(self.strokes).decode()
        picture = hashlib.sha256(self.picture).hexdigest() if self.picture else ""
        said = [self.options.to_dict(), strokes, picture, self.keeps]
        text = json.dumps(said, sort_keys=True)
        return hmac.new(image.open_key(), text.encode(), "sha256").hexdigest()


def save(image: Image, wanted: Wanted, by: Actor) -> Edit:
    """The new version, for a worker to make; the one that there is, where it was saved before.

    Raises BadOption, BadStroke, TooManyStrokes and what a photo is refused with, for a picture;
    VersionConflict where the base is not the latest any more; NotCutOut, TooManyVersions,
    RenderingsWaiting, StorageFull; Image.DoesNotExist or storage.KeyGone for one that is gone.
    """
    checked = _check(image, wanted)
    fingerprint = checked.fingerprint(image)
    with transaction.atomic():
        now = database_now()
        locked = _lock(image, now)
        base = locked.head if wanted.base is None else wanted.base
        if (earlier := _find_earlier(locked, base, fingerprint)) is not None:
            return _take_up(earlier, locked, now, by)
        _check_room(locked, base)
        edit = Edit(image=locked, base=base, fingerprint=fingerprint, number=_next_number(locked))
        _fill(edit, checked)
        job = _open_job(edit, now, writing=bool(checked.brings()))
        if job.state == JobState.QUEUED:
            return _record(edit, job, now, by)
    return _store_first(edit, Claim(job, locked, job.attempts), checked, by)


def check(wanted: Wanted) -> None:
    """What can be said of it before it is known for which image. Raises BadOption, and what a photo
    is refused with, for a picture."""
    _read_options(wanted.options)
    _check_picture(wanted.picture)


def choose(image: Image, number: int, by: Actor) -> None:
    """Back to a version, or forward: its files are given out from now on.

    Raises Image.DoesNotExist for one that is not there, NotReady or what it has failed with.
    """
    with transaction.atomic():
        locked = _lock(image, database_now())
        if number:
            job = _job_of(locked, number)
            if job is None or not locked.edits.filter(number=number).exists():
                raise Image.DoesNotExist
            if job.state == JobState.FAILED:
                raise ERRORS.get(job.error_code, EngineFailed)
            if job.state != JobState.DONE:
                raise NotReady
        if (locked.head, locked.version) != (number, number):
            Image.objects.filter(pk=locked.pk).update(head=number, version=number)
            _note(locked, number, by)


def _check(image: Image, wanted: Wanted) -> _Checked:
    options = _read_options(wanted.options)
    strokes = None if wanted.strokes is None else read_strokes(wanted.strokes)
    if strokes:
        check_effort(strokes, image.width or 1, image.height or 1)
    _check_picture(wanted.picture)
    if wanted.picture:
        options = replace(options, background=Picture(OWN))
    keeps = None if wanted.keeps == wanted.base else wanted.keeps
    return _Checked(options, strokes, wanted.picture, keeps)


def _check_picture(picture: bytes | None) -> None:
    if picture is None:
        return
    if not picture:
        raise EmptyFile
    if len(picture) > MOST_PICTURE_BYTES:
        raise TooLarge.over(MOST_PICTURE_BYTES)
    check_head(picture[:HEAD_BYTES], photo_limits())


def _read_options(sent: Mapping[str, Any]) -> Options:
    """Only what a version says; of a preset the rest is left to each file."""
    for name in sent:
        if name not in SHOWN_BY:
            raise BadOption(
                phrase(
                    "A version has no such option. Send only %(names)s.",
                    names=", ".join(SHOWN_BY),
                )
            )
    options = replace(Options.parse(sent), format="png", quality=None)
    if isinstance(options.background, Picture) and options.background.sha256 != OWN:
        raise BadOption.named("bg_image", phrase("the picture itself, in the field picture"))
    return options


def _lock(image: Image, now: datetime) -> Image:
    """Behind the lock that erasing takes. Raises Image.DoesNotExist."""
    live = Image.objects.readable(now).select_for_update(no_key=True, of=("self",))
    return live.select_related("workspace__owner").get(pk=image.pk)


def _find_earlier(image: Image, base: int, fingerprint: str) -> Edit | None:
    return Edit.objects.filter(image=image, base=base, fingerprint=fingerprint).first()


def _take_up(edit: Edit, image: Image, now: datetime, by: Actor) -> Edit:
    """Saved before. What had failed is tried again; what had been left for its base is back."""
    job = _job_of(image, edit.number)
    if job is not None and job.state == JobState.FAILED:
        _check_waiting(image)
        queue_again(job, now)
        model = job.model_asked
        transaction.on_commit(lambda: tasks.ring(model))
    if image.head == edit.base:
        done = job is not None and job.state == JobState.DONE
        shown = {"version": edit.number} if done else {}
        Image.objects.filter(pk=image.pk).update(head=edit.number, **shown)
        _note(image, edit.number, by)
    return edit


def _check_room(image: Image, base: int) -> None:
    """Needs the image's lock."""
    _check_base(image, base)
    if Job.objects.filter(image=image, task=Task.EDIT).count() >= MOST:
        raise TooManyVersions
    _check_waiting(image)


def _check_waiting(image: Image) -> None:
    """Of what is tried again, too. Needs the image's lock."""
    waiting = Job.objects.filter(task=Task.EDIT, state__in=_OPEN)
    if waiting.filter(image=image).count() >= MOST_WAITING:
        raise RenderingsWaiting
    if waiting.filter(image__workspace_id=image.workspace_id).count() >= MOST_WAITING_TOGETHER:
        raise RenderingsWaiting


def _check_base(image: Image, base: int) -> None:
    """Whoever did not see the latest version does not put theirs before it unasked."""
    if base != image.head:
        raise VersionConflict


def _next_number(image: Image) -> int:
    """One that no job has had: what a writer who died has left is nobody else's."""
    outputs = Job.objects.filter(image=image, task=Task.EDIT).values_list("output", flat=True)
    return 1 + max((int(one.removeprefix("v")) for one in outputs), default=0)


def _fill(edit: Edit, checked: _Checked) -> None:
    """Where its strokes and its picture are: with itself, or with a version before it."""
    kept = edit.base if checked.keeps is None else checked.keeps
    before = Edit.objects.filter(image=edit.image, number=kept).first()
    if kept and before is None:
        raise BadOption.named("keeps", phrase("the number of a version of this image"))
    edit.options = checked.options.to_dict()
    edit.strokes = before.strokes if before and checked.strokes is None else 0
    if checked.strokes:
        edit.strokes = edit.number
    if isinstance(checked.options.background, Picture):
        edit.picture = edit.number if checked.picture else (before.picture if before else 0)
        if not edit.picture:
            raise BadOption.named("bg_image", phrase("the picture itself, in the field picture"))


def _open_job(edit: Edit, now: datetime, *, writing: bool) -> Job:
    """For a worker, or, while its strokes and its picture are being stored, for who stores them."""
    lease = now + erase.longest_job() if writing else None
    job = Job(
        image=edit.image,
        task=Task.EDIT,
        output=f"v{edit.number}",
        state=JobState.RUNNING if writing else JobState.QUEUED,
        model_asked=model_of(edit.image),
        lease_until=lease,
        started_at=now if writing else None,
        queued_at=now,
    )
    job.save()
    return job


def _store_first(edit: Edit, claim: Claim, checked: _Checked, by: Actor) -> Edit:
    try:
        image_key, brings = claim.image.open_key(), checked.brings()
        results.reserve(claim, [kind_at(edit.number, kind) for kind in brings])
        for kind, content in brings.items():
            results.store(claim, image_key, kind_at(edit.number, kind), content)
        with transaction.atomic():
            now = database_now()
            job = lock(claim, now)
            locked = _lock(claim.image, now)
            if (earlier := _find_earlier(locked, edit.base, edit.fingerprint)) is None:
                _check_base(locked, edit.base)
                return _record(edit, job, now, by)
        _let_go(claim)
    except ClaimLost:
        results.discard(claim)
        raise Image.DoesNotExist from None
    except BaseException as error:
        _let_go(claim)
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        if isinstance(error, Exception) and not _is_live(claim.image):
            # Whoever erased it has taken the upload in the bucket away.
            raise Image.DoesNotExist from error
        raise
    return earlier


def _is_live(image: Image) -> bool:
    return Image.objects.filter(pk=image.pk, life=Life.LIVE).exists()


def _let_go(claim: Claim) -> None:
    """Nothing came of it: neither its job nor what it had stored is left."""
    results.discard(claim)
    Job.objects.filter(pk=claim.job.pk, state=JobState.RUNNING, attempts=claim.attempt).delete()


def _record(edit: Edit, job: Job, now: datetime, by: Actor) -> Edit:
    """The version is there, the latest, and waits for a worker. Needs the image's lock."""
    edit.saved_at = now
    edit.save()
    job.state, job.lease_until, job.started_at, job.queued_at = JobState.QUEUED, None, None, now
    job.save()
    Image.objects.filter(pk=edit.image_id).update(head=edit.number)
    _note(edit.image, edit.number, by)
    model = job.model_asked
    transaction.on_commit(lambda: tasks.ring(model))
    return edit


def _job_of(image: Image, number: int) -> Job | None:
    return Job.objects.filter(image=image, task=Task.EDIT, output=f"v{number}").first()


def _note(image: Image, number: int, by: Actor) -> None:
    owner, detail = image.workspace.owner, f"version {number}"
    note(Action.IMAGE_EDITED, owner=owner, by=by, image_id=image.pk, detail=detail)
