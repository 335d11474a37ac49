"""Photos that are built to cost much: what each costs, and what a parser gets to see of a photo."""

import io
import json
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from PIL import Image

from processing.engine import DecodeFailed, Limits, PhotoError
from processing.engine.decoding import decode
from processing.engine.errors import TooManyParts
from processing.engine.essence import find_essence
from processing.engine.limits import MOST_PARTS, MOST_PROFILE_BYTES, MOST_SCANS
from tests.processing.engine import nasty, nasty_tiff
from tests.processing.engine.photos import corners, difference, noise, png_chunk, save

ROOT = Path(__file__).resolve().parents[3]
SCALE = 0.2
MANY = (
    *("jpeg scans", "jpeg short scans", "jpeg segments", "png chunks", "png frames"),
    *("png crumbs", "gif comments", "gif crumbs", "tiff strips", "bmp runs"),
)
REFUSED = dict.fromkeys(MANY, "too_many_parts") | {
    "bmp row ends": "too_many_pixels",
    "tiff tile": "decode_failed",
}
Cost = tuple[str, float, float]


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    """By name: outcome, seconds of processor time, megabytes. In a process that may be killed."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.processing.engine.nasty_child", str(SCALE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    return {name: (outcome, seconds, megabytes) for name, outcome, seconds, megabytes in rows}


@pytest.mark.parametrize("name", nasty.NASTY)
def test_no_photo_costs_much(costs: dict[str, Cost], name: str) -> None:
    outcome, seconds, megabytes = costs[name]
    assert outcome == REFUSED.get(name, "decoded")
    assert seconds < 1.5
    assert megabytes < 350


@pytest.mark.parametrize(
    ("name", "most"),
    [
        pytest.param("jpeg large", 5.5, id="unpacked once: 4 bytes, and no copy"),
        pytest.param("jpeg turned", 9.5, id="turned: 4 and 4; colours in place"),
        pytest.param("png deep grey", 12, id="deep grey in bands: all at once takes 15"),
        pytest.param("tiff real grey", 12, id="real numbers in bands: all at once takes 16"),
    ],
)
def test_pixels_are_held_once(costs: dict[str, Cost], name: str, most: float) -> None:
    pixels = int(9_950 * SCALE**0.5) ** 2
    assert costs[name][2] * 1e6 < most * pixels


def first_of(photo: bytes, kind: str) -> bytes:
    return find_essence(photo, kind).photo


PRIVATE = b"4711 Elm Street"


@pytest.mark.parametrize(
    ("form", "kind"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")]
)
def test_a_parser_sees_no_text_and_no_exif(form: str, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = PRIVATE.decode()
    comment = {"comment": PRIVATE} if form in {"GIF", "JPEG"} else {"xmp": PRIVATE}
    options = {} if form == "GIF" else {"exif": exif}
    photo = save(corners(), form, **options, **comment)
    assert PRIVATE in photo
    assert PRIVATE not in first_of(photo, kind)


def test_exif_of_an_avif_is_not_read_by_its_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = save(corners(), "AVIF", exif=nasty.exif_of_everything(1, 100))

    def refuse(self: Image.Exif, data: bytes) -> None:
        raise AssertionError("EXIF is parsed")

    monkeypatch.setattr(Image.Exif, "load", refuse)
    assert decode(photo, Limits()).rgb.size == (24, 16)


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_a_parser_sees_the_first_frame_alone(form: str) -> None:
    photo = nasty.animated(form, 4)
    kind = form.lower()
    with (
        Image.open(io.BytesIO(photo)) as whole,
        Image.open(io.BytesIO(first_of(photo, kind))) as first,
    ):
        assert getattr(whole, "n_frames", 1) == 4
        assert getattr(first, "n_frames", 1) == 1
        assert difference(first.convert("RGB"), whole.convert("RGB")) == 0


def test_what_follows_a_jpeg_is_cut_off() -> None:
    photo = save(noise(64, 48), "JPEG")
    assert first_of(photo + b"PK\3\4" + PRIVATE + photo, "jpeg") == photo


@pytest.mark.parametrize("scans", [MOST_SCANS, MOST_SCANS + 1])
def test_scans_are_counted(scans: int) -> None:
    photo = save(noise(64, 48).convert("L"), "JPEG", progressive=True)
    scan = photo[photo.rfind(b"\xff\xda") : -2]
    many = photo[:-2] + scan * (scans - photo.count(b"\xff\xda")) + photo[-2:]
    if scans <= MOST_SCANS:
        assert decode(many, Limits()).rgb.size == (64, 48)
    else:
        with pytest.raises(TooManyParts):
            decode(many, Limits())


def test_the_more_pixels_the_fewer_scans() -> None:
    photo = bytearray(save(noise(64, 48).convert("L"), "JPEG", progressive=True))
    frame = photo.find(b"\xff\xc2")
    photo[frame + 5 : frame + 9] = struct.pack(">HH", 9000, 11_000)
    scan = bytes(photo[photo.rfind(b"\xff\xda") : -2])
    assert find_essence(bytes(photo[:-2]) + scan * 10, "jpeg").photo
    with pytest.raises(TooManyParts):
        find_essence(bytes(photo[:-2]) + scan * 20, "jpeg")


def test_a_marker_inside_pixel_data_or_a_segment_is_no_scan() -> None:
    photo = save(noise(64, 48), "JPEG")
    preview = nasty.jpeg_segment(0xEA, b"\xff\xda" * 500)
    late = photo.find(b"\xff\xda")
    for one in (photo[:2] + preview + photo[2:], photo[:late] + preview + photo[late:]):
        assert first_of(one, "jpeg") == photo


def test_parts_are_counted_up_to_the_limit() -> None:
    photo = save(noise(64, 48), "PNG")
    chunks = photo[33:].count(b"IDAT") + 2
    few, many = MOST_PARTS - chunks, MOST_PARTS - chunks + 1
    crumb = png_chunk(b"tEXt", b"a\0")
    assert decode(photo[:33] + crumb * few + photo[33:], Limits()).rgb.size == (64, 48)
    with pytest.raises(TooManyParts):
        decode(photo[:33] + crumb * many + photo[33:], Limits())


def test_a_huge_profile_counts_as_none() -> None:
    image = noise(40, 30)
    photo = save(image, "TIFF", icc_profile=bytes(MOST_PROFILE_BYTES + 1))
    assert difference(decode(photo, Limits()).rgb, image) == 0
    assert len(first_of(photo, "tiff")) == len(photo)


def test_strips_over_one_another_are_refused() -> None:
    """Each strip covers all rows but one, and there are many more of them than rows."""
    place = 8 + 2 + 8 * 12 + 4
    entries = [(273, 4, 900, place), (278, 4, 1, 15), (279, 4, 900, place + 3600)]
    tail = struct.pack("<I", 8) * 900 + struct.pack("<I", 240) * 900
    with pytest.raises(DecodeFailed):
        decode(nasty_tiff.tiff_of(16, 16, entries, tail), Limits())


def test_a_directory_that_names_itself_ends() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decoded = decode(nasty_tiff.tiff_circle(1), Limits())
    assert decoded.rgb.size == (8, 8)


OTHERS = {
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
    "windows metafile": b"\xd7\xcd\xc6\x9a\0\0",
    "fits": b"SIMPLE  =                    T",
    "flashpix": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "pixmap": b"P6 9 9 255\n" + bytes(243),
    "photoshop": b"8BPS\0\1",
    "icon": b"\0\0\1\0\1\0",
    "pdf": b"%PDF-1.7",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "magick vector": b"push graphic-context\nimage over 0,0 0,0 'url(http://x/)'\npop",
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_parser_is_opened_for_anything_else(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a parser is opened")

    monkeypatch.setattr("PIL.Image.open", refuse)
    with pytest.raises(PhotoError) as caught:
        decode(OTHERS[name] + bytes(64), Limits())
    assert caught.value.status == 415


def test_only_the_parsers_of_accepted_kinds_are_ever_loaded() -> None:
    """In a process of its own: tests load others. Ghostscript's caller is among what is not."""
    code = """
import sys
from PIL import Image
from processing.engine import Limits, PhotoError
from processing.engine.decoding import decode
for photo in (b"%!PS-Adobe-3.0 EPSF-3.0", b"GIF89a\\1\\0\\1\\0\\0\\0\\0", b"II*\\0" + bytes(40)):
    try: decode(photo, Limits())
    except PhotoError: pass
print(*Image.OPEN)
print("PIL.EpsImagePlugin" in sys.modules)
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    opened, delegate = answer.stdout.splitlines()
    accepted = {"AVIF", "BMP", "GIF", "HEIF", "JPEG", "PNG", "TIFF", "WEBP"}
    # Pillow itself loads PPM, and DIB with BMP; they are never named when a photo is opened.
    assert set(opened.split()) == accepted | {"PPM", "DIB"}
    assert delegate == "False"
