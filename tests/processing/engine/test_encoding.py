"""Outputs: their pixels, their sizes, and that nothing of the photo but pixels is in them."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from processing.engine import (
    FILES,
    Cutout,
    Limits,
    Options,
    OutOfMemory,
    TooManyPixels,
    cut_out,
    encode,
    fits,
)
from processing.engine.synthetic import SyntheticMatter
from tests.processing.engine.photos import difference, noise, save, subject

SECRET = b"Anna-Karin 59.3293N"


def make_cutout(width: int = 60, height: int = 40) -> Cutout:
    """A mask that is empty at the left, solid at the right and everything between."""
    ramp = np.linspace(-64, 320, width).clip(0, 255).astype(np.uint8)
    mask = Image.fromarray(np.tile(ramp, (height, 1)))
    return Cutout(noise(width, height), mask, width, height, "png", "synthetic", "1", {})


def open_file(cutout: Cutout, file: str) -> Image.Image:
    image = Image.open(io.BytesIO(encode(cutout, file)))
    image.load()
    assert Image.MIME[str(image.format)] == FILES[file]
    return image


def test_cutout_png_is_exact() -> None:
    cutout = make_cutout()
    image = open_file(cutout, "cutout.png")
    assert image.mode == "RGBA"
    assert difference(image.getchannel("A"), cutout.mask) == 0
    pixels, alpha = np.asarray(image), np.asarray(cutout.mask)
    assert 0 in alpha
    assert 255 in alpha
    assert (pixels[alpha == 255][:, :3] == np.asarray(cutout.rgb)[alpha == 255]).all()
    assert not pixels[alpha == 0].any(), "what was cut away is still beneath the holes"


def test_cutout_webp_keeps_the_mask_exactly() -> None:
    cutout = make_cutout()
    image = open_file(cutout, "cutout.webp")
    assert difference(image.getchannel("A"), cutout.mask) == 0
    solid = np.asarray(cutout.mask) == 255
    away = np.asarray(image)[solid][:, :3].astype(int) - np.asarray(cutout.rgb)[solid]
    assert np.abs(away).mean() < 12


def test_cutout_jpg_lies_on_white() -> None:
    cutout = make_cutout(64, 64)
    cutout.mask = Image.new("L", (64, 64), 0)
    cutout.mask.paste(255, (0, 0, 32, 64))
    image = open_file(cutout, "cutout.jpg")
    assert image.mode == "RGB"
    pixels = np.asarray(image).astype(int)
    assert pixels[:, 40:].min() > 240
    assert np.abs(pixels[:, :24] - np.asarray(cutout.rgb)[:, :24]).mean() < 12


def test_mask_png_is_the_mask() -> None:
    cutout = make_cutout()
    assert difference(open_file(cutout, "mask.png"), cutout.mask) == 0


@pytest.mark.parametrize(("file", "side"), [("preview.webp", 1024), ("thumbnail.webp", 320)])
def test_small_copies_fit_and_never_grow(file: str, side: int) -> None:
    assert open_file(make_cutout(2000, 1000), file).size == (side, side // 2)
    assert open_file(make_cutout(60, 40), file).size == (60, 40)
    assert open_file(make_cutout(3000, 1), file).size == (side, 1)
    assert open_file(make_cutout(2000, 1000), file).mode == "RGBA"


@pytest.mark.parametrize(
    ("file", "width", "height"),
    [("cutout.webp", 16384, 1), ("cutout.webp", 8000, 5001), ("cutout.jpg", 65501, 1)],
)
def test_a_format_without_room_names_the_way_out(file: str, width: int, height: int) -> None:
    assert not fits(file, width, height)
    cutout = make_cutout(width, 1)
    cutout.height = height
    with pytest.raises(TooManyPixels) as caught:
        encode(cutout, file)
    assert caught.value.sentence.endswith("Download the PNG.")


def test_what_fits_is_made() -> None:
    assert all(fits(file, 7000, 5000) for file in FILES)
    assert fits("cutout.png", 100_000, 1000)
    assert open_file(make_cutout(16383, 1), "cutout.webp").size == (16383, 1)
    assert open_file(make_cutout(65500, 1), "cutout.jpg").size == (65500, 1)
    assert open_file(make_cutout(65501, 1), "cutout.png").size == (65501, 1)


def test_a_large_rough_photo_becomes_a_webp() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (1250, 1250, 3), dtype=np.uint8)
    rgb = Image.fromarray(pixels).resize((5000, 5000), Image.Resampling.BICUBIC)
    cutout = Cutout(rgb, Image.new("L", rgb.size, 255), *rgb.size, "png", "synthetic", "1", {})
    assert encode(cutout, "cutout.webp").startswith(b"RIFF")


def test_libwebps_want_of_memory_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("encoding error 1")

    monkeypatch.setattr("PIL.Image.Image.save", fail)
    with pytest.raises(OutOfMemory):
        encode(make_cutout(), "cutout.webp")


def test_another_file_is_not_made() -> None:
    with pytest.raises(KeyError):
        encode(make_cutout(), "cutout.tiff")


def photo_full_of_metadata(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = SECRET.decode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {"exif": exif, "icc_profile": profile, "xmp": b"<x:xmpmeta>" + SECRET}
    if form == "JPEG":
        options["comment"] = SECRET
    if form == "PNG":
        text = PngInfo()
        text.add_text("Author", SECRET.decode())
        options["pnginfo"] = text
    return save(subject(), form, **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("file", FILES)
def test_no_metadata_in_any_output(form: str, file: str) -> None:
    photo = photo_full_of_metadata(form)
    assert SECRET in photo
    data = encode(cut_out(photo, Options(), SyntheticMatter(), Limits()), file)
    assert SECRET not in data
    assert list_parts(data) <= {"IHDR", "IDAT", "IEND", "VP8X", "VP8 ", "VP8L", "ALPH"} | JPEG_PARTS


# JFIF's own header, tables, frame, scan, end: neither APP1 to APP15 nor a comment.
JPEG_PARTS = {"d8", "e0", "db", "c0", "c4", "da", "d9"}


def list_parts(data: bytes) -> set[str]:
    """The names of a file's chunks or markers, read off its structure."""
    if data[:4] == b"RIFF":
        assert struct.unpack_from("<I", data, 4)[0] + 8 == len(data)
        return set(walk(data, 12, "<", name_first=True))
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return set(walk(data, 8, ">", name_first=False))
    parts, at = {"d8"}, 2
    while True:
        assert data[at] == 0xFF
        parts.add(f"{data[at + 1]:x}")
        if data[at + 1] == 0xDA:
            assert data.endswith(b"\xff\xd9")
            return parts
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]


def walk(data: bytes, at: int, order: str, *, name_first: bool) -> list[str]:
    names = []
    while at < len(data):
        form = order + ("4sI" if name_first else "I4s")
        first, second = struct.unpack_from(form, data, at)
        name, length = (first, second) if name_first else (second, first)
        names.append(name.decode("latin-1"))
        at += 8 + (length + length % 2 if name_first else length + 4)
    assert at == len(data)
    return names
