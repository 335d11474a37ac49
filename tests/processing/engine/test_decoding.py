import io
import struct
import zlib
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageDraw

from processing.engine import (
    DecodeFailed,
    EmptyFile,
    Limits,
    OutOfMemory,
    PhotoError,
    TooLarge,
    TooManyPixels,
    Truncated,
)
from processing.engine.decoding import Decoded, decode
from tests.processing.engine.photos import (
    corners,
    difference,
    noise,
    png_by_hand,
    png_chunk,
    save,
)

LIMITS = Limits()
FORMS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "heic": "HEIF",
    "tiff": "TIFF",
    "gif": "GIF",
    "bmp": "BMP",
}

pillow_heif.register_heif_opener()


def open_photo(photo: bytes) -> Decoded:
    decoded = decode(photo, LIMITS)
    assert decoded.rgb.mode == "RGB"
    assert decoded.alpha is None or (decoded.alpha.mode, decoded.alpha.size) == (
        "L",
        decoded.rgb.size,
    )
    return decoded


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_is_decoded(kind: str) -> None:
    image = noise(96, 64)
    decoded = open_photo(save(image, FORMS[kind], quality=95))
    assert (decoded.kind, decoded.rgb.size, decoded.alpha) == (kind, (96, 64), None)
    pixels = np.asarray(decoded.rgb).astype(int) - np.asarray(image)
    assert np.abs(pixels).mean() < 12
    if kind in {"png", "tiff", "bmp"}:
        assert not pixels.any()


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_a_photo_without_its_end_is_called_truncated(kind: str, share: float) -> None:
    photo = save(noise(400, 300), FORMS[kind])
    with pytest.raises(Truncated):
        decode(photo[: int(len(photo) * share)], LIMITS)


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_turn_is_undone(turn: int) -> None:
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = corners()
    stored = upright.transpose(undone[turn]) if turn in undone else upright
    exif = Image.Exif()
    exif[0x0112] = turn
    for form, options, most in (
        ("PNG", {}, 0),
        ("TIFF", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 100, "subsampling": 0}, 3),
        ("AVIF", {"quality": 100, "subsampling": "4:4:4"}, 3),
        ("HEIF", {"quality": 100, "chroma": 444}, 6),
    ):
        photo = save(stored, form, exif=exif.tobytes(), **options)
        assert difference(open_photo(photo).rgb, upright) <= most, form
    packet = b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>' % turn
    photo = save(stored, "JPEG", quality=100, subsampling=0, xmp=packet)
    assert difference(open_photo(photo).rgb, upright) <= 3


