"""Layers put together: exact where they must be, and right to the bit where they mix."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from processing.engine import Cutout, Options, UnknownForeground
from processing.engine.compositing import Composite, compose
from tests.processing.engine.photos import difference, noise


def make_cutout(width: int = 96, height: int = 64) -> Cutout:
    """Empty at the left, solid at the right and everything between."""
    ramp = np.linspace(-200, 455, width).clip(0, 255).astype(np.uint8)
    mask = Image.fromarray(np.tile(ramp, (height, 1)))
    return Cutout(noise(width, height), mask, width, height, "png", "synthetic", "1", {})


def put(cutout: Cutout, picture: Image.Image | None = None, /, **wanted: Any) -> Composite:
    return compose(cutout, Options.parse(wanted), picture)


def colours(composite: Composite) -> np.ndarray[Any, np.dtype[np.int64]]:
    assert composite.rgb is not None
    return np.asarray(composite.rgb).astype(int)


def test_without_background_the_layers_are_the_cutouts() -> None:
    cutout = make_cutout()
    composite = put(cutout, despill="off")
    assert composite.rgb is not None
    assert composite.mask is not None
    assert difference(composite.rgb, cutout.rgb) == 0
    assert difference(composite.mask, cutout.mask) == 0


def test_solid_pixels_stay_the_photos_own_with_despill() -> None:
    cutout = make_cutout()
    solid = np.asarray(cutout.mask) == 255
    composite = put(cutout)
    assert (colours(composite)[solid] == np.asarray(cutout.rgb)[solid]).all()
    for background in ({"bg_color": "red"}, {"bg_blur": 50}, {"bg_gradient": "#fff, #0000"}):
        mixed = put(cutout, **background, shadow="drop")
        assert (colours(mixed)[solid] == np.asarray(cutout.rgb)[solid]).all()


def test_despill_takes_the_old_background_out_of_the_edge() -> None:
    """Red before green: half of each in the middle of the edge, all red afterwards."""
    ramp = np.linspace(-2, 3, 200).clip(0, 1)[None, :, None].repeat(150, axis=0)
    photo = ramp * np.array([220, 30, 30]) + (1 - ramp) * np.array([20, 200, 20])
    rgb = Image.fromarray(photo.round().astype(np.uint8))
    mask = Image.fromarray((ramp[:, :, 0] * 255).round().astype(np.uint8))
    cutout = Cutout(rgb, mask, 200, 150, "png", "", "", {})
    edge = (np.asarray(mask) > 80) & (np.asarray(mask) < 200)
    green = [colours(put(cutout, despill=how))[edge][:, 1].mean() for how in ("off", "on")]
    assert green[0] > 90
    assert green[1] < 55


def test_a_colour_shines_through_in_proportion() -> None:
    cutout = make_cutout()
    composite = put(cutout, bg_color="#102030", despill="off")
    assert composite.mask is None
    share = np.asarray(cutout.mask)[:, :, None] / 255
    expected = np.asarray(cutout.rgb) * share + np.array([16, 32, 48]) * (1 - share)
    assert np.abs(colours(composite) - expected).max() <= 1


def test_a_see_through_colour_leaves_the_result_see_through() -> None:
    cutout = make_cutout()
    composite = put(cutout, bg_color="#ff000080", despill="off")
    assert composite.mask is not None
    share, ground = np.asarray(cutout.mask) / 255, 128 / 255
    solid = share + ground * (1 - share)
    assert np.abs(np.asarray(composite.mask) - solid * 255).max() <= 1
    part = (share / solid)[:, :, None]
    expected = np.asarray(cutout.rgb) * part + np.array([255, 0, 0]) * (1 - part)
    assert np.abs(colours(composite) - expected).max() <= 2


def test_a_shadow_without_background_is_part_of_the_mask() -> None:
    cutout = make_cutout()
    composite = put(cutout, shadow="drop", shadow_distance=20, shadow_angle=90, shadow_opacity=100)
    assert composite.mask is not None
    gained = np.asarray(composite.mask).astype(int) - np.asarray(cutout.mask)
    assert gained.min() >= 0
    assert gained.max() > 60
    beneath = np.asarray(cutout.mask) == 0
    assert colours(composite)[beneath & (np.asarray(composite.mask) > 0)].max() == 0


def test_a_shadow_darkens_the_background_with_its_colour() -> None:
    cutout = make_cutout()
    plain = colours(put(cutout, bg_color="white"))
    dark = colours(put(cutout, bg_color="white", shadow="drop", shadow_angle=90))
    red = colours(put(cutout, bg_color="white", shadow="drop", shadow_angle=90, shadow_color="red"))
    half = {"shadow": "drop", "shadow_angle": 90, "shadow_color": "#00000080"}
    faint = colours(put(cutout, bg_color="white", **half))
    assert (plain - dark).max() > 20
    assert np.abs((red - plain)[:, :, 0]).max() == 0
    assert 0.4 < (plain - faint).sum() / (plain - dark).sum() < 0.6


def test_a_picture_lies_behind() -> None:
    cutout = make_cutout()
    picture = Image.new("RGB", (10, 500), (9, 200, 9))
    composite = put(cutout, picture, bg_image="0" * 64)
    assert composite.mask is None
    empty = np.asarray(cutout.mask) == 0
    assert (colours(composite)[empty] == [9, 200, 9]).all()


def test_the_mask_alone_is_laid_out_like_the_picture() -> None:
    cutout = make_cutout()
    wanted = {"crop": True, "crop_margin": "10%", "scale": "60%"}
    alone, whole = put(cutout, channels="alpha", **wanted), put(cutout, **wanted)
    assert alone.rgb is None
    assert alone.mask is not None
    assert whole.mask is not None
    assert difference(alone.mask, whole.mask) == 0
    assert alone.subject == whole.subject


def test_colour_and_mask_are_shrunk_apart() -> None:
    """Black from beneath the holes would darken a grey edge."""
    rgb = Image.new("RGB", (400, 400), (0, 0, 0))
    rgb.paste((200, 200, 200), (60, 60, 340, 340))
    mask = Image.new("L", (400, 400), 0)
    mask.paste(255, (101, 101, 299, 299))
    cutout = Cutout(rgb, mask, 400, 400, "png", "", "", {})
    composite = put(cutout, size="57x57", despill="off")
    assert composite.mask is not None
    assert colours(composite)[np.asarray(composite.mask) > 2].min() >= 199


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"bg_blur": 50, "shadow": "drop"},
        {"roi": "0 0 90% 90%", "crop": True, "crop_margin": "20%", "shadow": "contact"},
        {"bg_gradient": "#fff8, #0000", "format": "zip"},
        {"channels": "alpha"},
    ],
    ids=str,
)
def test_the_cutout_is_left_as_it_is(wanted: dict[str, Any]) -> None:
    cutout, before = make_cutout(), make_cutout()
    put(cutout, **wanted)
    assert difference(cutout.rgb, before.rgb) == 0
    assert difference(cutout.mask, before.mask) == 0


def test_a_region_beside_the_subject_holds_none() -> None:
    with pytest.raises(UnknownForeground):
        put(make_cutout(), roi="0 0 10% 100%")
