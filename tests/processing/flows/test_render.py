"""Asking for a rendering: once for the same options, bounded, and never of what is not there."""

import threading
import time
from datetime import timedelta

import pytest

from accounts.models import User
from processing.engine import FILES, Options, encode
from processing.engine.errors import BadOption, EngineFailed, TooManyPixels
from processing.engine.files import FILE_OPTIONS
from processing.errors import NotCutOut, NotReady, RenderingsWaiting, TooManyRenderings
from processing.flows import render
from processing.flows.render import ask, kind_of, look, wait_for
from processing.jobs import results
from processing.jobs.claim import MOST_ATTEMPTS, claim_next
from processing.models import Blob, Image, Job, JobState, Reason, Task, database_now
from processing.retention import erase
from processing.storage import read_blob
from tests import cast, photos

WEBP = FILE_OPTIONS["cutout.webp"]
SMALL = Options(format="webp", size="preview", despill=False)


def of_quality(number: int) -> Options:
    return Options(format="jpg", quality=number)


@pytest.fixture
def image(owner: User) -> Image:
    return cast.finish(cast.submit(owner))


def renderings() -> list[Job]:
    return list(Job.objects.filter(task=Task.RENDER).order_by("queued_at"))


def test_it_waits_for_a_worker_and_is_ready_then(image: Image) -> None:
    asked = ask(image, SMALL)
    assert (asked.state, asked.ready) == (JobState.QUEUED, False)
    (job,) = renderings()
    assert (job.output, job.options) == (asked.kind, SMALL.to_dict())
    assert Options.parse(job.options) == SMALL
    assert cast.render(image, SMALL) == [asked.kind]
    assert look(image.pk, asked.kind).ready
    assert ask(image, SMALL).ready


def test_asked_for_twice_it_is_made_once(image: Image) -> None:
    assert ask(image, SMALL) == ask(image, SMALL)
    assert len(renderings()) == 1


@pytest.mark.parametrize("file", ["cutout.png", "mask.png"])
def test_what_is_stored_is_not_made_again(image: Image, file: str) -> None:
    asked = ask(image, FILE_OPTIONS[file])
    assert (asked.kind, asked.ready) == (file, True)
    assert renderings() == []


def test_a_kind_is_short_and_says_the_format() -> None:
    kinds = {kind_of(Options(format=one, size="hd")) for one in ("png", "webp", "jpg", "avif")}
    kinds.add(kind_of(Options(format="zip")))
    assert {kind.partition(".")[2] for kind in kinds} == {"png", "webp", "jpg", "avif", "zip"}
    longest = Blob._meta.get_field("kind").max_length
    assert all(len(kind) <= (longest or 0) for kind in kinds)
    assert all(kind_of(options) == file for file, options in FILE_OPTIONS.items())


@pytest.mark.parametrize(
    "options",
    [
        Options(refine="off"),
        Options(keep_transparency=False),
        Options.parse({"bg_image": "0" * 64}),
    ],
)
def test_what_a_mask_cannot_give_is_refused(image: Image, options: Options) -> None:
    with pytest.raises(BadOption):
        ask(image, options)
    assert renderings() == []


def test_nothing_is_made_of_what_is_not_cut_out(owner: User) -> None:
    waiting, failed = cast.submit(owner), cast.submit(owner)
    Job.objects.filter(image=failed).update(state=JobState.FAILED)
    for image in (waiting, failed):
        with pytest.raises(NotCutOut):
            ask(image, SMALL)
    assert renderings() == []


def test_nothing_is_made_of_what_is_due_or_erased(image: Image) -> None:
    cast.age(image, timedelta(hours=23))
    with pytest.raises(Image.DoesNotExist):
        ask(image, SMALL)
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    with pytest.raises(Image.DoesNotExist):
        ask(image, SMALL)
    assert renderings() == []


def test_so_many_wait_for_one_image(image: Image, owner: User) -> None:
    for number in range(render.MOST_WAITING):
        ask(image, of_quality(50 + number))
    with pytest.raises(RenderingsWaiting):
        ask(image, SMALL)
    assert ask(image, of_quality(50)).state == JobState.QUEUED, "what waits already is joined"