def test_a_broken_exif_block_is_no_reason_to_refuse() -> None:
    photo = save(corners(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert open_photo(photo).rgb.size == (24, 16)


def test_cmyk_of_a_printer_comes_out_in_its_colours() -> None:
    red = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    for form in ("JPEG", "TIFF"):
        pixel = open_photo(save(red, form)).rgb.getpixel((4, 4))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 240, form
        assert max(pixel[1:]) < 40, form


def test_deep_grey_is_scaled_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(1, 256).repeat(4, axis=0)
    expected = np.arange(256)
    for form in ("PNG", "TIFF"):
        rgb = open_photo(save(Image.fromarray(ramp), form)).rgb
        assert np.abs(np.asarray(rgb)[0, :, 0].astype(int) - expected).max() <= 1, form


@pytest.mark.parametrize(("kind", "white"), [("int32", 65535), ("float32", 1.0), ("float32", 255)])
def test_whole_and_real_numbers_are_scaled_too(kind: str, white: float) -> None:
    ramp = (np.linspace(0, white, 256)).astype(kind).reshape(1, 256).repeat(4, axis=0)
    rgb = open_photo(save(Image.fromarray(ramp), "TIFF")).rgb
    assert np.abs(np.asarray(rgb)[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_deep_colour_is_scaled() -> None:
    pixels = np.array([[[0, 32896, 65535], [65535, 0, 257]]], dtype=">u2")
    photo = png_by_hand(2, 1, 16, 2, b"\0" + pixels.tobytes())
    assert np.asarray(open_photo(photo).rgb).tolist() == [[[0, 128, 255], [255, 0, 1]]]


def test_a_transparent_colour_of_deep_grey_becomes_a_hole() -> None:
    pixels = np.array([[0, 30000, 65535]], dtype=">u2")
    key = png_chunk(b"tRNS", (30000).to_bytes(2, "big"))
    decoded = open_photo(png_by_hand(3, 1, 16, 0, b"\0" + pixels.tobytes(), key))
    assert decoded.alpha is not None
    assert np.asarray(decoded.alpha).tolist() == [[255, 0, 255]]


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_transparent_grey_of_few_bits_becomes_a_hole(depth: int) -> None:
    """What drawings come to where a program saves every byte."""
    values = range(min(2**depth, 8 // depth))
    packed = sum(value << (8 - depth * (place + 1)) for place, value in enumerate(values))
    key = png_chunk(b"tRNS", (len(values) - 1).to_bytes(2, "big"))
    decoded = open_photo(png_by_hand(len(values), 1, depth, 0, bytes([0, packed]), key))
    assert decoded.alpha is not None
    assert np.asarray(decoded.alpha).tolist() == [[255] * (len(values) - 1) + [0]]


def test_a_transparent_colour_of_16_bits_becomes_a_hole() -> None:
    pixels = np.array([[[0x1234] * 3, [0x3434] * 3]], dtype=">u2")
    key = png_chunk(b"tRNS", bytes.fromhex("1234" * 3))
    decoded = open_photo(png_by_hand(2, 1, 16, 2, b"\0" + pixels.tobytes(), key))
    assert decoded.alpha is not None
    assert np.asarray(decoded.alpha).tolist() == [[0, 255]]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_scan_in_which_white_is_zero_is_no_negative(kind: type[np.unsignedinteger[Any]]) -> None:
    photo = bytearray(save(Image.fromarray(np.array([[0, np.iinfo(kind).max]], kind)), "TIFF"))
    entry = photo.index(struct.pack("<HHI", 262, 3, 1))
    photo[entry + 8 : entry + 10] = bytes(2)
    assert np.asarray(open_photo(bytes(photo)).rgb)[0, :, 0].tolist() == [255, 0]


def test_a_palette_keeps_its_colours_and_its_holes() -> None:
    image = corners().quantize(4, dither=Image.Dither.NONE)
    assert difference(open_photo(save(image, "PNG")).rgb, corners()) == 0
    white = image.getpixel((23, 15))
    decoded = open_photo(save(image, "PNG", transparency=white))
    assert decoded.alpha is not None
    assert decoded.alpha.getpixel((23, 15)) == 0
    assert decoded.alpha.getpixel((0, 0)) == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_layout_of_png_is_read(mode: str) -> None:
    grey = corners().convert("L").convert(mode) if mode in {"1", "L", "LA"} else corners()
    image = grey.convert(mode)
    rgb = open_photo(save(image, "PNG")).rgb
    assert difference(rgb, image.convert("RGB")) == 0


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_transparency_is_kept(form: str) -> None:
    image = corners().convert("RGBA")
    alpha = Image.linear_gradient("L").resize(image.size)
    image.putalpha(alpha)
    options = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True, "exact": True}}.get(
        form, {"quality": 100}
    )
    decoded = open_photo(save(image, form, **options))
    assert decoded.alpha is not None
    assert difference(decoded.alpha, alpha) <= (2 if form == "AVIF" else 0)


def test_a_solid_alpha_channel_counts_as_none() -> None:
    assert open_photo(save(corners().convert("RGBA"), "PNG")).alpha is None


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_a_moving_picture_is_taken(form: str) -> None:
    first, second = Image.new("RGB", (20, 10), "red"), Image.new("RGB", (20, 10), "blue")
    options = {"lossless": True} if form == "WEBP" else {}
    photo = save(first, form, save_all=True, append_images=[second] * 3, duration=50, **options)
    assert difference(open_photo(photo).rgb, first) == 0


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    side = 30000
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(side + 1)) for _ in range(200)) + packer.flush()
    photo = png_by_hand(side, side, 8, 0, rows)
    assert len(photo) < 100_000
    with pytest.raises(TooManyPixels) as caught:
        decode(photo, LIMITS)
    assert "30000 × 30000" in caught.value.sentence


def test_the_limit_counts_where_the_head_does_not_tell() -> None:
    padding = b"\xff\xe2\xff\xff" + bytes(0xFFFD)
    photo = save(noise(200, 100), "JPEG")
    late = photo[:2] + padding * 6 + photo[2:]
    assert decode(late, Limits(max_pixels=20_000)).rgb.size == (200, 100)
    with pytest.raises(TooManyPixels):
        decode(late, Limits(max_pixels=19_999))


def test_pillows_own_limits_are_left_as_they_were() -> None:
    before = Image.MAX_IMAGE_PIXELS
    decode(save(corners(), "PNG"), LIMITS)
    assert before == Image.MAX_IMAGE_PIXELS


def test_bytes_are_counted_first() -> None:
    with pytest.raises(TooLarge):
        decode(save(corners(), "PNG"), Limits(max_bytes=50))
    with pytest.raises(EmptyFile):
        decode(b"", LIMITS)


def test_content_decides_not_what_a_parser_would_take() -> None:
    out = io.BytesIO()
    ImageDraw.Draw(image := corners()).point((0, 0), "black")
    image.save(out, "PPM")
    with pytest.raises(PhotoError) as caught:
        decode(out.getvalue(), LIMITS)
    assert caught.value.code == "not_an_image"


def test_a_damaged_photo_is_told_from_a_truncated_one() -> None:
    photo = bytearray(save(noise(300, 200), "PNG"))
    photo[400:420] = bytes(20)
    with pytest.raises(DecodeFailed) as caught:
        decode(bytes(photo), LIMITS)
    assert "PNG" in caught.value.sentence
    assert "chunk" not in caught.value.sentence


def test_no_memory_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Image.Image) -> None:
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fail)
    with pytest.raises(OutOfMemory):
        decode(save(corners(), "PNG"), LIMITS)
