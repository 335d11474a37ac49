"""Editing: versions on top of versions, nothing destroyed, nothing stored for what is gone."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from PIL import Image as Picture

from accounts.models import AuditEntry, User
from processing.engine import EmptyFile, NotAnImage, Options, TooLarge, TooManyPixels
from processing.engine.errors import BadOption, BadStroke, TooManyStrokes
from processing.errors import (
    NotCutOut,
    NotReady,
    RenderingsWaiting,
    StorageFull,
    TooManyVersions,
    VersionConflict,
)
from processing.flows import edit as edit_flow
from processing.flows.edit import OWN, Wanted, choose, save
from processing.flows.erase import erase_images
from processing.flows.render import ask
from processing.jobs import editing, reap, results, run
from processing.jobs.claim import claim_next
from processing.models import Blob, Edit, Image, Job, JobState, Task, database_now
from processing.retention import erase
from processing.storage import read_blob, stored_names
from tests import cast, photos
from tests.processing.jobs.conftest import warm

__all__ = ["warm"]
SIZE = (200, 150)
ERASED = json.dumps(
    [{"tool": "erase", "size": 0.2, "hardness": 1, "smart": False, "points": [[0.5, 0.5]]}]
)


@pytest.fixture
def image(owner: User) -> Image:
    photo = photos.draw(*SIZE)
    return cast.finish(cast.submit(owner, photo), photo)


def make(image: Image) -> None:
    """What a worker does with the job that waits."""
    editing.edit_and_store(cast._claim(image), cast.Quiet(), run._read)
    image.refresh_from_db()


def saved(
    image: Image, strokes: str | None = None, base: int | None = None, **options: Any
) -> Edit:
    wanted = Wanted(options, base, strokes)
    return save(image, wanted, cast.at_page(image.uploaded_by))


def put(image: Image, picture: bytes, **options: Any) -> Edit:
    return save(image, Wanted(options, picture=picture), cast.at_page(image.uploaded_by))


def plain(colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Picture.new("RGB", (10, 40), colour).save(out, "PNG")
    return out.getvalue()


def content(image: Image, kind: str) -> bytes:
    blob = image.blobs.filter(kind=kind, stored=True).latest("generation")
    return b"".join(read_blob(image.open_key(), image.prefix, blob.generation, kind))


def opened(image: Image, kind: str) -> Picture.Image:
    return Picture.open(io.BytesIO(content(image, kind)))


def jobs() -> list[Job]:
    return list(Job.objects.filter(task=Task.EDIT).order_by("queued_at"))


def test_a_version_is_made_from_strokes_and_options_and_version_0_stays(image: Image) -> None:
    before = {kind: content(image, kind) for kind in results.RESULT_KINDS}
    edit = saved(image, ERASED, bg_color="#00f")
    image.refresh_from_db()
    assert (edit.number, image.head, image.version) == (1, 1, 0)
    make(image)
    assert image.version == 1
    shown = opened(image, "v1.cutout.png").convert("RGB")
    assert shown.getpixel((100, 75)) == (0, 0, 255), "the subject is erased in its middle"
    assert shown.getpixel((2, 2)) == (0, 0, 255)
    assert shown.getpixel((65, 75)) == (150, 20, 30)
    mask = opened(image, "v1.mask.png")
    assert (mask.getpixel((100, 75)), mask.getpixel((65, 75))) == (0, 255)
    assert {kind: content(image, kind) for kind in results.RESULT_KINDS} == before
    assert opened(image, "v1.thumbnail.webp").size == SIZE


def test_the_model_has_nothing_to_do_with_it(image: Image, monkeypatch: Any) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(run, "cut_out", refuse)
    saved(image, ERASED)
    make(image)
    assert image.version == 1


def test_what_it_brings_is_sealed_and_no_row_tells_of_it(image: Image) -> None:
    edit = put(image, photos.draw(30, 30))
    saved(image, ERASED)
    kinds = set(image.blobs.values_list("kind", flat=True))
    assert {"v1.picture", "v2.strokes.json"} <= kinds
    assert edit.options == {"bg_image": OWN}
    rows = repr([list(table.objects.values_list()) for table in (Edit, Job, Blob)])
    assert "points" not in rows
    assert "erase" not in rows
    assert json.loads(content(image, "v2.strokes.json"))[0]["points"] == [[0.5, 0.5]]


def test_strokes_are_those_of_the_base_until_others_come(image: Image) -> None:
    saved(image, ERASED)
    second = saved(image, bg_color="white")
    assert second.strokes == 1
    third = saved(image, "[]")
    assert third.strokes == 0
    assert image.blobs.filter(kind__endswith="strokes.json").count() == 1


def test_a_picture_is_put_behind_the_subject_and_kept_by_later_versions(image: Image) -> None:
    put(image, plain((255, 0, 0)))
    make(image)
    assert opened(image, "v1.cutout.png").convert("RGB").getpixel((2, 2)) == (255, 0, 0)
    saved(image, ERASED, bg_image=OWN)
    make(image)
    assert opened(image, "v2.cutout.png").convert("RGB").getpixel((100, 75)) == (255, 0, 0)
    assert Edit.objects.get(number=2).picture == 1


@pytest.mark.parametrize(
    ("picture", "error"),
    [
        (b"", EmptyFile),
        (photos.NOISE, NotAnImage),
        (photos.png_header(60_000, 60_000), TooManyPixels),
        (photos.pad(photos.draw(), 10_000_001), TooLarge),
    ],
    ids=["empty", "noise", "bomb", "large"],
)
def test_a_picture_is_refused_as_a_photo_is(
    image: Image, picture: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        put(image, picture)
    assert not Edit.objects.exists()


def test_a_picture_that_only_a_worker_finds_out_fails_its_version_alone(image: Image) -> None:
    put(image, photos.draw(300, 300)[:200])
    assert run.run_next()
    image.refresh_from_db()
    (job,) = jobs()
    assert (job.state, job.error_code) == ("failed", "truncated")
    assert (image.head, image.version) == (1, 0)
    saved(image, ERASED)
    make(image)
    assert image.version == 2


@pytest.mark.parametrize(
    "options",
    [
        {"format": "jpg"},
        {"size": "hd"},
        {"name": "holiday.jpg"},
        {"bg_image": OWN},
        {"bg_image": "ab" * 32},
        {"bg_color": "white", "bg_blur": "5"},
        {"crop_margin": "99%"},
    ],
    ids=str,
)
def test_an_option_that_a_version_does_not_have_is_refused(
    image: Image, options: dict[str, Any]
) -> None:
    with pytest.raises(BadOption):
        saved(image, **options)
    assert not Edit.objects.exists()
    assert not jobs()


def test_of_a_preset_a_version_keeps_the_canvas_and_leaves_the_format_to_each_file(
    image: Image,
) -> None:
    edit = saved(image, preset="amazon")
    assert "format" not in edit.options
    make(image)
    assert opened(image, "v1.cutout.png").size == (2000, 2000)
    assert opened(image, "v1.mask.png").size == SIZE, "the mask stays that of the whole photo"


@pytest.mark.parametrize(
    ("strokes", "error"), [("[1]", BadStroke), (" " * 1_000_000, TooManyStrokes)]
)
def test_bad_strokes_are_refused(image: Image, strokes: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        saved(image, strokes)
    assert not Edit.objects.exists()


def test_saved_twice_it_is_one_version(image: Image) -> None:
    first = saved(image, ERASED, base=0, bg_color="white")
    again = saved(image, ERASED, base=0, bg_color="#ffffff")
    assert again == first
    assert len(jobs()) == Edit.objects.count() == 1
    assert image.blobs.filter(kind__endswith="strokes.json").count() == 1


def test_saved_twice_at_once_it_is_one_version(image: Image, monkeypatch: Any) -> None:
    """The other one is recorded between this one's first look and its last."""
    store, earlier = results.store, []

    def store_late(*args: Any) -> None:
        store(*args)
        monkeypatch.setattr(results, "store", store)
        earlier.append(saved(image, ERASED, base=0))

    monkeypatch.setattr(results, "store", store_late)
    assert saved(image, ERASED, base=0) == earlier[0]
    assert len(jobs()) == Edit.objects.count() == 1
    assert image.blobs.filter(kind__endswith="strokes.json").count() == 1
    assert sum("strokes" in name for name in stored_names(image.prefix)) == 1


