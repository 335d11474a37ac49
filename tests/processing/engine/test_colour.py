"""Colours against littleCMS's own idea of them, and profiles that are not what they claim."""

import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from processing.engine import Limits
from processing.engine.decoding import decode
from tests.processing.engine.photos import corners, difference, noise, png_by_hand, png_chunk, save
from tests.processing.engine.profiles import (
    encode_light,
    grey_of_18,
    profile_bytes,
    swap_red_and_blue,
    wide,
    wide_to_srgb,
)

pillow_heif.register_heif_opener()


def open_rgb(photo: bytes) -> Image.Image:
    return decode(photo, Limits()).rgb


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG", "WEBP"])
def test_a_profile_is_followed(form: str) -> None:
    options = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}}.get(form, {"quality": 100})
    photo = save(corners(32, 32), form, icc_profile=swap_red_and_blue(), **options)
    pixel = open_rgb(photo).getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert pixel[2] > 240
    assert pixel[0] < 15


def test_the_turned_photo_has_the_profile_applied_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = save(corners(), "PNG", exif=exif, icc_profile=swap_red_and_blue())
    rgb = open_rgb(photo)
    assert rgb.size == (16, 24)
    assert rgb.getpixel((12, 4)) == (0, 0, 255)


def test_srgb_itself_leaves_every_pixel_alone() -> None:
    image = noise(64, 64)
    rgb = open_rgb(save(image, "PNG", icc_profile=profile_bytes("sRGB")))
    assert difference(rgb, image) == 0


def test_transparency_survives_a_profile() -> None:
    image = corners().convert("RGBA")
    alpha = Image.linear_gradient("L").resize(image.size)
    image.putalpha(alpha)
    decoded = decode(save(image, "PNG", icc_profile=swap_red_and_blue()), Limits())
    assert decoded.alpha is not None
    assert difference(decoded.alpha, alpha) == 0
    assert decoded.rgb.getpixel((2, 2)) == (0, 0, 255)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"not a profile at all", id="noise"),
        pytest.param(profile_bytes("sRGB")[:200], id="cut"),
        pytest.param(profile_bytes("LAB"), id="of another space"),
    ],
)
def test_an_unreadable_profile_counts_as_none(broken: bytes) -> None:
    image = noise(40, 30)
    assert difference(open_rgb(save(image, "PNG", icc_profile=broken)), image) == 0
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    pixel = open_rgb(save(cmyk, "JPEG", icc_profile=broken)).getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 240


def test_a_grey_photo_may_carry_a_colour_profile() -> None:
    grey = noise(40, 30).convert("L")
    rgb = open_rgb(save(grey, "PNG", icc_profile=profile_bytes("sRGB")))
    assert difference(rgb, grey.convert("RGB")) == 0


def test_lab_is_converted() -> None:
    lab = Image.new("LAB", (8, 8), (137, 208, 195))
    pixel = open_rgb(save(lab, "TIFF")).getpixel((4, 4))
    assert np.abs(np.array(pixel) - np.array((255, 0, 0))).max() <= 12


@pytest.mark.parametrize(
    ("form", "options"),
    [
        pytest.param("PNG", {}, id="png"),
        pytest.param("TIFF", {"compression": "tiff_lzw"}, id="tiff"),
        pytest.param("WEBP", {"lossless": True}, id="webp"),
        pytest.param("JPEG", {"quality": 100, "subsampling": 0}, id="jpeg"),
        pytest.param("AVIF", {"quality": 100, "subsampling": "4:4:4"}, id="avif"),
        pytest.param("HEIF", {"quality": 100, "chroma": 444}, id="heic"),
    ],
)
def test_a_wide_gamut_comes_out_as_the_formulas_say(form: str, options: dict[str, object]) -> None:
    image = noise(96, 64)
    rgb = np.asarray(open_rgb(save(image, form, icc_profile=wide(), **options)))
    expected = wide_to_srgb(np.asarray(image))
    apart = deltaE_ciede2000(rgb2lab(rgb / 255.0), rgb2lab(expected))
    exact = form in {"PNG", "TIFF", "WEBP"}
    assert float(np.quantile(apart, 1 if exact else 0.95)) <= 2
    untouched = deltaE_ciede2000(rgb2lab(np.asarray(image) / 255.0), rgb2lab(expected))
    assert float(untouched.max()) > 4


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("holes", [False, True], ids=["solid", "holes"])
def test_a_profile_for_grey_is_followed(depth: int, holes: bool) -> None:
    ramp = np.linspace(0, 255, 64).round().astype(">u2") * (257 if depth == 16 else 1)
    solid = np.full(64, 2**depth - 1, dtype=">u2")
    solid[0] = 0
    channels = np.stack([ramp, solid], axis=1) if holes else ramp[:, None]
    rows = b"\0" + channels.astype(">u2" if depth == 16 else "u1").tobytes()
    profile = png_chunk(b"iCCP", b"g\0\0" + zlib.compress(grey_of_18()))
    photo = png_by_hand(64, 1, depth, 4 if holes else 0, rows, profile)
    decoded = decode(photo, Limits())
    shown = encode_light(np.linspace(0, 1, 64) ** 1.8)
    apart = np.abs(np.asarray(decoded.rgb)[0, :, 1] / 255.0 - shown)
    assert float(apart.max()) < 0.015
    assert (decoded.alpha is not None) is holes
