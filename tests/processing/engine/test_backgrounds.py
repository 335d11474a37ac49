"""Backgrounds: where their colours are, no bands, and nothing that a picture can do to us."""

import numpy as np
import pytest
from PIL import Image

from processing.engine import (
    BadOption,
    Limits,
    Options,
    TooManyPixels,
    UnsupportedType,
    open_picture,
)
from processing.engine.backgrounds import cover, paint_background
from processing.engine.dithering import blur, grow
from processing.engine.geometry import Layout, lay_out
from tests.processing.engine.photos import difference, noise, save, subject


def paint(text: str, size: tuple[int, int]) -> Image.Image:
    background = Options.parse({"bg_gradient": text}).background
    assert background is not None
    layout = Layout(*size, (0, 0, *size), (0, 0, *size), (0, 0, *size))
    blank = Image.new("RGB", size)
    return paint_background(background, layout, blank, Image.new("L", size, 255), None)


def near(one: tuple[int, ...], other: tuple[int, ...], within: int = 1) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def pixel(image: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return found


def test_a_gradient_runs_as_css_draws_it() -> None:
    down = paint("#ff0000, #0000ff", (40, 100))
    assert near(pixel(down, (3, 0)), (254, 0, 1))
    assert near(pixel(down, (30, 99)), (1, 0, 254))
    assert near(pixel(down, (20, 50)), (126, 0, 129), 2)
    right = paint("90deg, #000 0%, #fff 50%, #000 100%", (101, 5))
    assert near(pixel(right, (0, 2)), (1,) * 3, 2)
    assert near(pixel(right, (50, 2)), (255,) * 3, 2)
    corner = paint("45deg, #000, #fff", (80, 60))
    assert near(pixel(corner, (0, 59)), (1,) * 3, 2)
    assert near(pixel(corner, (79, 0)), (254,) * 3, 2)


def test_a_see_through_end_does_not_darken_the_middle() -> None:
    image = paint("90deg, #ff0000, #00000000", (101, 1))
    assert image.mode == "RGBA"
    red, green, blue, alpha = pixel(image, (50, 0))
    assert near((red, green, blue), (255, 0, 0))
    assert abs(alpha - 127) <= 2


def test_a_slow_gradient_has_no_bands() -> None:
    """Ten steps over 2,000 pixels: plain rounding would leave bands of 200 equal columns."""
    pixels = np.asarray(paint("90deg, #646464, #6e6e6e", (2000, 64)))[:, :, 0].astype(float)
    means = pixels.reshape(4, 16, 125, 16).mean(axis=(1, 3))
    ideal = 100 + 10 * (np.arange(125) * 16 + 8) / 2000
    assert np.abs(means - ideal).max() < 0.06
    assert np.ptp(pixels[:, 900:1100], axis=0).max() <= 1


def test_a_small_picture_grows_without_bands() -> None:
    ramp = np.linspace(100, 104, 8, dtype=np.float32)[None, :, None].repeat(8, axis=0)
    pixels = np.asarray(grow(ramp, (800, 160))).astype(float)
    means = pixels.reshape(10, 16, 50, 16).mean(axis=(1, 3))
    assert (np.diff(means, axis=1) > -0.03).all()
    assert abs(means[:, -3:].mean() - 104) < 0.1


def test_blurring_keeps_the_sum_and_flat_stays_flat() -> None:
    spot = np.zeros((41, 61, 1), np.float32)
    spot[20, 30] = 1
    blurred = blur(spot, 3, 5)
    assert abs(blurred.sum() - 1) < 1e-4
    across = (blurred[:, :, 0].sum(axis=0) * (np.arange(61) - 30) ** 2).sum()
    assert abs(np.sqrt(across) - 5) < 0.2
    assert np.abs(blur(np.ones((9, 9, 3), np.float32), 4, 4) - 1).max() < 1e-5


@pytest.mark.parametrize("size", [(30, 90), (90, 30), (7, 7), (200, 100)])
def test_a_picture_covers_with_its_middle(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", (120, 60), (255, 0, 0))
    picture.paste((0, 255, 0), (45, 15, 75, 45))
    covered = cover(picture, size)
    assert covered.size == size
    assert near(pixel(covered, (size[0] // 2, size[1] // 2)), (0, 255, 0), 20)
    assert near(pixel(covered, (0, 0)), (255, 0, 0), 20)


def test_a_picture_of_that_very_size_is_itself() -> None:
    picture = noise(64, 48)
    assert difference(cover(picture, (64, 48)), picture) == 0


def test_a_background_picture_that_is_not_there_is_told() -> None:
    background = Options.parse({"bg_image": "0" * 64}).background
    assert background is not None
    layout = Layout(9, 9, (0, 0, 9, 9), (0, 0, 9, 9), (0, 0, 9, 9))
    with pytest.raises(BadOption) as caught:
        paint_background(background, layout, Image.new("RGB", (9, 9)), Image.new("L", (9, 9)), None)
    assert caught.value.option == "bg_image"


def test_the_blurred_photo_has_nothing_of_the_subject_around_it() -> None:
    """A red disc before green: an ordinary blur would leave a brown ring."""
    photo = Image.new("RGB", (200, 200), (0, 128, 0))
    photo.paste((255, 0, 0), (70, 70, 130, 130))
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (69, 69, 131, 131))
    options = Options.parse({"bg_blur": 100})
    assert options.background is not None
    layout = lay_out(mask, options)
    blurred = paint_background(options.background, layout, photo, mask, None)
    around = np.asarray(blurred)[np.asarray(mask) == 0]
    assert around[:, 0].max() <= 6
    assert around[:, 1].min() >= 124


def test_no_ghost_of_the_subject_is_left_where_it_is_moved_away() -> None:
    photo = Image.new("RGB", (200, 200), (0, 128, 0))
    photo.paste((255, 0, 0), (60, 60, 140, 200))
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (60, 60, 140, 200))
    options = Options.parse({"bg_blur": 5, "canvas": "150x300", "scale": "20%", "position": "0%"})
    assert options.background is not None
    layout = lay_out(mask, options)
    assert not layout.fills
    blurred = paint_background(options.background, layout, photo, mask, None)
    assert blurred.size == (150, 300)
    assert np.asarray(blurred)[:, :, 0].max() <= 2


def test_a_photo_that_is_all_subject_is_blurred_as_it_is() -> None:
    options = Options.parse({"bg_blur": 50})
    assert options.background is not None
    photo, mask = Image.new("RGB", (30, 20), (200, 100, 50)), Image.new("L", (30, 20), 255)
    blurred = paint_background(options.background, lay_out(mask, options), photo, mask, None)
    assert near(pixel(blurred, (15, 10)), (200, 100, 50))


def test_a_stronger_blur_is_smoother() -> None:
    photo = noise(300, 200)
    mask = Image.new("L", photo.size, 0)
    mask.paste(255, (0, 0, 9, 9))
    rough = []
    for strength in (2, 20, 100):
        options = Options.parse({"bg_blur": strength})
        assert options.background is not None
        layout = lay_out(mask, options)
        blurred = paint_background(options.background, layout, photo, mask, None)
        assert blurred.size == photo.size
        pixels = np.asarray(blurred)[20:-20, 20:-20].astype(float)
        assert abs(pixels.mean() - np.asarray(photo)[20:-20, 20:-20].mean()) < 8
        rough.append(pixels.std())
    assert rough[0] > 1.3 * rough[1] > 1.3 * rough[2]


def test_a_picture_comes_upright_and_without_holes() -> None:
    image = subject().convert("RGBA")
    image.putalpha(0)
    assert pixel(open_picture(save(image, "PNG"), Limits()), (50, 50)) == (255, 255, 255)
    turned = Image.Exif()
    turned[0x0112] = 6
    assert open_picture(save(subject(), "JPEG", exif=turned), Limits()).size == (90, 120)


def test_a_picture_is_trusted_no_more_than_a_photo() -> None:
    with pytest.raises(UnsupportedType):
        open_picture(b"%PDF-1.7\n", Limits())
    with pytest.raises(TooManyPixels):
        open_picture(save(Image.new("L", (400, 300)), "PNG"), Limits(max_pixels=100_000))
