"""Editing: what a version is made of, and what of it is refused."""

import json
from typing import Any

import pytest

from processing.engine import EmptyFile, NotAnImage, Options, TooLarge, TooManyPixels
from processing.engine.errors import BadOption, BadStroke, TooManyStrokes
from processing.flows.edit import OWN
from processing.flows.render import ask
from processing.jobs import results, run
from processing.models import Blob, Edit, Image, Job
from tests import cast, photos
from tests.processing.flows.versions import (
    ERASED,
    SIZE,
    content,
    image,
    jobs,
    make,
    opened,
    plain,
    put,
    saved,
)
from tests.processing.jobs.conftest import warm

__all__ = ["image", "warm"]


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
