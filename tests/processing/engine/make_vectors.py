"""Writes tests/vectors/sniff.json: heads of files, and what `sniff` has to say about each.

Python and JavaScript are held to the same file. The expected answers are stated here by hand.
Run `python -m tests.processing.engine.make_vectors` after adding one.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from pathlib import Path

from tests.processing.engine.heads import (
    box,
    frame,
    heif,
    jpeg_head,
    png_head,
    riff,
    save,
    save_heif,
    tiff,
    zipped,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "sniff.json"
Row = tuple[str, bytes, str | None, int | None, int | None, str | None]


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
PHOTOS: list[Row] = [
    ("jpeg", save("JPEG"), "jpeg", 13, 7, None),
    ("jpeg progressive", save("JPEG", progressive=True), "jpeg", 13, 7, None),
    ("jpeg grey", save("JPEG", (300, 200), "L"), "jpeg", 300, 200, None),
    ("jpeg CMYK", save("JPEG", (5, 9), "CMYK"), "jpeg", 5, 9, None),
    (
        "jpeg with fill bytes",
        b"\xff\xd8\xff\xff\xff" + jpeg_head((0xC2, frame(70, 50)))[3:],
        "jpeg",
        70,
        50,
        None,
    ),
    (
        "jpeg with junk between segments",
        jpeg_head(JFIF) + b"\0\0junk" + jpeg_head((0xC0, frame(31, 32)))[2:],
        "jpeg",
        31,
        32,
        None,
    ),
    (
        "jpeg with a frame inside a skipped segment",
        jpeg_head((0xE1, jpeg_head((0xC0, frame(1, 1)))), (0xC0, frame(640, 480))),
        "jpeg",
        640,
        480,
        None,
    ),
    ("jpeg huge", jpeg_head(JFIF, (0xC0, frame(65500, 65500))), "jpeg", 65500, 65500, None),
    ("jpeg cut before its frame", jpeg_head(JFIF), "jpeg", None, None, None),
    ("jpeg cut inside its frame", jpeg_head((0xC0, frame(9, 9)))[:8], "jpeg", None, None, None),
    ("jpeg without frame", jpeg_head((0xDA, b"\1\1\0\0\x3f\0")), "jpeg", None, None, None),
    ("jpeg of no width", jpeg_head((0xC0, frame(0, 10))), None, None, None, "decode_failed"),
    ("png", save("PNG"), "png", 13, 7, None),
    ("png huge", png_head(30000, 30000), "png", 30000, 30000, None),
    ("png beyond 31 bits", png_head(0xFFFFFFFF, 2), "png", 0xFFFFFFFF, 2, None),
    ("png cut", png_head(5, 5)[:20], "png", None, None, None),
    ("png signature only", png_head(5, 5)[:8], "png", None, None, None),
    (
        "png of Apple's own kind",
        b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI\x50\0\x20\2",
        "png",
        None,
        None,
        None,
    ),
    ("png of no height", png_head(4, 0), None, None, None, "decode_failed"),
    ("gif", save("GIF", mode="L"), "gif", 13, 7, None),
    ("gif 87a", b"GIF87a" + struct.pack("<HHBBB", 400, 300, 0, 0, 0), "gif", 400, 300, None),
    ("gif cut", b"GIF89a\1", "gif", None, None, None),
    (
        "gif of no width",
        b"GIF89a" + struct.pack("<HHBBB", 0, 300, 0, 0, 0),
        None,
        None,
        None,
        "decode_failed",
    ),
    ("bmp", save("BMP"), "bmp", 13, 7, None),
    (
        "bmp from top to bottom",
        b"BM" + bytes(12) + struct.pack("<Iii", 40, 20, -10),
        "bmp",
        20,
        10,
        None,
    ),
    ("bmp of OS/2", b"BM" + bytes(12) + struct.pack("<IHH", 12, 60, 50), "bmp", 60, 50, None),
    ("bmp version 5", b"BM" + bytes(12) + struct.pack("<Iii", 124, 8, 9), "bmp", 8, 9, None),
    ("bmp cut", b"BM" + bytes(12) + struct.pack("<I", 40) + b"\5", "bmp", None, None, None),
    (
        "bmp of negative width",
        b"BM" + bytes(12) + struct.pack("<Iii", 40, -20, 10),
        None,
        None,
        None,
        "decode_failed",
    ),
    ("webp lossy", save("WEBP"), "webp", 13, 7, None),
    ("webp lossless", save("WEBP", lossless=True), "webp", 13, 7, None),
    (
        "webp extended",
        save("WEBP", mode="RGB", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
        "webp",
        13,
        7,
        None,
    ),
    (
        "webp extended, largest",
        riff(b"VP8X", b"\0\0\0\0" + b"\xff" * 6),
        "webp",
        1 << 24,
        1 << 24,
        None,
    ),
    ("webp cut", riff(b"VP8X", b"\0\0\0\0\1"), "webp", None, None, None),
    ("webp of an unknown chunk", riff(b"ALPH", bytes(20)), "webp", None, None, None),
    (
        "webp of no width",
        riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a\0\0\7\0"),
        None,
        None,
        None,
        "decode_failed",
    ),
    ("webp scaled", riff(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x05\x40\x07\x80"), "webp", 5, 7, None),
    ("tiff", save("TIFF"), "tiff", 13, 7, None),
    (
        "tiff big-endian, long values",
        tiff(">", [(256, 4, 70000), (257, 3, 8)]),
        "tiff",
        70000,
        8,
        None,
    ),
    (
        "tiff, directory further on",
        tiff("<", [(256, 3, 6), (257, 3, 8)], 600),
        "tiff",
        6,
        8,
        None,
    ),
    ("tiff, directory beyond the head", b"II*\0\xff\xff\xff\x7f", "tiff", None, None, None),
    (
        "tiff of no height",
        tiff("<", [(256, 3, 6), (257, 3, 0)]),
        None,
        None,
        None,
        "decode_failed",
    ),
    ("avif", save("AVIF", (16, 12)), "avif", 16, 12, None),
    ("avif sequence", heif(b"avis\0\0\0\0avifmif1", (32, 24)), "avif", 32, 24, None),
    ("avif by compatible brand", heif(b"mif1\0\0\0\0mif1avif", (32, 24)), "avif", 32, 24, None),
    ("heic", save_heif((64, 64)), "heic", 64, 64, None),
    (
        "heic of tiles with a thumbnail",
        heif(b"heic\0\0\0\0mif1heic", (512, 512), (4032, 3024), (320, 240)),
        "heic",
        4032,
        3024,
        None,
    ),
    ("heif general brand", heif(b"mif1\0\0\0\0mif1heic", (20, 10)), "heic", 20, 10, None),
    ("heic without sizes", heif(b"heic\0\0\0\0mif1heic"), "heic", None, None, None),
    ("heic cut", heif(b"heic\0\0\0\0mif1heic", (20, 10))[:40], "heic", None, None, None),
    (
        "heic with a lying box",
        box(b"ftyp", b"heic\0\0\0\0") + b"\0\0\0\1meta" + b"\xff" * 8,
        "heic",
        None,
        None,
        None,
    ),
    (
        "heic of no width",
        heif(b"heic\0\0\0\0mif1heic", (0, 10)),
        None,
        None,
        None,
        "decode_failed",
    ),
]


def unsupported(name: str, head: bytes) -> Row:
    return (name, head, None, None, None, "unsupported_type")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
REFUSED: list[Row] = [
    unsupported("svg", SVG),
    unsupported("svg after a prologue", b'<?xml version="1.0"?>\n<!-- a -->\n' + SVG),
    unsupported("svg in UTF-16", b"\xff\xfe" + SVG.decode().encode("utf-16-le")),
    unsupported("svg zipped", gzip.compress(SVG, mtime=0)),
    unsupported("xml", b'<?xml version="1.0"?><note/>'),
    unsupported("html", b"\n\n<!DOCTYPE html><title>A</title><p>text"),
    unsupported("html with a byte-order mark", b"\xef\xbb\xbf<html><body>"),
    unsupported("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"),
    unsupported("postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1"),
    unsupported("eps with a preview", b"\xc5\xd0\xd3\xc6" + bytes(26)),
    unsupported("zip", zipped("photo.jpg")),
    unsupported("office", zipped("[Content_Types].xml")),
    unsupported("old office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24)),
    unsupported("gzip", gzip.compress(b"text", mtime=0)),
    unsupported("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)),
    unsupported("rar", b"Rar!\x1a\x07\1\0" + bytes(24)),
    unsupported("photoshop", b"8BPS\0\1" + bytes(20)),
    unsupported("gimp", b"gimp xcf v011\0" + bytes(20)),
    unsupported("jpeg 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 \0\0\0\0jp2 ")),
    unsupported("jpeg 2000 codestream", b"\xff\x4f\xff\x51\0\x29" + bytes(24)),
    unsupported("jpeg xl", b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")),
    unsupported("jpeg xl codestream", b"\xff\x0a" + bytes(24)),
    unsupported("big tiff", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"),
    unsupported("canon raw", b"II*\0\x10\0\0\0CR\2\0" + bytes(20)),
    unsupported("dng raw", tiff("<", [(256, 3, 6), (257, 3, 8), (50706, 4, 1025)])),
    unsupported("nikon raw", tiff(">", [(254, 4, 1), (256, 3, 160), (257, 3, 120), (330, 4, 500)])),
    unsupported("fuji raw", b"FUJIFILMCCD-RAW 0201" + bytes(20)),
    unsupported("canon raw 3", box(b"ftyp", b"crx \0\0\0\1crx isom")),
    unsupported("mp4", box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")),
    unsupported("mov", box(b"ftyp", b"qt  \0\0\2\0qt  ")),
    unsupported("old mov", b"\0\0\0\x08wide\0\0\0\0mdat"),
    unsupported("webm", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1"),
    unsupported("avi", riff(b"LIST", bytes(20), b"AVI ")),
    unsupported("wav", riff(b"fmt ", bytes(16), b"WAVE")),
    unsupported("mp3", b"ID3\4\0\0\0\0\0\0"),
    unsupported("ogg", b"OggS\0\2" + bytes(20)),
    unsupported("icon", b"\0\0\1\0\1\0\x10\x10" + bytes(20)),
    unsupported("text", b"Dear reader,\n\tthis is a letter.\r\n"),
    unsupported("text beyond ASCII, cut inside a letter", "Grüße aus Köl\u00f6".encode()[:-1]),
    unsupported("text that begins like a bmp", b"BMW and others, a list of cars"),
    ("nothing", b"", None, None, None, "empty_file"),
    ("one zero", b"\0", None, None, None, "not_an_image"),
    ("zeros", bytes(64), None, None, None, "not_an_image"),
    ("noise", bytes(range(128, 256)) + bytes(range(128)), None, None, None, "not_an_image"),
    ("half a jpeg signature", b"\xff\xd8", None, None, None, "not_an_image"),
    ("half a png signature", b"\x89PNG", None, None, None, "not_an_image"),
    (
        "bmp of an unknown header",
        b"BM" + bytes(12) + struct.pack("<Iii", 41, 20, 10),
        None,
        None,
        None,
        "not_an_image",
    ),
]


def main() -> None:
    rows = [
        {
            "name": name,
            "head": base64.b64encode(head[:1400]).decode(),
            "kind": kind,
            "width": width,
            "height": height,
            "error": error,
        }
        for name, head, kind, width, height, error in PHOTOS + REFUSED
    ]
    VECTORS.parent.mkdir(exist_ok=True)
    VECTORS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
