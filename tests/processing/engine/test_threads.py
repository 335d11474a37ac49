"""Several threads of one worker use the engine at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from processing.engine import Limits, Options, cut_out, decoding, encode
from processing.engine.synthetic import SyntheticMatter
from tests.processing.engine.photos import save, subject


def test_one_photo_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's limit of pixels is of the whole process: two photos must not share one."""
    before, seen = Image.MAX_IMAGE_PIXELS, []
    decode_one = decoding._decode

    def watch(photo: bytes, header: Any, limits: Limits) -> decoding.Decoded:
        seen.append((Image.MAX_IMAGE_PIXELS, limits.max_pixels))
        time.sleep(0.02)
        seen.append((Image.MAX_IMAGE_PIXELS, limits.max_pixels))
        return decode_one(photo, header, limits)

    monkeypatch.setattr(decoding, "_decode", watch)
    photo = save(subject(), "JPEG")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda at: decoding.decode(photo, Limits(max_pixels=20_000 + at)), range(8)))
    assert len(seen) == 16
    assert all(allowed == asked for allowed, asked in seen)
    assert before == Image.MAX_IMAGE_PIXELS


def test_threads_get_what_one_would() -> None:
    photos = [save(subject(100 + at, 90), "PNG") for at in range(8)]

    def work(photo: bytes) -> bytes:
        return encode(cut_out(photo, Options(), SyntheticMatter(), Limits()), "cutout.png")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, photos)) == [work(photo) for photo in photos]
