"""TIFFs of more than 8 bits: each kind against pixels that were known before it was written."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from processing.engine import DecodeFailed, Limits, TooManyPixels, Truncated
from processing.engine.decoding import Decoded, decode
from processing.engine.limits import MOST_DEEP_BYTES
from processing.engine.linear import bend
from tests.processing.engine.photos import difference, noise, save
from tests.processing.engine.profiles import encode_light, linear, profile_bytes, wide
from tests.processing.engine.tiffs import Numbers, Writing, with_numbers, write_tiff

# What 255 becomes in each kind of numbers.
WHITE = {
    "uint16": 65535,
    "uint32": 2**32 - 1,
    "uint64": 2**64 - 1,
    "float16": 1,
    "float32": 1,
    "float64": 1,
}
PLAIN = Writing()
LAYOUTS = {
    "plain": PLAIN,
    "big end first": Writing(order=">"),
    "packed": Writing(packed=True),
    "big end first, packed": Writing(order=">", packed=True),
    "planes": Writing(planar=True),
    "planes, packed": Writing(planar=True, packed=True, order=">"),
    "tiles": Writing(tile=16),
    "tiles, packed": Writing(tile=16, packed=True),
    "differences": Writing(predictor=2, packed=True),
    "differences, big end first": Writing(predictor=2, packed=True, order=">"),
    "differences in tiles": Writing(predictor=2, packed=True, tile=16),
    "differences in planes": Writing(predictor=2, packed=True, planar=True),
}
REAL_LAYOUTS = {
    "real differences": Writing(predictor=3, packed=True),
    "real differences, big end first": Writing(predictor=3, packed=True, order=">"),
    "real differences in tiles": Writing(predictor=3, packed=True, tile=16),
    "real differences in planes": Writing(predictor=3, packed=True, planar=True),
}
CASES = [
    *itertools.product(WHITE, LAYOUTS),
    *itertools.product(("float16", "float32", "float64"), REAL_LAYOUTS),
]


def open_numbers(numbers: Numbers, how: Writing = PLAIN) -> Decoded:
    return decode(write_tiff(numbers, how), Limits())


def read_grey(numbers: Numbers, how: Writing = PLAIN) -> list[int]:
    """One row of grey, as it is shown."""
    pixels = np.asarray(open_numbers(numbers.reshape(1, -1, 1), how).rgb)
    assert (pixels == pixels[..., :1]).all()
    return [int(one) for one in pixels[0, :, 0]]


def deepen(pixels: Numbers, kind: str) -> Numbers:
    """8 bits as another kind of numbers, exactly."""
    if kind.startswith("float"):
        return np.asarray(pixels / 255, kind)
    return np.asarray(pixels.astype(kind) * np.array(WHITE[kind] // 255, kind))


@pytest.mark.parametrize(("kind", "layout"), CASES)
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_every_kind_of_numbers_comes_out_as_it_was_written(
    kind: str, layout: str, samples: int
) -> None:
    pixels = np.random.default_rng(samples).integers(0, 256, (37, 23, samples), dtype=np.uint8)
    has_alpha = samples in (2, 4)
    how = replace({**LAYOUTS, **REAL_LAYOUTS}[layout], extra=(2,) if has_alpha else ())
    decoded = open_numbers(deepen(pixels, kind), how)
    colours = pixels[..., : samples - has_alpha]
    assert (np.asarray(decoded.rgb) == np.broadcast_to(colours, (37, 23, 3))).all()
    assert (decoded.alpha is not None) == has_alpha
    if decoded.alpha is not None:
        assert (np.asarray(decoded.alpha) == pixels[..., -1]).all()


def test_numbers_beyond_half_of_their_range_are_not_black() -> None:
    assert read_grey(np.array([0, 2**31, 2**32 - 1], np.uint32)) == [0, 128, 255]


@pytest.mark.parametrize(
    ("kind", "white"),
    [
        *(("uint32", 255), ("uint32", 65535), ("uint32", 1_000_000), ("int32", 255)),
        *(("int16", 32767), ("int32", 65535), ("int32", 1_000_000), ("int32", 2**31 - 1)),
        *(("uint64", 65535), ("float32", 255), ("float32", 65535), ("float64", 1e6)),
    ],
)
def test_wide_numbers_that_use_a_part_of_their_range_are_not_black(kind: str, white: int) -> None:
    ramp = np.linspace(0, white, 256).astype(kind)
    assert np.abs(np.array(read_grey(ramp)) - np.arange(256)).max() <= 1


def test_a_dark_photo_that_uses_its_range_stays_dark() -> None:
    assert read_grey(np.array([0, 2**29], np.uint32)) == [0, 32]
    assert read_grey(np.array([0, 6554], np.uint16)) == [0, 26]
    assert read_grey(np.array([0, 0.1], np.float32)) == [0, 26]


def test_highlights_beyond_white_are_white_and_what_is_no_number_is_black() -> None:
    odd = np.array([0, 0.5, 1, 0.2, 0.3, 1.5, 40, np.inf, -3, -np.inf, np.nan], np.float32)
    assert read_grey(odd) == [0, 128, 255, 51, 77, 255, 255, 255, 0, 0, 0]


@pytest.mark.parametrize("kind", WHITE)
def test_a_photo_of_one_black_is_black_and_does_not_fail(kind: str) -> None:
    assert read_grey(np.zeros(4, kind)) == [0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["uint16", "uint32", "float32"])
def test_white_is_zero(kind: str) -> None:
    numbers = deepen(np.array([0, 51, 255]), kind)
    for order in "<>":
        assert read_grey(numbers, Writing(photometric=0, order=order)) == [255, 204, 0]


@pytest.mark.parametrize("kind", ["uint16", "float32"])
def test_colours_that_had_the_alpha_multiplied_in_are_freed_of_it(kind: str) -> None:
    shares = np.array([[[0.3, 0.6], [0.8, 0.8], [0, 0]]])
    numbers = (shares * WHITE[kind]).round(4).astype(kind)
    decoded = open_numbers(numbers, Writing(extra=(1,)))
    assert decoded.alpha is not None
    assert np.asarray(decoded.alpha)[0].tolist() == [153, 204, 0]
    shown = np.asarray(decoded.rgb)[0, :, 0].astype(int)
    assert np.abs(shown - (128, 255, 0)).max() <= 1


def test_samples_that_mean_nothing_are_left_out() -> None:
    pixels = noise(20, 30)
    numbers = np.concatenate([np.asarray(pixels), np.zeros((30, 20, 2), np.uint8)], axis=2)
    decoded = open_numbers(deepen(numbers, "uint16"), Writing(extra=(0, 0)))
    assert difference(decoded.rgb, pixels) == 0
    assert decoded.alpha is None


@pytest.mark.parametrize("planar", [False, True])
def test_inks_of_16_bits_are_those_of_8(planar: bool) -> None:
    inks = noise(20, 30).convert("CMYK")
    how = Writing(photometric=5, planar=planar)
    deep = open_numbers(deepen(np.asarray(inks), "uint16"), how)
    assert difference(deep.rgb, decode(save(inks, "TIFF"), Limits()).rgb) == 0


def test_grey_of_12_bits_reaches_white() -> None:
    packed = b"".join(value.to_bytes(3, "big") for value in (0x000800, 0xFFF400))
    photo = write_tiff(np.frombuffer(packed, np.uint16).reshape(1, 3, 1), PLAIN)
    shown = np.asarray(decode(with_numbers(photo, {256: 4, 258: 12}), Limits()).rgb)
    assert shown[0, :, 0].tolist() == [0, 128, 255, 64]


@pytest.mark.parametrize("curve", ["curv", "para", "ramp"])
@pytest.mark.parametrize("kind", ["uint16", "float32"])
def test_amounts_of_light_are_shown_as_the_formula_says(curve: str, kind: str) -> None:
    """Rounded to 8 bits before the curve, the shadows would be off by 6 of 255."""
    light = np.linspace(0, 1, 600)[None, :, None].repeat(3, axis=2)
    numbers = (light * WHITE[kind]).astype(kind)
    shown = np.asarray(open_numbers(numbers, Writing(profile=linear(curve))).rgb)
    assert np.abs(shown - encode_light(light) * 255).max() <= 1.6


def test_only_a_linear_profile_is_bent() -> None:
    for profile in (b"", b"acsp", bytes(200), profile_bytes("sRGB"), profile_bytes("LAB"), wide()):
        assert bend(profile) is None
    photo = noise(40, 30)
    how = Writing(profile=wide())
    deep = open_numbers(deepen(np.asarray(photo), "float32"), how)
    assert difference(deep.rgb, decode(save(photo, "TIFF", icc_profile=wide()), Limits()).rgb) == 0


@pytest.mark.parametrize("how", LAYOUTS.values())
def test_without_its_end_it_is_called_truncated(how: Writing) -> None:
    numbers = np.random.default_rng(1).integers(0, 2**32, (64, 64, 3), dtype=np.uint32)
    photo = write_tiff(numbers, how)
    with pytest.raises(Truncated):
        decode(photo[: len(photo) // 2], Limits())


def test_the_sites_limit_and_that_of_bytes_count() -> None:
    numbers = np.zeros((20, 10, 3), np.float32)
    with pytest.raises(TooManyPixels):
        decode(write_tiff(numbers, PLAIN), Limits(max_pixels=199))
    for how in (PLAIN, Writing(packed=True)):
        assert decode(write_tiff(numbers, how), Limits(max_pixels=200)).rgb.size == (10, 20)
    photo = write_tiff(numbers, Writing(rows=20))
    side = int((MOST_DEEP_BYTES / 12) ** 0.5) + 1
    photo = with_numbers(photo, {256: side, 257: side, 278: side})
    with pytest.raises(TooManyPixels) as caught:
        decode(photo, Limits())
    assert f"{side} × {side}" in caught.value.sentence


def test_more_samples_than_anybody_writes_are_refused() -> None:
    with pytest.raises(DecodeFailed):
        open_numbers(np.zeros((4, 4, 60), np.uint16), Writing(extra=(0,) * 57, planar=True))


def test_pillow_and_the_rules_write_the_same() -> None:
    """The other tests' writer, held against libtiff's."""
    numbers = np.linspace(0, 1, 48 * 32, dtype=np.float32).reshape(32, 48)
    for predictor in (1, 2, 3):
        photo = save(
            Image.fromarray(numbers),
            "TIFF",
            compression="tiff_adobe_deflate",
            tiffinfo={317: predictor},
        )
        own = write_tiff(numbers[..., None], Writing(predictor=predictor, packed=True))
        both = [decode(one, Limits()).rgb for one in (photo, own)]
        assert difference(*both) == 0
        assert np.abs(np.asarray(both[0])[..., 0] - numbers * 255).max() <= 0.5
