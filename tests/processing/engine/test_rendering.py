"""Files by options: right in every format, the same every time, and nothing in them but pixels."""

import hashlib
import io
import subprocess
import sys
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from processing.engine import (
    BadOption,
    Cutout,
    EngineFailed,
    Limits,
    Options,
    OutOfMemory,
    Rendering,
    TooManyPixels,
    cut_out,
    encode,
    render,
    reopen,
)
from processing.engine.files import FILE_OPTIONS
from processing.engine.synthetic import SyntheticMatter
from tests.processing.engine.photos import difference, noise, save, subject
from tests.processing.engine.test_encoding import SECRET, photo_full_of_metadata

HASH = "ab" * 32
PICTURE = Image.new("RGB", (50, 70), (9, 99, 200))


def make_cutout(width: int = 160, height: int = 120) -> Cutout:
    """A soft disc of noise before white."""
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).ellipse((20, 20, width - 20, height - 20), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(2))
    rgb = Image.composite(noise(width, height), Image.new("RGB", mask.size, "white"), mask)
    return Cutout(rgb, mask, width, height, "png", "synthetic", "1", {})


def make(cutout: Cutout, /, **wanted: Any) -> Rendering:
    return render(cutout, Options.parse(wanted), PICTURE)


def show(rendering: Rendering) -> Image.Image:
    image = Image.open(io.BytesIO(rendering.content))
    image.load()
    assert image.size == (rendering.width, rendering.height)
    assert Image.MIME[str(image.format)] == rendering.media_type
    return image


def test_a_png_of_full_size_has_the_photos_own_pixels() -> None:
    cutout = make_cutout()
    image = show(make(cutout))
    solid, holes = np.asarray(cutout.mask) == 255, np.asarray(cutout.mask) == 0
    assert solid.any()
    assert (np.asarray(image)[solid][:, :3] == np.asarray(cutout.rgb)[solid]).all()
    assert difference(image.getchannel("A"), cutout.mask) == 0
    assert not np.asarray(image)[holes].any()


@pytest.mark.parametrize(
    ("form", "mode", "extension"),
    [
        ("png", "RGBA", "png"),
        ("webp", "RGBA", "webp"),
        ("jpg", "RGB", "jpg"),
        ("avif", "RGBA", "avif"),
    ],
)
def test_every_format_shows_the_same_cutout(form: str, mode: str, extension: str) -> None:
    cutout = make_cutout()
    rendering = make(cutout, format=form, despill="off")
    assert rendering.extension == extension
    image = show(rendering)
    assert image.mode == mode
    solid = np.asarray(cutout.mask) == 255
    away = np.asarray(image)[solid][:, :3].astype(int) - np.asarray(cutout.rgb)[solid]
    assert np.abs(away).mean() < 12
    if mode == "RGBA":
        assert difference(image.getchannel("A"), cutout.mask) == 0
    else:
        assert np.asarray(image)[np.asarray(cutout.mask) == 0].min() > 235


@pytest.mark.parametrize("form", ["webp", "jpg", "avif", "zip"])
def test_quality_is_worth_its_bytes(form: str) -> None:
    cutout = make_cutout()
    sizes = [len(make(cutout, format=form, quality=quality).content) for quality in (20, 60, 95)]
    assert sizes == sorted(set(sizes))


def test_the_mask_alone_is_a_grey_png_of_the_whole_frame() -> None:
    cutout = make_cutout()
    image = show(make(cutout, channels="alpha", format="jpg"))
    assert image.mode == "L"
    assert difference(image, cutout.mask) == 0


def test_a_zip_holds_two_stored_files_without_a_date() -> None:
    rendering = make(make_cutout(), format="zip")
    assert (rendering.media_type, rendering.extension) == ("application/zip", "zip")
    with zipfile.ZipFile(io.BytesIO(rendering.content)) as archive:
        assert archive.testzip() is None
        entries = archive.infolist()
        assert [entry.filename for entry in entries] == ["colour.jpg", "alpha.png"]
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}


def open_zip(rendering: Rendering) -> tuple[Image.Image, Image.Image]:
    with zipfile.ZipFile(io.BytesIO(rendering.content)) as archive:
        opened = [Image.open(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    for image in opened:
        image.load()
    return opened[0], opened[1]


def test_the_two_files_make_the_cutout_without_a_white_fringe() -> None:
    """A dark red disc before white, put on black at a quarter of its size: what was white beneath
    the holes would shine at the edge.
    """
    mask = Image.new("L", (400, 400), 0)
    ImageDraw.Draw(mask).ellipse((60, 60, 340, 340), fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(3))
    rgb = Image.composite(
        Image.new("RGB", mask.size, (120, 10, 10)), Image.new("RGB", mask.size, "white"), mask
    )
    cutout = Cutout(rgb, mask, 400, 400, "png", "", "", {})
    brightest = {}
    for name, layers in (
        ("photo", (rgb, mask)),
        ("zip", open_zip(make(cutout, format="zip"))),
    ):
        small = [layer.resize((100, 100), Image.Resampling.BICUBIC) for layer in layers]
        black = Image.new("RGB", (100, 100))
        black.paste(small[0], mask=small[1])
        brightest[name] = int(np.asarray(black)[:, :, 1].max())
    assert brightest["photo"] > 50
    assert brightest["zip"] < 16
    colour, alpha = open_zip(make(cutout, format="zip"))
    assert difference(alpha, mask) == 0
    near = np.asarray(mask.filter(ImageFilter.MaxFilter(31))) > 0
    off = np.abs(np.asarray(colour).astype(int) - [120, 10, 10])[near]
    assert off.mean() < 3
    assert off.max() < 40


def test_a_zip_without_holes_is_the_photo() -> None:
    cutout = make_cutout()
    cutout.mask = Image.new("L", cutout.mask.size, 255)
    colour, alpha = open_zip(make(cutout, format="zip"))
    assert np.abs(np.asarray(colour).astype(int) - np.asarray(cutout.rgb)).mean() < 4
    assert alpha.getextrema() == (255, 255)


EVERYTHING: list[dict[str, Any]] = [
    {},
    {"format": "webp", "size": "120x80"},
    {"format": "avif", "shadow": "drop"},
    {"format": "zip", "crop": True, "crop_margin": "10%"},
    {"format": "jpg", "bg_gradient": "45deg, #fff, #a1c4fd", "shadow": "contact"},
    {"bg_blur": 30, "scale": "70%", "refine": "off"},
    {"bg_image": HASH, "roi": "0 0 90% 100%"},
    {"preset": "passport-us", "size": "preview"},
]


def digest_all() -> str:
    cutout = make_cutout()
    contents = [make(cutout, **wanted).content for wanted in EVERYTHING]
    return " ".join(hashlib.sha256(content).hexdigest() for content in contents)


def test_another_process_with_one_core_makes_the_same_bytes() -> None:
    code = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]);"
        "from tests.processing.engine.test_rendering import digest_all; print(digest_all())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert there == digest_all()


