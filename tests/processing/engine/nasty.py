"""Small files that cost much: each is whole by its format's rules and grows with `scale`.

At scale 1 a file is as large as the site's limits let one be, or as dear as its format allows.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.processing.engine.nasty_tiff import (
    ROOM,
    tiff_circle,
    tiff_directories,
    tiff_entries,
    tiff_exif,
    tiff_strips,
    tiff_tile,
)
from tests.processing.engine.photos import noise, png_chunk, save
from tests.processing.engine.profiles import wide
from tests.processing.engine.tiffs import Writing, write_tiff

PNG_START = b"\x89PNG\r\n\x1a\n"


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def _progressive(width: int, height: int) -> tuple[bytes, bytes]:
    """A whole progressive JPEG of one grey, as what stands before its end and as its last scan."""
    photo = save(Image.new("L", (width, height), 99), "JPEG", progressive=True)
    return photo[:-2], photo[photo.rfind(b"\xff\xda") : -2]


def jpeg_scans(scale: float) -> bytes:
    """The same last scan over and over: each makes the decoder walk all of the picture again."""
    start, scan = _progressive(4000, 4000)
    again = scan * max(1, int(ROOM * scale / len(scan)))
    return start + again + b"\xff\xd9"


def jpeg_short_scans(scale: float) -> bytes:
    """Scans without data: 10 bytes each, and every one covers 100 megapixels."""
    start, scan = _progressive(10_000, 10_000)
    return start + scan[:10] * int(40_000 * scale) + b"\xff\xd9"


def jpeg_segments(scale: float) -> bytes:
    photo = save(noise(64, 48), "JPEG")
    return photo[:2] + jpeg_segment(0xE9, b"") * int(ROOM * scale / 4) + photo[2:]


def exif_of_everything(entries: int, body: int) -> bytes:
    """Every entry of the directory claims the same large body for itself."""
    directory = struct.pack("<H", entries)
    place = 8 + 2 + entries * 12 + 4
    for number in range(entries):
        directory += struct.pack("<HHII", 0x9000 + number % 4096, 7, body, place)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + bytes(body)


def jpeg_exif(scale: float) -> bytes:
    """EXIF over many segments, which decoders join: 65,535 entries of megabytes each."""
    exif = exif_of_everything(int(65_535 * scale) or 1, int(20_000_000 * scale))
    parts = [exif[at : at + 65_000] for at in range(0, len(exif), 65_000)]
    photo = save(noise(64, 48), "JPEG")
    segments = b"".join(jpeg_segment(0xE1, b"Exif\0\0" + part) for part in parts)
    return photo[:2] + segments + photo[2:]


def jpeg_profile(scale: float) -> bytes:
    photo = save(noise(64, 48), "JPEG")
    body = bytes(65_000)
    count = max(1, int(255 * scale))
    head = b"ICC_PROFILE\0"
    segments = [jpeg_segment(0xE2, head + bytes([at + 1, count]) + body) for at in range(count)]
    return photo[:2] + b"".join(segments) + photo[2:]


def _png(before: bytes = b"", after: bytes = b"", between: bytes = b"") -> bytes:
    photo = save(noise(64, 48), "PNG")
    return photo[:33] + before + photo[33:-12] + between + after + photo[-12:]


def png_profiles(scale: float) -> bytes:
    """Profiles without number, each inflating to almost a megabyte."""
    one = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(1_000_000), 9))
    return _png(one * max(1, int(ROOM * scale / len(one))))


def png_texts(scale: float) -> bytes:
    one = png_chunk(b"zTXt", b"t\0\0" + zlib.compress(bytes(1_000_000), 9))
    return _png(one * max(1, int(ROOM * scale / len(one))))


def png_texts_at_the_end(scale: float) -> bytes:
    one = png_chunk(b"zTXt", b"t\0\0" + zlib.compress(bytes(1_000_000), 9))
    return _png(after=one * max(1, int(ROOM * scale / len(one))))


def png_chunks(scale: float) -> bytes:
    return _png(png_chunk(b"tEXt", b"a\0") * int(ROOM * scale / 14))


def png_frames(scale: float) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 64, 48, 0, 0, 1, 10, 0, 0)
    frame = png_chunk(b"fcTL", control) + png_chunk(b"fdAT", bytes(4))
    count = int(ROOM * scale / len(frame))
    return _png(png_chunk(b"acTL", struct.pack(">II", count, 0)), frame * count)


def png_crumbs(scale: float) -> bytes:
    """The pixels in pieces of no byte at all."""
    return _png(png_chunk(b"IDAT", b"") * int(ROOM * scale / 12))


def png_exif(scale: float) -> bytes:
    exif = exif_of_everything(int(65_535 * scale) or 1, int(20_000_000 * scale))
    return _png(png_chunk(b"eXIf", exif))


def gif_comments(scale: float) -> bytes:
    photo = save(noise(64, 48), "GIF")
    palette = 13 + 3 * 2 ** ((photo[10] & 7) + 1)
    note = b"\x21\xfe\x01x\0"
    return photo[:palette] + note * int(ROOM * scale / len(note)) + photo[palette:]


def gif_frames(scale: float) -> bytes:
    first = save(noise(64, 48), "GIF")
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    return first[:-1] + frame * int(ROOM * scale / len(frame)) + b"\x3b"


def gif_crumbs(scale: float) -> bytes:
    """Pixel data in pieces of one byte."""
    head = b"GIF89a" + struct.pack("<HHBBB", 9000, 9000, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 9000, 9000) + b"\0\x02"
    return head + frame + b"\x01\x44" * int(ROOM * scale / 2) + b"\0\x3b"


def webp_frames(scale: float) -> bytes:
    still = save(noise(16, 16), "WEBP")[12:]
    body = struct.pack("<I", 0)[:3] * 2 + b"\x0f\0\0\x0f\0\0" + b"\x0a\0\0" + b"\0" + still
    frame = b"ANMF" + struct.pack("<I", len(body)) + body
    start = b"VP8X" + struct.pack("<IB3s", 10, 2, b"") + b"\x0f\0\0\x0f\0\0"
    start += b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    inside = b"WEBP" + start + frame * int(ROOM * scale / len(frame))
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def webp_exif(scale: float) -> bytes:
    exif = exif_of_everything(int(65_535 * scale) or 1, int(20_000_000 * scale))
    return save(noise(64, 48), "WEBP", exif=exif)


def avif_exif(scale: float) -> bytes:
    exif = exif_of_everything(int(65_535 * scale) or 1, int(20_000_000 * scale))
    return save(noise(64, 48), "AVIF", exif=exif)


def heic_exif(scale: float) -> bytes:
    exif = exif_of_everything(int(65_535 * scale) or 1, int(20_000_000 * scale))
    return save(noise(64, 48), "HEIF", exif=b"Exif\0\0" + exif)


def bmp_runs(scale: float) -> bytes:
    """Run-length rows, one pixel a run."""
    side = int((ROOM * scale / 2) ** 0.5)
    rows = (b"\x01\x07" * side + b"\0\0") * side
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(rows), 0, 0, 256, 0)
    body = head + bytes(1024) + rows + b"\0\x01"
    return b"BM" + struct.pack("<IHHI", len(body) + 14, 0, 0, 14 + 40 + 1024) + body


def bmp_row_ends(scale: float) -> bytes:
    """Rows that end before they begin: the rest of each is filled up pixel by pixel."""
    side = int(9_950 * scale**0.5)
    rows = b"\x01\x07\0\0" * side
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(rows), 0, 0, 256, 0)
    body = head + bytes(1024) + rows + b"\0\x01"
    return b"BM" + struct.pack("<IHHI", len(body) + 14, 0, 0, 14 + 40 + 1024) + body


def deep_grey(scale: float) -> bytes:
    """16 bits of grey, 99 megapixels in kilobytes."""
    side = int(9_950 * scale**0.5)
    rows = np.zeros((side, side), dtype=np.uint16)
    return save(Image.fromarray(rows), "PNG", compress_level=9)


def real_grey(scale: float) -> bytes:
    side = int(9_950 * scale**0.5)
    rows = np.zeros((side, side), dtype=np.float32)
    return save(Image.fromarray(rows), "TIFF", compression="tiff_adobe_deflate")


def real_colours(scale: float) -> bytes:
    """33 megapixels, 12 bytes each before they are scaled."""
    side = int(5_770 * scale**0.5)
    rows = np.zeros((side, side, 3), dtype=np.float32)
    return write_tiff(rows, Writing(rows=side, packed=True, predictor=3))


def large(scale: float) -> bytes:
    """No trick at all: 99 megapixels."""
    side = int(9_950 * scale**0.5)
    return save(Image.new("RGB", (side, side), (90, 60, 30)), "JPEG")


def turned(scale: float) -> bytes:
    """99 megapixels that lie on their side, in colours of another space."""
    side = int(9_950 * scale**0.5)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (side, side), (90, 60, 30))
    return save(image, "JPEG", exif=exif, icc_profile=wide())


def solid(form: str, mode: str, **options: object) -> Callable[[float], bytes]:
    """99 megapixels of one colour."""

    def build(scale: float) -> bytes:
        side = int(9_950 * scale**0.5)
        return save(Image.new(mode, (side, side), 100), form, **options)

    return build


NASTY: dict[str, Callable[[float], bytes]] = {
    "jpeg scans": jpeg_scans,
    "jpeg short scans": jpeg_short_scans,
    "jpeg segments": jpeg_segments,
    "jpeg exif": jpeg_exif,
    "jpeg profile": jpeg_profile,
    "jpeg solid": solid("JPEG", "CMYK"),
    "jpeg large": large,
    "jpeg turned": turned,
    "jpeg progressive": solid("JPEG", "RGB", progressive=True),
    "png profiles": png_profiles,
    "png texts": png_texts,
    "png texts at the end": png_texts_at_the_end,
    "png chunks": png_chunks,
    "png frames": png_frames,
    "png crumbs": png_crumbs,
    "png exif": png_exif,
    "png deep grey": deep_grey,
    "png solid": solid("PNG", "RGBA"),
    "gif comments": gif_comments,
    "gif frames": gif_frames,
    "gif crumbs": gif_crumbs,
    "webp frames": webp_frames,
    "webp exif": webp_exif,
    "webp solid": solid("WEBP", "RGBA", lossless=True, method=0),
    "avif exif": avif_exif,
    "heic exif": heic_exif,
    "tiff entries": tiff_entries,
    "tiff strips": tiff_strips,
    "tiff directories": tiff_directories,
    "tiff circle": tiff_circle,
    "tiff exif": tiff_exif,
    "tiff tile": tiff_tile,
    "tiff real grey": real_grey,
    "tiff real colours": real_colours,
    "bmp runs": bmp_runs,
    "bmp row ends": bmp_row_ends,
}


def animated(form: str, frames: int) -> bytes:
    out = io.BytesIO()
    pictures = [noise(64, 48, seed) for seed in range(frames)]
    pictures[0].save(out, form, save_all=True, append_images=pictures[1:], duration=40)
    return out.getvalue()
