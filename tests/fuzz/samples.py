"""What mutations start from: good photos of every kind, made on the spot, and any folder's."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from processing.engine import PhotoError, sniff
from tests.processing.engine.nasty import NASTY, animated
from tests.processing.engine.photos import noise, save
from tests.processing.engine.tiffs import Writing, write_tiff

Sample = tuple[str, bytes]
"""Kind as sniffed (empty for none) and content."""

LARGEST = 300_000
"""Bytes of a file from a folder; larger ones cost time and add no structure."""

_SIDES = (64, 48)


def make_samples() -> list[Sample]:
    pillow_heif.register_heif_opener()
    nasty = (build(0.00002) for build in NASTY.values())
    small = [photo for photo in nasty if len(photo) < LARGEST and not _has_megapixels(photo)]
    return [(_kind(photo), photo) for photo in [*_photos(), *small]]


def read_samples(folder: Path) -> list[Sample]:
    files = sorted(one for one in folder.rglob("*") if one.is_file())
    photos = (one.read_bytes() for one in files if one.stat().st_size <= LARGEST)
    return [(_kind(photo), photo) for photo in photos if photo]


def _photos() -> Iterator[bytes]:
    colour = noise(*_SIDES)
    grey, holes = colour.convert("L"), colour.convert("RGBA")
    holes.putalpha(Image.linear_gradient("L").resize(_SIDES))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a" * 40
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rich: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": profile}
    yield from (save(colour, form) for form in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"))
    yield from (save(colour, form, **rich) for form in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF"))
    yield from (save(holes, form) for form in ("PNG", "WEBP", "AVIF", "HEIF", "TIFF", "GIF"))
    yield save(colour, "JPEG", progressive=True, subsampling=0)
    yield save(colour, "JPEG", restart_marker_blocks=2)
    yield save(colour.convert("CMYK"), "JPEG")
    yield save(holes, "WEBP", lossless=True)
    for mode in ("1", "L", "P", "LA"):
        yield save((grey if mode in "1LA" else colour).convert(mode), "PNG")
    for mode in ("1", "L", "P", "RGB"):
        yield save(colour.convert(mode), "BMP")
    yield _bmp_in_runs()
    yield from (save(grey.convert(mode), "TIFF") for mode in ("1", "I;16", "F", "LA"))
    deep = np.asarray(colour, np.float32) / np.float32(255)
    for how in (Writing(), Writing(tile=16, packed=True, predictor=3), Writing(planar=True)):
        yield write_tiff(deep, how)
    for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd"):
        yield save(colour, "TIFF", compression=packing)
    yield save(grey.convert("1"), "TIFF", compression="group4")
    yield save(colour.convert("LAB"), "TIFF", icc_profile=profile)
    yield from (animated(form, 3) for form in ("GIF", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"))


def _bmp_in_runs() -> bytes:
    rows = b"".join(bytes((16, row)) * 2 + b"\0\0" for row in range(24)) + b"\0\1"
    head = struct.pack("<IiiHHIIiiII", 40, 32, 24, 1, 8, 1, len(rows), 0, 0, 256, 0)
    body = head + bytes(range(256)) * 4 + rows
    return b"BM" + struct.pack("<IHHI", len(body) + 14, 0, 0, 14 + 40 + 1024) + body


def _has_megapixels(photo: bytes) -> bool:
    head = sniff(photo)
    return (head.width or 0) * (head.height or 0) > 1_000_000


def _kind(photo: bytes) -> str:
    try:
        return sniff(photo).kind
    except PhotoError:
        return ""