def test_of_two_tabs_the_later_is_told_and_saves_on_top(image: Image) -> None:
    saved(image, ERASED, base=0)
    with pytest.raises(VersionConflict):
        saved(image, "[]", base=0, bg_color="white")
    assert Edit.objects.count() == 1
    assert saved(image, "[]", base=1, bg_color="white").number == 2


def on_top(image: Image, base: int, keeps: int | None) -> Edit:
    """Without strokes and picture of its own, with a picture behind it."""
    wanted = Wanted({"bg_image": OWN}, base=base, keeps=keeps)
    return save(image, wanted, cast.at_page(image.uploaded_by))


def test_on_top_of_another_it_keeps_what_it_was_made_from(image: Image) -> None:
    """Another tab has put another picture behind it meanwhile, and taken the strokes away."""
    put(image, plain((255, 0, 0)))
    saved(image, ERASED, bg_image=OWN)
    blue = Wanted({}, strokes="[]", picture=plain((0, 0, 255)))
    save(image, blue, cast.at_page(image.uploaded_by))
    with pytest.raises(VersionConflict):
        on_top(image, base=2, keeps=2)
    mine = on_top(image, base=3, keeps=2)
    assert (mine.number, mine.base, mine.strokes, mine.picture) == (4, 3, 2, 1)
    assert on_top(image, base=3, keeps=2) == mine, "sent twice it is one version"
    for _ in range(4):
        make(image)
    shown = opened(image, "v4.cutout.png").convert("RGB")
    assert image.version == 4
    assert shown.getpixel((2, 2)) == shown.getpixel((100, 75)) == (255, 0, 0)