@pytest.mark.parametrize("wanted", EVERYTHING, ids=str)
def test_nothing_of_the_photo_but_pixels(wanted: dict[str, Any]) -> None:
    photo = photo_full_of_metadata("JPEG")
    content = make(cut_out(photo, Options(), SyntheticMatter(), Limits()), **wanted).content
    assert SECRET not in photo.replace(SECRET, b"")
    assert SECRET not in content
    for mark in (b"Exif", b"ICC", b"iCCP", b"<x:xmp", b"tEXt", b"prof", b"JPEG comment"):
        assert mark not in content


def test_a_result_tells_where_its_subject_is() -> None:
    rendering = make(make_cutout(), crop=True, crop_margin="10px")
    left, top, right, bottom = rendering.subject
    assert (left, top) == (10, 10)
    assert (rendering.width - right, rendering.height - bottom) == (10, 10)


@pytest.mark.parametrize(
    ("form", "width", "height"),
    [("webp", 16_384, 2), ("jpg", 65_501, 1), ("zip", 65_501, 1), ("avif", 65_536, 1)],
)
def test_a_format_without_room_is_told_before_it_is_tried(
    form: str, width: int, height: int
) -> None:
    mask = Image.new("L", (width, height), 255)
    cutout = Cutout(Image.new("RGB", mask.size), mask, width, height, "png", "", "", {})
    with pytest.raises(TooManyPixels, match=form) as caught:
        make(cutout, format=form)
    assert caught.value.sentence.endswith("Download the PNG.")
    assert make(cutout, format=form, size="9999x9999").width == 9999


def test_a_picture_that_is_missing_is_told() -> None:
    with pytest.raises(BadOption):
        render(make_cutout(), Options.parse({"bg_image": HASH}))


@pytest.mark.parametrize(
    ("thrown", "told"),
    [(MemoryError(), OutOfMemory), (RuntimeError("a codec's words"), EngineFailed)],
)
def test_whatever_a_codec_throws_becomes_a_photo_error(
    monkeypatch: pytest.MonkeyPatch, thrown: Exception, told: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise thrown

    monkeypatch.setattr("PIL.Image.Image.save", fail)
    with pytest.raises(told) as caught:
        make(make_cutout(), format="jpg")
    assert "codec" not in str(caught.value)


def test_a_fixed_file_is_the_rendering_of_its_options() -> None:
    cutout = make_cutout()
    for file, options in FILE_OPTIONS.items():
        assert encode(cutout, file) == render(cutout, options).content
        assert Options.parse(options.to_dict()) == options


def test_a_cutout_is_the_same_after_it_was_opened_again() -> None:
    photo = save(subject(), "PNG")
    first = cut_out(photo, Options(), SyntheticMatter(), Limits())
    again = reopen(photo, encode(first, "mask.png"), Options(), Limits())
    assert (again.width, again.height, again.kind) == (first.width, first.height, first.kind)
    assert difference(again.mask, first.mask) == 0
    for wanted in ({}, {"bg_blur": 20, "crop": True}):
        assert make(again, **wanted) == make(first, **wanted)


def test_holes_stay_holes_when_it_is_opened_again() -> None:
    image = subject().convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(90, (40, 0, 60, 90))
    image.putalpha(alpha)
    photo, solid = save(image, "PNG"), save(Image.new("L", image.size, 255), "PNG")
    kept = reopen(photo, solid, Options(), Limits())
    assert difference(kept.mask, alpha) == 0
    twice = reopen(photo, save(kept.mask, "PNG"), Options(), Limits())
    assert difference(twice.mask, alpha) == 0
    filled = reopen(photo, solid, Options(keep_transparency=False), Limits())
    assert filled.mask.getextrema() == (255, 255)


@pytest.mark.parametrize(
    "mask",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        save(Image.new("L", (5, 5)), "PNG"),
        save(Image.new("RGB", (120, 90)), "PNG"),
        save(Image.new("L", (120, 90)), "JPEG"),
        save(noise(120, 90).convert("L"), "PNG")[:-500],
    ],
    ids=["empty", "head", "size", "mode", "kind", "cut"],
)
def test_a_mask_that_is_not_this_photos_is_our_failure(mask: bytes) -> None:
    with pytest.raises(EngineFailed):
        reopen(save(subject(), "PNG"), mask, Options(), Limits())
