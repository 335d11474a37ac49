"""The old background is taken out of soft pixels, and of nothing else."""

import numpy as np
import pytest
from PIL import Image

from processing.engine.foreground import estimate_foreground
from tests.bench.mattes import colour_errors
from tests.processing.engine.photos import noise

RED, GREEN = (200, 40, 30), (20, 180, 60)


def mixed(width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """Red over green with a soft border between them, and the true mask."""
    row = np.clip(255 - (np.arange(width) - width * 0.4) * 255 / (width * 0.05), 0, 255)
    mask = Image.fromarray(np.repeat(row[None, :], height, axis=0).astype(np.uint8))
    size = (width, height)
    return Image.composite(Image.new("RGB", size, RED), Image.new("RGB", size, GREEN), mask), mask


@pytest.mark.parametrize("size", [(60, 40), (500, 300), (2400, 900)])
def test_the_subjects_own_colour_is_found(size: tuple[int, int]) -> None:
    photo, mask = mixed(*size)
    clean, share = np.asarray(estimate_foreground(photo, mask)).astype(int), np.asarray(mask)
    seen = (share > 60) & (share < 255)
    before = np.abs(np.asarray(photo).astype(int)[seen] - RED).mean()
    assert np.abs(clean[seen] - RED).mean() < 0.3 * before


def test_sure_pixels_are_untouched_bit_for_bit() -> None:
    photo, random = noise(700, 500), np.random.default_rng(3)
    mask = Image.fromarray(random.choice([0, 0, 255, 90], (500, 700)).astype(np.uint8))
    before = photo.copy()
    clean = np.asarray(estimate_foreground(photo, mask))
    sure = np.asarray(mask) != 90
    assert (clean[sure] == np.asarray(photo)[sure]).all()
    assert (clean[~sure] != np.asarray(photo)[~sure]).any()
    assert (np.asarray(before) == np.asarray(photo)).all(), "the photo itself is not changed"


@pytest.mark.parametrize("value", [0, 255, 128])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 5000), (5000, 1)])
def test_a_photo_of_any_shape_and_a_flat_mask(size: tuple[int, int], value: int) -> None:
    photo = noise(*size)
    clean = estimate_foreground(photo, Image.new("L", size, value))
    assert (clean.mode, clean.size) == ("RGB", size)
    if value != 128:
        assert clean.tobytes() == photo.tobytes()


def test_hair_over_another_ground_is_nearer_to_the_truth() -> None:
    errors = colour_errors(noise(400, 300).resize((800, 600)), seed=5)
    for before, after in errors.values():
        assert after < 0.55 * before


@pytest.mark.parametrize("faint", [1, 8, 25])
def test_a_faint_veil_alone_keeps_its_colour(faint: int) -> None:
    """No pure cell is near that could tell a colour: the mixed ones do."""
    photo, mask = Image.new("RGB", (900, 700), (150, 90, 210)), Image.new("L", (900, 700))
    mask.paste(faint, (440, 340, 446, 346))
    clean = np.asarray(estimate_foreground(photo, mask)).astype(int)
    assert np.abs(clean - (150, 90, 210)).max() <= 2