def test_what_it_was_made_from_tells_two_versions_apart(image: Image) -> None:
    put(image, plain((255, 0, 0)))
    put(image, plain((0, 0, 255)))
    first = on_top(image, base=2, keeps=1)
    Image.objects.update(head=2)
    assert (first.picture, on_top(image, base=2, keeps=None).picture) == (1, 2)


def test_it_keeps_its_picture_on_a_version_that_has_none(image: Image) -> None:
    put(image, photos.draw(30, 30))
    choose(image, 0, cast.at_page(image.uploaded_by))
    assert on_top(image, base=0, keeps=1).picture == 1


@pytest.mark.parametrize("keeps", [7, -1])
def test_what_is_no_version_is_kept_by_none(image: Image, keeps: int) -> None:
    with pytest.raises(BadOption):
        save(image, Wanted({}, base=0, keeps=keeps), cast.at_page(image.uploaded_by))
    assert not Edit.objects.exists()


def test_a_tab_that_is_overtaken_while_it_stores_leaves_nothing(
    image: Image, monkeypatch: Any
) -> None:
    store = results.store

    def store_late(*args: Any) -> None:
        store(*args)
        saved(image, base=0, bg_color="white")

    monkeypatch.setattr(results, "store", store_late)
    with pytest.raises(VersionConflict):
        saved(image, ERASED, base=0)
    assert [job.output for job in jobs()] == ["v2"]
    assert not any("strokes" in name for name in stored_names(image.prefix))
    assert not image.blobs.filter(kind__endswith="strokes.json").exists()


def test_one_can_go_back_to_any_version_and_forward(image: Image) -> None:
    by = cast.at_page(image.uploaded_by)
    saved(image, ERASED)
    with pytest.raises(NotReady):
        choose(image, 1, by)
    make(image)
    choose(image, 0, by)
    image.refresh_from_db()
    assert (image.head, image.version) == (0, 0)
    choose(image, 1, by)
    image.refresh_from_db()
    assert (image.head, image.version) == (1, 1)
    with pytest.raises(Image.DoesNotExist):
        choose(image, 7, by)
    details = AuditEntry.objects.filter(action="image.edited").values_list("detail", flat=True)
    assert list(details) == ["version 1", "version 0", "version 1"]


def test_a_version_that_was_left_is_taken_up_again(image: Image) -> None:
    saved(image, ERASED, base=0)
    make(image)
    choose(image, 0, cast.at_page(image.uploaded_by))
    assert saved(image, ERASED, base=0).number == 1
    image.refresh_from_db()
    assert (image.head, image.version) == (1, 1)


