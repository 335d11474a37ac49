"""Names of the files that people send by mistake, so that the refusal can say what they sent."""

from __future__ import annotations

import codecs

from processing.engine.dimensions import tiff_tags
from processing.phrases import phrase

_OFFICE = phrase("an Office document")
_POSTSCRIPT = phrase("a PostScript file")
_JPEG_2000 = phrase("a JPEG 2000 image")
_JPEG_XL = phrase("a JPEG XL image")
_RAW = phrase("a camera raw file")
_VIDEO = phrase("a video")
_SOUND = phrase("a sound file")
_ICON = phrase("an icon file")
_ZIP = phrase("a ZIP archive")

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", phrase("a PDF")),
    (b"%!PS", _POSTSCRIPT),
    (b"\xc5\xd0\xd3\xc6", _POSTSCRIPT),
    (b"8BPS", phrase("a Photoshop file")),
    (b"gimp xcf", phrase("a GIMP file")),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OFFICE),
    (b"\x1f\x8b", phrase("a gzip archive")),
    (b"Rar!\x1a\x07", phrase("a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", phrase("a 7z archive")),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _JPEG_2000),
    (b"\xff\x4f\xff\x51", _JPEG_2000),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", _JPEG_XL),
    (b"\xff\x0a", _JPEG_XL),
    (b"II+\x00", phrase("a BigTIFF image")),
    (b"MM\x00+", phrase("a BigTIFF image")),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"IIU\x00", _RAW),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"\x1a\x45\xdf\xa3", _VIDEO),
    (b"\x00\x00\x01\xba", _VIDEO),
    (b"\x00\x00\x01\xb3", _VIDEO),
    (b"FLV\x01", _VIDEO),
    (b"OggS", _SOUND),
    (b"ID3", _SOUND),
    (b"fLaC", _SOUND),
    (b"\x00\x00\x01\x00", _ICON),
    (b"icns", _ICON),
)
_QUICKTIME = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_RIFF = {b"AVI ": _VIDEO, b"WAVE": _SOUND}
_BRANDS = {b"crx ": _RAW, b"jxl ": _JPEG_XL, b"M4A ": _SOUND, b"M4B ": _SOUND}
_TEXT_CONTROLS = frozenset(b"\t\n\r\f")
_DNG_VERSION, _SUBFILE, _SUB_IFDS = 50706, 254, 330


def name_refused(head: bytes) -> str | None:
    """A noun with its article (phrase("a PDF")), or None for bytes that are nothing known."""
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head[:4096]:
        return _OFFICE
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], _VIDEO)
    if head[4:8] in _QUICKTIME:
        return _VIDEO
    return _name_text(head)


def is_camera_raw(head: bytes) -> bool:
    """For a head that begins as TIFF: raw files borrow its structure around a thumbnail."""
    if head[8:10] == b"CR":
        return True
    tags = tiff_tags(head)
    return _DNG_VERSION in tags or (bool(tags.get(_SUBFILE, 0) & 1) and _SUB_IFDS in tags)


def _name_text(head: bytes) -> str | None:
    text = _read_text(head)
    if text is None:
        return None
    start = text.lstrip().lower()
    if start.startswith("%pdf-"):
        return phrase("a PDF")
    if not start.startswith("<"):
        return phrase("a text file")
    if "<svg" in start:
        return phrase("an SVG drawing")
    if "<html" in start or "<!doctype html" in start:
        return phrase("a web page")
    return phrase("an XML file")


def _read_text(head: bytes) -> str | None:
    """The first 4 KiB as text, without its byte-order mark; None when they are not text."""
    part = head[:4096]
    encoding = "utf-8"
    if part[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16-le" if part[:2] == b"\xff\xfe" else "utf-16-be"
        part = part[2:]
    elif part[:3] == b"\xef\xbb\xbf":
        part = part[3:]
    try:
        text = codecs.getincrementaldecoder(encoding)("strict").decode(part, final=False)
    except UnicodeDecodeError:
        return None
    if not text or any(ord(char) < 32 and ord(char) not in _TEXT_CONTROLS for char in text):
        return None
    return text
