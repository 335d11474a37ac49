"""What strokes do to a mask: value for value as the browser shows it, at any size, in good time."""

import json
import time
from typing import Any

import numpy as np
import pytest
from PIL import Image

from processing.engine.brush import paint
from processing.engine.cutting import reopen
from processing.engine.errors import NothingLeft
from processing.engine.limits import Limits
from processing.engine.options import Options
from processing.engine.png import write_png
from processing.engine.strokes import Stroke
from tests import photos
from tests.processing.engine.make_stroke_vectors import FILE, in_text, make_case, paint_case

CASES = json.loads(FILE.read_text(encoding="utf-8"))


def flat(value: int, size: tuple[int, int] = (200, 100)) -> Image.Image:
    return Image.new("L", size, value)


def grey(size: tuple[int, int] = (200, 100)) -> Image.Image:
    return Image.new("RGB", size, (90, 90, 90))


def stroke(tool: str = "erase", **changed: Any) -> Stroke:
    wanted: dict[str, Any] = {
        "size": 0.1,
        "hardness": 1.0,
        "smart": False,
        "points": ((0.5, 0.5),),
    }
    return Stroke(tool, **(wanted | changed))


def test_the_vectors_are_what_their_maker_makes() -> None:
    assert len(CASES) >= 20
    made = make_case(3)
    made["painted"] = in_text(paint_case(made))
    assert made == CASES[3]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_every_vector_comes_out_the_same(number: int) -> None:
    assert in_text(paint_case(CASES[number])) == CASES[number]["painted"]


def test_no_stroke_leaves_the_mask_as_it_is() -> None:
    mask = Image.fromarray(np.arange(256, dtype=np.uint8).repeat(2).reshape(16, 32))
    assert paint(mask, grey(mask.size), []).tobytes() == mask.tobytes()


def test_erasing_and_restoring_change_what_is_under_the_brush_alone() -> None:
    erased = np.asarray(paint(flat(200), grey(), [stroke()]))
    assert erased[50, 100] == 0
    assert erased[50, 115] == 200
    restored = np.asarray(paint(flat(40), grey(), [stroke("restore")]))
    assert restored[50, 100] == 255
    assert restored[50, 115] == 40


def test_a_soft_brush_fades_and_a_slow_hand_takes_no_more() -> None:
    soft = stroke(hardness=0.0, size=0.4)
    row = np.asarray(paint(flat(255), grey(), [soft]))[50].astype(int)
    assert 0 == row[100] < row[110] < row[125] < row[139] <= 255
    slow = stroke(hardness=0.0, size=0.4, points=((0.5, 0.5),) * 40)
    assert (np.asarray(paint(flat(255), grey(), [slow]))[50] == row).all()


def test_later_strokes_lie_on_earlier_ones() -> None:
    there_and_back = [stroke(), stroke("restore")]
    assert np.asarray(paint(flat(0), grey(), there_and_back))[50, 100] == 255
    with pytest.raises(NothingLeft):
        paint(flat(0), grey(), [stroke("restore"), stroke(size=0.2)])


def test_a_smart_stroke_stops_at_an_edge_and_does_not_jump() -> None:
    photo = grey()
    photo.paste((200, 30, 30), (110, 0, 120, 100))  # A wall of another colour.
    painted = np.asarray(paint(flat(255), photo, [stroke(smart=True, size=0.5)]))
    assert painted[50, 100] == 0
    assert painted[50, 115] == 255
    assert painted[50, 130] == 255, "the same colour beyond the wall is not connected"
    plain = np.asarray(paint(flat(255), photo, [stroke(size=0.5)]))
    assert plain[50, 115] == plain[50, 130] == 0


def test_a_large_mask_gets_the_strokes_of_a_small_one() -> None:
    wanted = [stroke(size=0.2), stroke("restore", points=((0.1, 0.1), (0.9, 0.2)), size=0.05)]
    small = paint(flat(200, (1000, 500)), grey((1000, 500)), wanted)
    large = paint(flat(200, (4000, 2000)), grey((4000, 2000)), wanted)
    shrunk = np.asarray(large.resize(small.size, Image.Resampling.BOX)).astype(int)
    far = np.abs(shrunk - np.asarray(small)) > 60
    assert far.mean() < 0.003, "but for a pixel along the edges"
    corner = np.asarray(large)[-200:, :200]
    assert (corner == 200).all()


def test_nothing_left_is_said() -> None:
    with pytest.raises(NothingLeft):
        paint(
            flat(255), grey(), [stroke(size=0.5, points=((0, 0.3), (1, 0.3), (1, 0.7), (0, 0.7)))]
        )


def test_fifty_strokes_on_twelve_megapixels_take_half_a_second() -> None:
    """Of processor time; twice that here, for a machine that is slow or busy."""
    size = (4000, 3000)
    line = tuple((0.1 + 0.008 * at, 0.3 + 0.002 * (at % 7)) for at in range(100))
    wanted = [stroke(size=0.03, points=line, smart=bool(at % 2)) for at in range(50)]
    mask, photo = flat(255, size), grey(size)
    before = time.process_time()
    paint(mask, photo, wanted)
    assert time.process_time() - before < 1


def test_a_cutout_is_reopened_with_strokes_and_keeps_its_photo_s_holes() -> None:
    photo = photos.draw(200, 100)
    mask = write_png(flat(255))
    cutout = reopen(photo, mask, Options(), Limits(), [stroke()])
    assert cutout.mask.getpixel((100, 50)) == 0
    assert cutout.mask.getpixel((10, 10)) == 255
