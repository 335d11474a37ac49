"""Heads of files, built byte by byte or saved from tiny pictures."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pillow_heif
from PIL import Image


def save(form: str, size: tuple[int, int] = (13, 7), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 90).save(out, form, **options)
    return out.getvalue()


def save_heif(size: tuple[int, int]) -> bytes:
    pillow_heif.register_heif_opener()
    return save("HEIF", size)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


def ispe(width: int, height: int) -> bytes:
    return box(b"ispe", struct.pack(">III", 0, width, height))


def heif(brands: bytes, *sizes: tuple[int, int]) -> bytes:
    properties = box(b"iprp", box(b"ipco", b"".join(ispe(*size) for size in sizes)))
    return box(b"ftyp", brands) + box(b"meta", b"\0\0\0\0" + properties)


def riff(chunk: bytes, body: bytes, form: bytes = b"WEBP") -> bytes:
    inside = form + chunk + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def tiff(order: str, entries: list[tuple[int, int, int]], at: int = 8) -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = mark + struct.pack(order + "I", at) + b"\0" * (at - 8)
    body += struct.pack(order + "H", len(entries))
    for tag, kind, value in entries:
        value_bytes = struct.pack(order + "HI"[kind - 3], value).ljust(4, b"\0")
        body += struct.pack(order + "HHI", tag, kind, 1) + value_bytes
    return body + b"\0\0\0\0"


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(
        ">I4sIIBBBBB", 13, b"IHDR", width, height, 8, 2, 0, 0, 0
    )


def jpeg_head(*segments: tuple[int, bytes]) -> bytes:
    parts = [bytes([0xFF, m]) + struct.pack(">H", len(b) + 2) + b for m, b in segments]
    return b"\xff\xd8" + b"".join(parts)


def frame(width: int, height: int) -> bytes:
    return struct.pack(">BHHB", 8, height, width, 3) + b"\1\x22\0\2\x11\1\3\x11\1"


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(zipfile.ZipInfo(name), b"text")
    return out.getvalue()