def test_a_version_that_is_made_late_is_not_put_before_a_later_one(image: Image) -> None:
    saved(image, ERASED)
    first = cast._claim(image)
    saved(image, bg_color="white")
    make(image)
    assert image.version == 2
    editing.edit_and_store(first, cast.Quiet(), run._read)
    image.refresh_from_db()
    assert image.version == 2


def test_what_failed_can_be_saved_again(image: Image) -> None:
    saved(image, ERASED)
    cast.fail(image, "timed_out")
    assert saved(image, ERASED, base=0).number == 1
    (job,) = jobs()
    assert (job.state, job.attempts) == ("queued", 3)
    make(image)
    assert image.version == 1


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_WAITING_TOGETHER"])
def test_what_failed_waits_like_anything_else(image: Image, monkeypatch: Any, limit: str) -> None:
    """Otherwise all that ever failed could be put before everybody's cut-outs at once."""
    monkeypatch.setattr(edit_flow, limit, 1)
    saved(image, ERASED)
    cast.fail(image, "timed_out")
    saved(image, bg_color="white")
    with pytest.raises(RenderingsWaiting):
        saved(image, ERASED, base=0)
    assert [job.state for job in jobs()] == [JobState.FAILED, JobState.QUEUED]
    make(image)
    saved(image, ERASED, base=0)
    assert [job.state for job in jobs()] == [JobState.DONE, JobState.QUEUED]


def test_a_rendering_is_one_of_its_version(image: Image) -> None:
    small = Options(size="preview", format="webp")
    before = ask(image, small).kind
    cast._claim(image)
    saved(image, bg_color="#00f")
    make(image)
    after = ask(image, small).kind
    assert after != before
    assert after.startswith("v1.")
    run.render_and_store(cast._claim(image), cast.Quiet())
    assert opened(image, after).convert("RGB").getpixel((2, 2))[2] > 240  # type: ignore[index]
    bare = ask(image, {"format": "webp", "size": "preview", "bg_color": "none"}).kind
    assert bare != after
    run.render_and_store(cast._claim(image), cast.Quiet())
    assert opened(image, bare).convert("RGBA").getpixel((2, 2))[3] == 0  # type: ignore[index]


def test_the_photo_itself_is_the_same_in_every_version(image: Image) -> None:
    saved(image, preset="amazon")
    make(image)
    kind = ask(image, {"channels": "rgb", "format": "png"}).kind
    assert not kind.startswith("v1.")
    run.render_and_store(cast._claim(image), cast.Quiet())
    photo = opened(image, kind)
    assert (photo.mode, photo.size) == ("RGB", SIZE)
    assert photo.getpixel((2, 2)) == (224, 224, 224)


def test_strokes_that_leave_nothing_are_said_and_the_version_before_stays(image: Image) -> None:
    line = [[0, 0.5], [1, 0.5]]
    all_of_it = json.loads(ERASED)[0] | {"size": 0.5, "points": line}
    saved(image, json.dumps([all_of_it, all_of_it | {"points": [[0, 0.3], [1, 0.3]]}]))
    assert run.run_next()
    image.refresh_from_db()
    assert jobs()[0].error_code == "nothing_left"
    assert image.version == 0


def test_there_is_room_for_so_many_versions(image: Image, monkeypatch: Any) -> None:
    monkeypatch.setattr(edit_flow, "MOST", 2)
    saved(image, bg_color="white")
    saved(image, bg_color="red")
    with pytest.raises(TooManyVersions):
        saved(image, bg_color="blue")


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_WAITING_TOGETHER"])
def test_so_many_wait(image: Image, monkeypatch: Any, limit: str) -> None:
    monkeypatch.setattr(edit_flow, limit, 1)
    saved(image, bg_color="white")
    with pytest.raises(RenderingsWaiting):
        saved(image, bg_color="red")


def test_a_version_is_made_before_cut_outs_and_after_renderings(image: Image) -> None:
    waiting = cast.submit(image.uploaded_by)
    saved(image, bg_color="white")
    ask(image, Options(size="preview"))
    claims = [claim_next(database_now()) for _ in range(3)]
    assert [claim.job.task for claim in claims if claim] == [Task.RENDER, Task.EDIT, Task.CUT_OUT]
    assert claims[2]
    assert claims[2].image == waiting


