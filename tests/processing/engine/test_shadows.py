"""Shadows: on the side away from the light, soft, as dark as asked, alike at every size."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from processing.engine.choices import Shadow
from processing.engine.geometry import find_subject
from processing.engine.shadows import cast_shadow


def table(width: int = 400, height: int = 300) -> Image.Image:
    """A table on two legs."""
    mask = Image.new("L", (width, height), 0)
    top_and_legs = ((0.2, 0.3, 0.8, 0.4), (0.25, 0.4, 0.3, 0.8), (0.7, 0.4, 0.75, 0.8))
    for left, top, right, bottom in top_and_legs:
        corner = (round(left * width), round(top * height))
        mask.paste(255, (*corner, round(right * width), round(bottom * height)))
    return mask


def cast(mask: Image.Image, shadow: Shadow) -> NDArray[np.float64]:
    dark = cast_shadow(mask, find_subject(mask), shadow)
    assert dark.mode == "L"
    assert dark.size == mask.size
    return np.asarray(dark).astype(float)


def middle(dark: NDArray[np.float64]) -> tuple[float, float]:
    rows, columns = np.indices(dark.shape)
    return float((columns * dark).sum() / dark.sum()), float((rows * dark).sum() / dark.sum())


def test_a_drop_shadow_falls_away_from_the_light() -> None:
    mask = table()
    across, down = middle(np.asarray(mask).astype(float))
    longer = 240
    for angle, way in ((0, (0, 1)), (90, (-1, 0)), (180, (0, -1)), (270, (1, 0))):
        found = middle(cast(mask, Shadow("drop", distance=10, angle=angle)))
        assert abs(found[0] - across - way[0] * longer * 0.1) < 1.5
        assert abs(found[1] - down - way[1] * longer * 0.1) < 1.5


def test_a_drop_shadow_is_as_dark_and_as_soft_as_asked() -> None:
    disc = Image.new("L", (400, 400), 0)
    disc.paste(255, (100, 100, 300, 300))
    for opacity in (20, 100):
        dark = cast(disc, Shadow("drop", opacity=opacity, distance=0))
        assert abs(dark[200, 200] - 2.55 * opacity) <= 1
    slopes = []
    for blur in (1, 5, 20):
        edge = cast(disc, Shadow("drop", opacity=100, blur=blur, distance=0))[200, :200]
        slopes.append(np.diff(edge).max())
    assert slopes[0] > 3 * slopes[1] > 6 * slopes[2]
    # The steepest place of a blurred edge is its height over the sigma's square root of two pi.
    assert abs(slopes[1] - 255 / (0.05 * 200 * np.sqrt(2 * np.pi))) < 2


def test_a_contact_shadow_lies_at_the_feet_and_nowhere_else() -> None:
    dark = cast(table(), Shadow("contact", opacity=100, angle=0))
    bottom = 240
    feet, between = dark[bottom, 110], dark[bottom, 200]
    assert feet > 200
    assert between < feet / 2, "each leg has its own"
    assert dark[: bottom - 60].max() < 3, "nothing is cast on the wall"
    assert dark[bottom + 2, 110] > 150
    assert dark[bottom + 40].max() < 5


def test_what_hovers_above_the_ground_casts_little_on_it() -> None:
    mask = Image.new("L", (300, 300), 0)
    mask.paste(255, (40, 60, 100, 240))
    mask.paste(255, (180, 60, 260, 170))
    dark = cast(mask, Shadow("contact", opacity=100, angle=0))
    assert dark[:, 180:260].max() < 0.1 * dark[:, 40:100].max()


def test_a_contact_shadow_is_wider_than_high() -> None:
    dark = cast(table(), Shadow("contact", opacity=100, angle=0, blur=5, distance=6)) > 20
    rows, columns = np.nonzero(dark[:, 20:200])
    assert np.ptp(columns) > 1.5 * np.ptp(rows)


def test_a_contact_shadow_leans_from_the_light() -> None:
    left = middle(cast(table(), Shadow("contact", distance=10, angle=60)))[0]
    right = middle(cast(table(), Shadow("contact", distance=10, angle=300)))[0]
    assert right - left > 10


def test_a_preview_has_the_shadow_of_the_full_size() -> None:
    for shadow in (Shadow("drop", distance=8, blur=4), Shadow("contact", blur=4)):
        small = cast(table(), shadow)
        large = cast_shadow(table(2000, 1500), find_subject(table(2000, 1500)), shadow)
        shrunk = np.asarray(large.resize((400, 300), Image.Resampling.BOX)).astype(float)
        assert np.abs(shrunk - small).mean() < 1
        assert np.abs(shrunk - small).max() < 14


def test_a_shadow_has_no_bands() -> None:
    """Across a wide soft edge the mean of a block falls steadily, not in steps."""
    mask = Image.new("L", (1600, 64), 0)
    mask.paste(255, (0, 0, 800, 64))
    dark = cast(mask, Shadow("drop", opacity=8, blur=20, distance=0))
    means = dark.reshape(4, 16, 100, 16).mean(axis=(1, 3))[1]
    falling = np.diff(means)[38:62]
    assert falling.max() < 0
    assert falling.min() > -1


def test_a_single_pixel_and_a_full_mask_have_shadows() -> None:
    for mask in (Image.new("L", (1, 1), 255), Image.new("L", (50, 1), 255), table(3000, 2)):
        for kind in ("drop", "contact"):
            assert cast(mask, Shadow(kind)).shape == mask.size[::-1]
