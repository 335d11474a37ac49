"""Small photos for tests, good ones and bad ones, and the multipart bodies that carry them."""

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageDraw

BOUNDARY = "----photos-of-a-test"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def draw(width: int = 64, height: int = 48, kind: str = "PNG") -> bytes:
    """A dark disc before a light grey: the synthetic matter finds its subject."""
    photo = Image.new("RGB", (width, height), (224, 224, 224))
    box = (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    ImageDraw.Draw(photo).ellipse(box, fill=(150, 20, 30))
    out = io.BytesIO()
    photo.save(out, kind)
    return out.getvalue()


def draw_speck(width: int = 640, height: int = 480) -> bytes:
    """A dark speck before a light grey: something is found, and it is next to nothing."""
    photo = Image.new("RGB", (width, height), (224, 224, 224))
    middle = (width // 2, height // 2, width // 2 + 9, height // 2 + 9)
    ImageDraw.Draw(photo).rectangle(middle, fill=(150, 20, 30))
    out = io.BytesIO()
    photo.save(out, "PNG")
    return out.getvalue()


def draw_flat(width: int, height: int) -> bytes:
    """`draw`, three bytes a pixel: large, and there is nothing in it but the picture."""
    out = io.BytesIO()
    Image.open(io.BytesIO(draw(width, height))).save(out, "PNG", compress_level=0)
    return out.getvalue()


def draw_plain(width: int = 64, height: int = 48) -> bytes:
    """One colour all over: there is no subject in it."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (224, 224, 224)).save(out, "PNG")
    return out.getvalue()


def pad(photo: bytes, size: int) -> bytes:
    """The photo with bytes behind its end, which decoders pass over, `size` bytes in all."""
    return photo + bytes(size - len(photo))


def png_header(width: int, height: int) -> bytes:
    """A PNG that states a size and has no pixels."""
    return b"\x89PNG\r\n\x1a\n" + _png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    )


def png_bomb(width: int, height: int) -> bytes:
    """A whole, valid PNG of one bit a pixel: some kilobytes that unpack to gigabytes of RGBA."""
    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)


def bmp_header(width: int, height: int) -> bytes:
    """A BMP that states a size and has no pixels."""
    information = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + information


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
NOISE = bytes(range(128, 256)) * 8


@dataclass(frozen=True)
class Part:
    """One file of a multipart body, written out as it is: nothing is escaped."""

    content: bytes
    name: str = "photo.png"
    field: str = "image_file"
    headers: str = ""


def multipart(*parts: Part, end: bool = True) -> bytes:
    """A body for CONTENT_TYPE; with `end=False` the last boundary is missing."""
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{part.field}"; '
        f'filename="{part.name}"\r\nContent-Type: image/png\r\n{part.headers}\r\n'.encode(
            errors="surrogateescape"
        )
        + part.content
        + b"\r\n"
        for part in parts
    )
    return body + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


def _png_chunk(name: bytes, body: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checksum
