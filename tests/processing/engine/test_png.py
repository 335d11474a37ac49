"""Our PNGs, read again by Pillow and zlib."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from processing.engine import png
from processing.engine.png import write_png
from tests.processing.engine.photos import difference, noise, save

CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}
# One pixel, one column, one row, wider than 65,535, odd, and several bands of rows.
SIZES = [(1, 1), (1, 3000), (3000, 1), (70_001, 3), (1733, 1201)]


def rough(mode: str, width: int, height: int) -> Image.Image:
    shape = (height, width, CHANNELS[mode])
    pixels = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(pixels.squeeze(2) if mode == "L" else pixels)


def read(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as checked:
        checked.verify()
    with Image.open(io.BytesIO(file)) as image:
        image.load()
        return image


def unpack(file: bytes) -> NDArray[np.uint8]:
    """The filtered rows, each behind the number of its filter."""
    at, body = 8, b""
    while at < len(file):
        length, name = struct.unpack_from(">I4s", file, at)
        if name == b"IDAT":
            body += file[at + 8 : at + 8 + length]
        at += length + 12
    with Image.open(io.BytesIO(file)) as image:
        return np.frombuffer(zlib.decompress(body), np.uint8).reshape(image.height, -1)


@pytest.mark.parametrize("mode", CHANNELS)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_lost(mode: str, size: tuple[int, int]) -> None:
    image = rough(mode, *size)
    again = read(write_png(image))
    assert again.size == size
    assert difference(again, image) == 0


@pytest.mark.parametrize("size", SIZES)
def test_colour_and_mask_become_one_picture_with_nothing_beneath_its_holes(
    size: tuple[int, int],
) -> None:
    rgb, mask = rough("RGB", *size), rough("L", *size).point(lambda value: max(0, value * 2 - 200))
    before = rgb.tobytes(), mask.tobytes()
    pixels, alpha = np.asarray(read(write_png(rgb, mask))), np.asarray(mask)
    assert (pixels[..., 3] == alpha).all()
    shown = alpha > 0
    assert (pixels[shown][:, :3] == np.asarray(rgb)[shown]).all()
    assert not pixels[~shown].any()
    assert (rgb.tobytes(), mask.tobytes()) == before, "the cutout is still needed"


def test_a_band_of_the_mask_lies_on_its_own_band_of_the_photo() -> None:
    rgb, mask = noise(1500, 2000), noise(1500, 2000, seed=2).convert("L")
    whole = rgb.copy()
    whole.putalpha(mask)
    again = np.asarray(read(write_png(rgb, mask)))
    expected = np.where(np.asarray(mask)[..., None] > 0, np.asarray(whole), 0)
    assert (again == expected).all()


def test_the_number_of_cores_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    image = noise(1500, 2000)
    files = set()
    for threads in (1, 2, 3, 8):
        monkeypatch.setattr(png, "_THREADS", threads)
        files.add(write_png(image))
    assert len(files) == 1
    assert files.pop().count(b"IDAT") > 4, "several bands were written"


@pytest.mark.parametrize(("turned", "filter_number"), [(False, 2), (True, 1)])
def test_each_row_takes_the_filter_that_suits_it(*, turned: bool, filter_number: int) -> None:
    """Rows alike: the row above tells all. Columns alike: the pixel at the left does."""
    line = (np.arange(300) * 37 % 256).astype(np.uint8)
    pixels = np.tile(line, (300, 1))
    image = Image.fromarray(np.ascontiguousarray(pixels.T) if turned else pixels)
    file = write_png(image)
    assert (unpack(file)[1:, 0] == filter_number).all()
    assert len(file) < 3000
    assert difference(read(file), image) == 0


@pytest.mark.parametrize("scene", ["astronaut", "coffee", "cat"])
def test_a_photo_takes_little_more_than_pillows_slow_best(scene: str) -> None:
    photo = Image.fromarray(getattr(data, scene)())
    assert len(write_png(photo)) <= 1.25 * len(save(photo, "PNG"))


def test_the_pixels_are_not_copied_as_a_whole() -> None:
    """While 16 megapixels are written, memory holds some bands and the file: read in a child."""
    code = (
        "import threading, time; from PIL import Image\n"
        "from processing.engine.png import write_png\n"
        "def held(): return int(open('/proc/self/statm').read().split()[1]) * 4096\n"
        "rgb = Image.effect_noise((4000, 4000), 9).convert('RGB'); mask = rgb.getchannel(0)\n"
        "write_png(rgb.crop((0, 0, 4000, 400)), mask.crop((0, 0, 4000, 400)))\n"
        "most, before, done = 0, held(), False\n"
        "def watch():\n"
        "    global most\n"
        "    while not done: most = max(most, held()); time.sleep(0.001)\n"
        "watcher = threading.Thread(target=watch); watcher.start()\n"
        "size = len(write_png(rgb, mask)); done = True; watcher.join()\n"
        "print((most - before - 2 * size) // 1_000_000)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 40, "RGBA as a whole would be 64 MB"