def test_so_many_wait_for_one_workspace(owner: User, outsider: User) -> None:
    theirs = cast.finish(cast.submit(outsider))
    first = [cast.finish(cast.submit(owner)) for _ in range(4)]
    for number in range(render.MOST_WAITING_TOGETHER):
        ask(first[number % 3], of_quality(50 + number // 3))
    with pytest.raises(RenderingsWaiting):
        ask(first[3], SMALL)
    assert ask(theirs, SMALL).state == JobState.QUEUED


def test_so_many_are_made_of_one_image(image: Image) -> None:
    for number in range(render.MOST):
        ask(image, of_quality(50 + number))
        Job.objects.filter(task=Task.RENDER).update(state=JobState.DONE)
    with pytest.raises(TooManyRenderings):
        ask(image, SMALL)


def test_renderings_go_before_cut_outs(owner: User, image: Image) -> None:
    waiting = cast.submit(owner)
    ask(image, SMALL)
    claims = [claim_next(database_now()) for _ in range(2)]
    assert [(one.job.task, one.image) for one in claims if one] == [
        (Task.RENDER, image),
        (Task.CUT_OUT, waiting),
    ]


def test_what_failed_can_be_asked_for_again_and_is_another_attempt(image: Image) -> None:
    kind = ask(image, SMALL).kind
    claim = claim_next(database_now())
    assert claim is not None
    results.fail(claim, "storage_full")
    assert look(image.pk, kind).error_code == "storage_full"
    assert ask(image, SMALL).state == JobState.QUEUED
    again = claim_next(database_now())
    assert again is not None
    assert (again.attempt, again.job.pk) == (MOST_ATTEMPTS + 1, claim.job.pk)
    # The worker of the first comes back late, and takes nothing away.
    results.reserve(again, [kind])
    results.store(again, image.open_key(), kind, b"content")
    results.discard(claim)
    assert Blob.objects.get(image=image, kind=kind).stored
    results.finish_rendering(again)
    assert b"".join(read_blob(image.open_key(), image.prefix, again.attempt, kind)) == b"content"


def test_waiting_ends_with_the_file(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.start_worker()
    asked = ask(image, SMALL)
    monkeypatch.setattr(time, "sleep", lambda _: cast.render(image, SMALL))
    assert wait_for(asked, 5).ready


def test_waiting_ends_after_its_time(image: Image) -> None:
    cast.start_worker()
    with pytest.raises(NotReady):
        wait_for(ask(image, SMALL), 0.05)


def test_nobody_waits_where_nobody_works(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: float) -> None:
        raise AssertionError("waited")

    monkeypatch.setattr(time, "sleep", never)
    with pytest.raises(NotReady):
        wait_for(ask(image, SMALL), 5)


def test_only_so_many_threads_wait(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.start_worker()
    monkeypatch.setattr(render, "_SEATS", threading.BoundedSemaphore(1))
    refused: list[bool] = []

    def come_too(_: float) -> None:
        with pytest.raises(NotReady):
            wait_for(ask(image, WEBP), 5)
        refused.append(True)
        cast.render(image, SMALL)

    asked = ask(image, SMALL)
    monkeypatch.setattr(time, "sleep", come_too)
    assert wait_for(asked, 5).ready
    assert refused == [True]


@pytest.mark.parametrize(
    ("code", "error"), [("too_many_pixels", TooManyPixels), ("no_such_code", EngineFailed)]
)
def test_waiting_ends_with_the_error_of_its_job(
    image: Image, monkeypatch: pytest.MonkeyPatch, code: str, error: type[Exception]
) -> None:
    cast.start_worker()
    asked = ask(image, SMALL)
    monkeypatch.setattr(time, "sleep", lambda _: cast.fail(image, code))
    with pytest.raises(error):
        wait_for(asked, 5)


def test_waiting_ends_when_the_image_is_erased(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.start_worker()
    asked = ask(image, SMALL)
    now = database_now()
    monkeypatch.setattr(time, "sleep", lambda _: erase.begin(image, now, Reason.ASKED_FOR))
    with pytest.raises(Image.DoesNotExist):
        wait_for(asked, 5)


def test_the_cut_outs_own_files_are_no_rendering(owner: User) -> None:
    """Or a rendering that fails would take them away."""
    image = cast.start(cast.submit(owner)).image
    for file in ("cutout.png", "mask.png"):
        with pytest.raises(NotCutOut):
            ask(image, FILE_OPTIONS[file])
    assert renderings() == []


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_the_same_bytes_by_either_way(owner: User, file: str) -> None:
    """Made with the cut-out, as the engine's `encode` does, or later, from the stored mask."""
    photo = photos.draw(120, 80)
    image = cast.finish(cast.submit(owner, photo), photo)
    if file not in results.RESULT_KINDS:
        assert cast.render(image, FILE_OPTIONS[file]) == [file]
    blob = Blob.objects.get(image=image, kind=file, stored=True)
    made = b"".join(read_blob(image.open_key(), image.prefix, blob.generation, file))
    assert made == encode(cast.cut(photo), file)
