"""Making a version: the model's mask with strokes on it, and the files that are made from that.

The model has nothing to do with it. Version 0 stays as it is: every version is made from it anew.
"""

import time
from collections.abc import Callable
from typing import Any

from processing.engine import Cutout, Options, encode, open_picture, render, reopen
from processing.engine.choices import Picture
from processing.engine.files import FILE_OPTIONS
from processing.engine.strokes import Stroke, read_strokes
from processing.jobs import results
from processing.jobs.claim import Claim
from processing.jobs.heartbeat import Hold
from processing.limits import photo_limits
from processing.models import Edit, kind_at

Read = Callable[[Claim, bytes, str], bytes]
MASK = "mask.png"
# What is shown as the version says; the mask stays that of the whole photo, to be worked on.
SHOWN = tuple(kind for kind in results.RESULT_KINDS if kind != MASK)


def edit_and_store(claim: Claim, hold: Hold, read: Read) -> None:
    """`read` opens the latest blob of a kind. Raises what the engine raises, and ClaimLost."""
    started = time.perf_counter()
    image_key, number = claim.image.open_key(), int(claim.job.output.removeprefix("v"))
    edit = Edit.objects.get(image_id=claim.image.pk, number=number)
    cutout = _open(claim, image_key, edit, read)
    opened = time.perf_counter()
    hold.check()
    kinds = (MASK, *SHOWN)
    results.reserve(claim, [kind_at(number, kind) for kind in kinds])
    results.store(claim, image_key, kind_at(number, MASK), encode(cutout, MASK))
    picture = open_own_picture(claim, image_key, number, Options.parse(edit.options), read)
    for kind in SHOWN:
        options = shown_as(edit.options, FILE_OPTIONS[kind])
        content = render(cutout, options, picture).content
        hold.check()
        results.store(claim, image_key, kind_at(number, kind), content)
    ended = time.perf_counter()
    results.finish_version(
        claim,
        number,
        timings={
            "open": round((opened - started) * 1000, 1),
            "total": round((ended - started) * 1000, 1),
        },
    )


def shown_as(version: dict[str, Any], file: Options) -> Options:
    """A file's own size and format, and what the version says of everything else."""
    return Options.over(version, file.to_dict())


def open_own_picture(
    claim: Claim, image_key: bytes, version: int, options: Options, read: Read
) -> Any:
    """The picture that the options put behind the subject, which the version brought; or None."""
    if not isinstance(options.background, Picture):
        return None
    edit = Edit.objects.get(image_id=claim.image.pk, number=version)
    content = read(claim, image_key, kind_at(edit.picture, results.PICTURE))
    return open_picture(content, photo_limits())


def _open(claim: Claim, image_key: bytes, edit: Edit, read: Read) -> Cutout:
    photo, mask = read(claim, image_key, "original"), read(claim, image_key, MASK)
    strokes: tuple[Stroke, ...] = ()
    if edit.strokes:
        strokes = read_strokes(read(claim, image_key, kind_at(edit.strokes, results.STROKES)))
    return reopen(photo, mask, Options(), photo_limits(), strokes)