def test_what_is_not_cut_out_has_no_versions(owner: User) -> None:
    with pytest.raises(NotCutOut):
        saved(cast.submit(owner), bg_color="white")


# ---- erasing ----


@pytest.fixture
def rush(image: Image, monkeypatch: Any) -> Callable[[str], None]:
    """`rush("reserve")`: the image is erased right before that step of storing."""

    def arrange(step: str) -> None:
        real: Any = getattr(results, step)

        def after_erasing(*args: Any) -> Any:
            erase_images([image], cast.at_page(image.uploaded_by))
            return real(*args)

        monkeypatch.setattr(results, step, after_erasing)

    return arrange


@pytest.mark.parametrize("step", ["reserve", "store"])
def test_an_image_that_is_erased_meanwhile_gets_no_version(
    image: Image, rush: Callable[[str], None], step: str
) -> None:
    rush(step)
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    assert not Edit.objects.exists()
    assert not stored_names(image.prefix)
    later = database_now() + erase.longest_job() + timedelta(minutes=1)
    assert erase.finish(Image.objects.get(pk=image.pk), later)
    assert cast.nothing_is_left()


@pytest.mark.parametrize("erased", [True, False])
def test_what_a_bucket_says_of_an_image_that_was_erased_is_no_trouble_of_the_storage(
    image: Image, monkeypatch: Any, erased: bool
) -> None:
    """Erasing ends the upload that the strokes are in: the bucket no longer knows of it."""

    def store(*args: Any) -> None:
        if erased:
            erase_images([image], cast.at_page(image.uploaded_by))
        raise LookupError("NoSuchUpload")

    monkeypatch.setattr(results, "store", store)
    with pytest.raises(Image.DoesNotExist if erased else LookupError):
        saved(image, ERASED)
    assert not Edit.objects.exists()


def test_an_image_that_is_due_or_erased_gets_none(image: Image) -> None:
    cast.age(image, timedelta(hours=23))
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    with pytest.raises(Image.DoesNotExist):
        choose(image, 0, cast.at_page(image.uploaded_by))


def test_erasing_waits_for_who_is_storing(image: Image, monkeypatch: Any) -> None:
    """While the strokes are on their way, nobody says that nothing is left."""
    ends = []
    real = results.store

    def store(*args: Any) -> None:
        erase_images([image], cast.at_page(image.uploaded_by))
        found = Image.objects.get(pk=image.pk)
        ends.append((found.quiet_at or database_now()) - database_now())
        real(*args)

    monkeypatch.setattr(results, "store", store)
    with pytest.raises(Image.DoesNotExist):
        saved(image, ERASED)
    assert ends[0] > timedelta(seconds=60)


def test_whoever_dies_while_storing_leaves_a_job_that_fails_and_nothing_to_read(
    image: Image, monkeypatch: Any
) -> None:
    def die(*args: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "store", die)
    monkeypatch.setattr(edit_flow, "_let_go", lambda claim: None)
    with pytest.raises(KeyboardInterrupt):
        saved(image, ERASED)
    monkeypatch.undo()
    assert reap.reap(database_now() + erase.longest_job() + timedelta(minutes=1)) == 1
    assert [(job.state, job.error_code) for job in jobs()] == [(JobState.FAILED, "worker_lost")]
    image.refresh_from_db()
    assert (image.head, Edit.objects.count()) == (0, 0)
    assert saved(image, ERASED, base=0).number == 2, "its number is nobody else's"


def test_a_full_disk_is_said_and_leaves_nothing(image: Image, monkeypatch: Any) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(results, "store", full)
        with pytest.raises(StorageFull):
            saved(image, ERASED)
    assert not jobs()
    assert not image.blobs.filter(kind__startswith="v").exists()


def test_a_database_that_takes_nothing_leaves_no_version(image: Image, monkeypatch: Any) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as context:
        context.setattr(edit_flow, "note", refuse)
        with pytest.raises(DatabaseError):
            saved(image, ERASED)
    image.refresh_from_db()
    assert (image.head, Edit.objects.count()) == (0, 0)
    assert not jobs()
