"""Masks of the photo's own size: edges where the photo has them, sure pixels left alone."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from processing.engine import Limits, Options, cut_out, encode
from processing.engine.errors import UnknownForeground
from processing.engine.planes import Plane
from processing.engine.refining import refine
from processing.engine.synthetic import SyntheticMatter
from tests.processing.engine.photos import difference, noise, save, subject

SHARP = {"fast": 0.65, "fine": 0.45}  # How much of the error at a hard edge may be left.
WAYS = ("fast", "fine", "off")


def half(width: int, height: int) -> Image.Image:
    """Red on the left, blue on the right: the edge is known to the pixel."""
    image = Image.new("RGB", (width, height), (200, 40, 30))
    image.paste((30, 60, 190), (width // 2, 0, width, height))
    return image


def ramp(side: int = 64, soft: int = 6) -> Plane:
    """A plane that is unsure around its middle, as a coarse model is."""
    row = np.clip(0.5 - (np.arange(side) + 0.5 - side / 2) / (2 * soft), 0, 1)
    return np.repeat(row[None, :], side, axis=0).astype(np.float32)


def error_of(how: str, size: tuple[int, int]) -> float:
    mask = np.asarray(refine(ramp(), half(*size), how), np.float32)
    truth = np.zeros_like(mask)
    truth[:, : size[0] // 2] = 255
    return float(np.abs(mask - truth).mean())


@pytest.mark.parametrize("size", [(64, 64), (320, 240), (1999, 1203)])
@pytest.mark.parametrize("how", SHARP)
def test_a_soft_edge_is_drawn_along_the_photos_own(how: str, size: tuple[int, int]) -> None:
    assert error_of(how, size) < SHARP[how] * error_of("off", size)


@pytest.mark.parametrize("how", WAYS)
def test_what_the_matter_is_sure_of_stays_so(how: str) -> None:
    mask = np.asarray(refine(ramp(), noise(640, 480), how))
    assert (mask[:, :120] == 255).all()
    assert (mask[:, -120:] == 0).all()


@pytest.mark.parametrize("how", WAYS)
def test_an_edge_neither_rings_nor_turns_back(how: str) -> None:
    mask = np.asarray(refine(ramp(), half(640, 480), how)).astype(int)
    assert (np.diff(mask, axis=1) <= 1).all(), "one step of rounding at most"


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 5000), (5000, 1), (7, 2500)])
@pytest.mark.parametrize("how", WAYS)
def test_a_photo_of_any_shape_gets_a_mask_of_its_size(how: str, size: tuple[int, int]) -> None:
    mask = refine(ramp(), noise(*size), how)
    assert (mask.mode, mask.size) == ("L", size)


@pytest.mark.parametrize("how", WAYS)
def test_a_plane_that_is_sure_everywhere_keeps_the_whole_photo(how: str) -> None:
    mask = refine(np.full((16, 16), 0.7, np.float32), noise(1200, 700), how)
    assert mask.getextrema() == (255, 255)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("value", [0.0, 0.49, np.nan])
def test_a_plane_without_a_sure_pixel_has_no_subject(how: str, value: float) -> None:
    with pytest.raises(UnknownForeground):
        refine(np.full((16, 16), value, np.float32), noise(40, 30), how)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_broken_value_spoils_no_mask_unseen(value: float) -> None:
    plane = ramp()
    plane[3, 3] = value
    with pytest.raises(UnknownForeground):
        refine(plane, half(80, 60), "fast")


@pytest.mark.parametrize("how", SHARP)
def test_the_mask_does_not_depend_on_the_number_of_threads(how: str) -> None:
    photo, before = noise(1500, 1100), cv2.getNumThreads()
    masks = []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            masks.append(refine(ramp(), photo, how))
    finally:
        cv2.setNumThreads(before)
    assert difference(*masks) == 0


@pytest.mark.parametrize("how", SHARP)
def test_tiles_meet_without_a_seam(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = noise(1100, 900)
    whole = refine(ramp(), photo, how)
    monkeypatch.setattr("processing.engine.tiles._SIDE", 100)
    assert difference(refine(ramp(), photo, how), whole) <= 1


def test_solid_pixels_of_the_png_are_the_photos_own() -> None:
    photo = subject(900, 700)
    cutout = cut_out(save(photo, "PNG"), Options(refine="fast"), SyntheticMatter(), Limits())

    pixels = np.asarray(Image.open(io.BytesIO(encode(cutout, "cutout.png"))))
    solid = pixels[..., 3] == 255
    assert solid.mean() > 0.15
    assert (pixels[solid][:, :3] == np.asarray(photo)[solid]).all()
