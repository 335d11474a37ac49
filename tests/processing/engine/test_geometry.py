"""Where the subject comes to lie, worked out in numbers and seen in pixels."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from processing.engine import BadOption, Options, UnknownForeground
from processing.engine.geometry import Layout, find_subject, fit_size, keep_region, lay_out, take
from processing.engine.sizes import SIZES, Box
from tests.processing.engine.photos import difference, noise

PHOTO, SUBJECT = (1000, 800), (200, 100, 500, 700)


def make_mask() -> Image.Image:
    mask = Image.new("L", PHOTO, 0)
    mask.paste(255, SUBJECT)
    return mask


def lay(**wanted: Any) -> Layout:
    return lay_out(make_mask(), Options.parse(wanted))


def test_without_a_wish_everything_stays_where_it_is() -> None:
    layout = lay()
    assert (layout.width, layout.height) == PHOTO
    assert layout.fills
    assert layout.subject == SUBJECT


@pytest.mark.parametrize(
    ("margin", "size", "subject"),
    [
        ("0", (300, 600), (0, 0, 300, 600)),
        ("10%", (360, 720), (30, 60, 330, 660)),
        ("10px 20px", (340, 620), (20, 10, 320, 610)),
        ("1px 2px 3px 4px", (306, 604), (4, 1, 304, 601)),
        ("50%", (600, 1200), (150, 300, 450, 900)),
    ],
)
def test_a_crop_has_exactly_its_margins(
    margin: str, size: tuple[int, int], subject: tuple[int, ...]
) -> None:
    layout = lay(crop=True, crop_margin=margin)
    assert (layout.width, layout.height) == size
    assert layout.subject == subject


def test_a_crop_within_the_photo_takes_the_pixels_as_they_are() -> None:
    photo = noise(*PHOTO)
    layout = lay(crop=True, crop_margin="20px")
    shown = take(photo, layout)
    assert difference(shown, photo.crop((180, 80, 520, 720))) == 0


@pytest.mark.parametrize("scale", [10, 37.5, 100])
def test_a_scale_is_the_subjects_share_of_the_canvas(scale: float) -> None:
    left, top, right, bottom = lay(scale=f"{scale}%").subject
    assert abs((bottom - top) - 800 * scale / 100) <= 1
    assert abs((left + right) / 2 - 500) <= 1
    assert abs((top + bottom) / 2 - 400) <= 1


@pytest.mark.parametrize(
    ("position", "corner"),
    [("0%", (0, 0)), ("100%", (700, 200)), ("center", (350, 100)), ("0% 100%", (0, 200))],
)
def test_a_position_shares_the_room_beside_the_subject(
    position: str, corner: tuple[int, int]
) -> None:
    layout = lay(position=position)
    assert layout.subject == (*corner, corner[0] + 300, corner[1] + 600)
    photo = noise(*PHOTO)
    canvas = Image.new("RGB", (layout.width, layout.height))
    canvas.paste(take(photo, layout), layout.target[:2])
    assert difference(canvas.crop(layout.subject), photo.crop(SUBJECT)) == 0


@pytest.mark.parametrize("canvas", ["2000x2000", "600x200", "33x999"])
def test_a_canvas_is_exact_and_its_scale_too(canvas: str) -> None:
    layout = lay(canvas=canvas, scale="85%")
    assert f"{layout.width}x{layout.height}" == canvas
    left, top, right, bottom = layout.subject
    shares = ((right - left) / layout.width, (bottom - top) / layout.height)
    assert abs(max(shares) - 0.85) < 0.03
    assert abs((right - left) * 2 - (bottom - top)) <= 2


def test_a_canvas_without_scale_holds_the_whole_photo() -> None:
    assert lay(canvas="500x500").target == (0, 50, 500, 450)
    assert lay(canvas="500x500", crop=True).subject == (125, 0, 375, 500)


def test_the_size_caps_the_canvas_too() -> None:
    layout = lay(canvas="2000x2000", scale="85%", size="preview")
    assert (layout.width, layout.height) == (500, 500)


@given(
    st.integers(1, 20_000),
    st.integers(1, 20_000),
    st.one_of(
        st.sampled_from(sorted(SIZES)), st.builds(Box, st.integers(1, 9999), st.integers(1, 9999))
    ),
)
def test_a_size_is_a_cap_that_keeps_the_proportions(
    width: int, height: int, size: str | Box
) -> None:
    fitted = fit_size(width, height, size)
    assert 1 <= fitted[0] <= width
    assert 1 <= fitted[1] <= height
    if isinstance(size, Box):
        assert fitted[0] <= size.width
        assert fitted[1] <= size.height
        most: float = size.width * size.height
    else:
        most = SIZES[size] or math.inf
    assert fitted[0] * fitted[1] <= most
    if min(fitted) > 40:
        assert abs(fitted[0] / fitted[1] / (width / height) - 1) < 0.03


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.fixed_dictionaries(
        {},
        optional={
            "crop": st.booleans(),
            "crop_margin": st.sampled_from(["0", "13%", "7px 50% 0 1px"]),
            "scale": st.sampled_from(["10%", "77.7%", "100%"]),
            "position": st.sampled_from(["0% 100%", "50%", "original"]),
            "canvas": st.sampled_from(["1x1", "97x13", "40x200"]),
            "size": st.sampled_from(["preview", "17x5", "1x1"]),
        },
    ),
    st.integers(0, 2**31),
)
def test_whatever_is_asked_for_the_picture_is_as_large_as_it_says(
    size: tuple[int, int], wanted: dict[str, Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    pixels[rng.integers(size[1]), rng.integers(size[0])] = 255
    mask = Image.fromarray(pixels)
    layout = lay_out(mask, Options.parse(wanted))
    left, top, right, bottom = layout.target
    assert 0 <= left < right <= layout.width
    assert 0 <= top < bottom <= layout.height
    assert take(mask, layout).size == (right - left, bottom - top)


def test_a_region_leaves_nothing_outside() -> None:
    mask = make_mask()
    kept = keep_region(mask, Options.parse({"roi": "0 0 30% 400px"}).roi)
    assert find_subject(kept) == (200, 100, 300, 400)
    assert mask.getbbox() == SUBJECT, "the cutout's own mask is left alone"


@pytest.mark.parametrize("region", ["0 0 1001px 10px", "600px 0 50% 100%", "0.01% 0 0.02% 100%"])
def test_a_region_that_the_photo_does_not_have_is_refused(region: str) -> None:
    with pytest.raises(BadOption) as caught:
        keep_region(make_mask(), Options.parse({"roi": region}).roi)
    assert caught.value.option == "roi"


def test_a_region_without_subject_has_none() -> None:
    with pytest.raises(UnknownForeground):
        lay_out(
            keep_region(make_mask(), Options.parse({"roi": "0 0 10% 10%"}).roi),
            Options(),
        )


def test_what_cannot_be_seen_is_no_subject() -> None:
    mask = Image.new("L", (50, 50), 7)
    mask.paste(8, (10, 10, 20, 30))
    assert find_subject(mask) == (10, 10, 20, 30)
