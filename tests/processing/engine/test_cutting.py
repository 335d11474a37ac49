from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from processing.engine import (
    EngineFailed,
    Limits,
    Options,
    OutOfMemory,
    PhotoError,
    UnknownForeground,
    cut_out,
    find_card,
    load_matter,
)
from processing.engine.matters import RembgMatter
from processing.engine.planes import Plane
from processing.engine.subject import stretch
from processing.engine.synthetic import SyntheticMatter
from tests import photos
from tests.processing.engine.photos import difference, save, subject

LIMITS, OPTIONS = Limits(), Options()


class StubMatter:
    """Answers with one mask, or fails as told."""

    name, version, provider = "stub", "0", "none"

    def __init__(self, answer: int | Exception) -> None:
        self.answer = answer
        self.seen: Image.Image | None = None

    def predict(self, photos: Sequence[Image.Image]) -> list[Plane]:
        (self.seen,) = photos
        if isinstance(self.answer, Exception):
            raise self.answer
        return [np.full((8, 8), self.answer / 255, np.float32)]


def test_a_subject_before_a_plain_ground_is_cut_out() -> None:
    photo = save(subject(), "PNG")
    cutout = cut_out(photo, OPTIONS, SyntheticMatter(), LIMITS)
    assert (cutout.width, cutout.height, cutout.kind) == (120, 90, "png")
    assert (cutout.model, cutout.model_version) == ("synthetic", "1")
    assert set(cutout.timings) == {"decode", "matte", "refine"}
    assert all(spent >= 0 for spent in cutout.timings.values())
    assert difference(cutout.rgb, subject()) == 0
    assert cutout.mask.getpixel((48, 45)) == 255
    assert cutout.mask.getpixel((110, 10)) == 0
    share = np.asarray(cutout.mask).mean() / 255
    assert 0.17 < share < 0.22, "the ellipse covers 18.8 % of the photo"


def test_the_same_photo_gives_the_same_mask() -> None:
    photo = save(subject(640, 480), "JPEG")
    one = cut_out(photo, OPTIONS, SyntheticMatter(), LIMITS)
    other = cut_out(photo, OPTIONS, SyntheticMatter(), LIMITS)
    assert difference(one.mask, other.mask) == 0


def test_a_flat_photo_has_no_subject() -> None:
    flat = save(Image.new("RGB", (80, 60), (120, 130, 140)), "JPEG")
    with pytest.raises(UnknownForeground):
        cut_out(flat, OPTIONS, SyntheticMatter(), LIMITS)


def test_a_speck_is_told_from_a_subject() -> None:
    speck = cut_out(photos.draw_speck(), OPTIONS, SyntheticMatter(), LIMITS)
    assert speck.mask.getbbox() is not None
    assert speck.shows_little
    assert not cut_out(save(subject(), "PNG"), OPTIONS, SyntheticMatter(), LIMITS).shows_little


def test_holes_of_the_photo_stay_holes() -> None:
    image = subject().convert("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, 48, 90))
    alpha.paste(100, (48, 0, 60, 90))
    image.putalpha(alpha)
    photo = save(image, "PNG")
    matter = StubMatter(255)
    kept = cut_out(photo, Options(keep_transparency=True), matter, LIMITS)
    assert difference(kept.mask, alpha) == 0
    ignored = cut_out(photo, Options(keep_transparency=False), matter, LIMITS)
    assert ignored.mask.getextrema() == (255, 255)


def test_the_matter_sees_white_beneath_holes() -> None:
    image = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (5, 0, 10, 10))
    matter = StubMatter(255)
    cut_out(save(image, "PNG"), OPTIONS, matter, LIMITS)
    assert matter.seen is not None
    assert matter.seen.getpixel((1, 5)) == (255, 255, 255)
    assert matter.seen.getpixel((8, 5)) == (0, 0, 255)


def test_a_photo_that_is_all_holes_has_no_subject() -> None:
    with pytest.raises(UnknownForeground):
        cut_out(save(Image.new("RGBA", (9, 9)), "PNG"), OPTIONS, StubMatter(255), LIMITS)


@pytest.mark.parametrize(
    ("thrown", "told"),
    [
        (MemoryError(), OutOfMemory),
        (RuntimeError("a runtime's own words"), EngineFailed),
        (UnknownForeground(), UnknownForeground),
    ],
)
def test_whatever_a_matter_throws_becomes_a_photo_error(
    thrown: Exception, told: type[PhotoError]
) -> None:
    with pytest.raises(told) as caught:
        cut_out(save(subject(), "PNG"), OPTIONS, StubMatter(thrown), LIMITS)
    assert caught.value.sentence == told.says


class ShortSession:
    """Stands for a session of rembg whose runtime fails with the words it is given."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.inner_session = self

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="input.1", shape=[1, 3, 320, 320])]

    def get_outputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="d0")]

    def run(self, *_: object) -> None:
        raise RuntimeError(self.words)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc", OutOfMemory),
        ("Failed to allocate memory for requested buffer", OutOfMemory),
        ("CUDA failure 2: out of memory", OutOfMemory),
        ("INVALID_GRAPH", EngineFailed),
    ],
)
def test_a_runtime_without_memory_is_told_from_one_that_fails(
    words: str, told: type[PhotoError]
) -> None:
    matter = RembgMatter(find_card("u2netp"), ShortSession(words), "CPUExecutionProvider")
    with pytest.raises(told):
        cut_out(save(subject(), "PNG"), OPTIONS, matter, LIMITS)


def test_a_mask_is_stretched_only_where_the_model_is_sure_enough() -> None:
    unsure = np.full((4, 4), 0.1, np.float32)
    with pytest.raises(UnknownForeground):
        stretch(unsure)
    with pytest.raises(UnknownForeground):
        stretch(np.full((4, 4), np.nan, np.float32))
    sure = unsure.copy()
    sure[1, 1] = 0.8
    assert stretch(sure)[1, 1] == 1.0
    assert stretch(sure)[0, 0] == pytest.approx(0.125), "the low end is not pulled to 0"


def test_a_speck_in_a_haze_is_no_subject_and_a_small_one_alone_is() -> None:
    """What a model gives for an empty road, and for a bird far away."""
    speck = np.zeros((100, 100), np.float32)
    speck[40:43, 40:43] = 0.9
    assert stretch(speck).max() == 1.0
    speck[60:, :] = 0.01
    with pytest.raises(UnknownForeground):
        stretch(speck)
    for odd in (np.inf, -np.inf, np.nan):
        speck[0, 0] = odd
        with pytest.raises(UnknownForeground):
            stretch(speck)


def test_the_synthetic_matter_loads_without_weights(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    matter = load_matter("synthetic", tmp_path_factory.mktemp("empty"))
    assert (matter.name, matter.version, matter.provider) == ("synthetic", "1", "none")
