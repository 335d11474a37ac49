"""Colours against littleCMS's own idea of them, and profiles that are not what they claim."""

from typing import Literal

import numpy as np
import pytest
from PIL import Image, ImageCms

from processing.engine import Limits
from processing.engine.decoding import decode
from tests.processing.engine.photos import corners, difference, noise, save


def profile_bytes(space: Literal["sRGB", "LAB"]) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def swap_red_and_blue() -> bytes:
    """An RGB profile whose red and blue primaries changed places; its name stays sRGB's."""
    profile = bytearray(profile_bytes("sRGB"))
    count = int.from_bytes(profile[128:132], "big")
    places = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, blue = places[b"rXYZ"] + 4, places[b"bXYZ"] + 4
    profile[red : red + 8], profile[blue : blue + 8] = (
        profile[blue : blue + 8],
        profile[red : red + 8],
    )
    name = profile.find("sRGB".encode("utf-16-be"))
    assert name > 0
    profile[name : name + 8] = "swap".encode("utf-16-be")
    return bytes(profile)


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
