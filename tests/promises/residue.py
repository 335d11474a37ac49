"""The residue oracle: where a photo or its name is left, in any of the shapes bytes are kept in."""

import base64
import io
import random
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.files.storage import storages
from PIL import ExifTags, Image

Needles = Mapping[str, bytes]
ARTIST = "Grandma Gertrude of Gotland"
SLICE = 24  # Bytes that nothing else holds by chance.
MAGIC = {
    "a JPEG": b"\xff\xd8\xff\xe0",
    "an Exif block": b"Exif\0\0",
    "a PNG": b"\x89PNG\r\n\x1a\n",
    "a PNG's pixels": b"IDAT",
    "a WebP": b"WEBPVP8",
}


def draw_marked() -> bytes:
    """A PNG, its subject a block of noise that no other photo has, its artist somebody."""
    photo = Image.new("RGB", (160, 120), (224, 224, 224))
    noise = random.SystemRandom().randbytes(80 * 60 * 3)
    photo.paste(Image.frombytes("RGB", (80, 60), noise), (40, 30))
    out = io.BytesIO()
    exif = photo.getexif()
    exif[ExifTags.Base.Artist] = ARTIST
    photo.save(out, "PNG", exif=exif)
    return out.getvalue()


def needles_of_name(name: str) -> Needles:
    """Also of any other text."""
    plain = {
        "UTF-8": name.encode(),
        "UTF-16, little": name.encode("utf-16-le"),
        "UTF-16, big": name.encode("utf-16-be"),
    }
    return _encoded(name, plain)


def needles_of_content(what: str, content: bytes) -> Needles:
    """Slices from all over it, and of its pixels."""
    slices = {f"bytes from {at}": content[at : at + SLICE] for at in _places(len(content))}
    with Image.open(io.BytesIO(content)) as photo:
        pixels = photo.convert("RGB").tobytes()
    middle = len(pixels) // 2 + 160 * 3 // 2 - SLICE
    slices["pixels"] = pixels[middle : middle + SLICE]
    telling = {shape: one for shape, one in slices.items() if len(set(one)) > SLICE // 2}
    if not telling:
        raise ValueError(f"nothing in {what} would be recognised")
    return _encoded(what, telling)


def find(needles: Needles, *folders: Path) -> list[str]:
    """Every hit in a file's content or name below the folders."""
    hits = []
    for path in _files(folders):
        held = path.name.encode(errors="surrogateescape") + b"\n" + _read(path)
        hits += [f"{what} in {path}" for what, needle in needles.items() if needle in held]
    return hits


def find_in_tables(needles: Needles) -> list[str]:
    """Every hit in a row of any table, whatever the database."""
    hits = []
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            held = b"\n".join(_as_bytes(value) for value in row)
            hits += [f"{what} in {model.__name__}" for what, one in needles.items() if one in held]
    return hits


def find_in_messages(needles: Needles) -> list[str]:
    """Every hit in what Redis holds; the embedded broker's folder is among the files."""
    if not settings.BROKER_URL.startswith("redis://"):
        return []
    from redis import Redis

    with Redis.from_url(settings.BROKER_URL) as redis:
        held = b"\n".join(key + (redis.dump(key) or b"") for key in redis.scan_iter())
    return [f"{what} in Redis" for what, needle in needles.items() if needle in held]


def find_in_storage(needles: Needles) -> list[str]:
    """Every hit in what the vault holds: of a bucket all versions, and unfinished uploads by name.

    A folder is searched like any other: see `find`.
    """
    vault: Any = storages["vault"]
    if not hasattr(vault, "bucket"):
        return find(needles, Path(vault.location))
    client, bucket = vault.bucket.meta.client, vault.bucket.name
    held = {
        f"version {one.id} of {one.object_key}": one.get()["Body"].read()
        for one in vault.bucket.object_versions.all()
        if one.size is not None  # A delete marker has none.
    }
    pending = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    held |= {f"upload of {one['Key']}": b"" for one in pending}
    return [
        f"{what} in {place}"
        for place, content in held.items()
        for what, needle in needles.items()
        if needle in place.encode() + content
    ]


def find_in_mail(needles: Needles) -> list[str]:
    sent = [str(message.message()).encode() for message in getattr(mail, "outbox", [])]
    return [
        f"{what} in a mail" for one in sent for what, needle in needles.items() if needle in one
    ]


def _places(size: int) -> Iterator[int]:
    """Past the header, which many photos share, and before the end."""
    first, last = min(100, size // 2), max(0, size - 2 * SLICE)
    yield from {first, size // 2, last}


def _encoded(what: str, plain: Needles) -> Needles:
    found = {}
    for shape, content in plain.items():
        found[f"{what} ({shape})"] = content
        found[f"{what} ({shape}, hexadecimal)"] = content.hex().encode()
        for shift in range(3):  # Base64 has three ways to write the middle of something.
            inner = base64.b64encode(content[shift : shift + (len(content) - shift) // 3 * 3])
            found[f"{what} ({shape}, base64 {shift})"] = inner
    return found


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def _read(path: Path) -> bytes:
    """A file of the database by another process. Whoever closes one lets go of every lock that its
    process has on it, and the next process takes the database for one that nobody has open:
    https://www.sqlite.org/howtocorrupt.html, section 2.2."""
    if ".sqlite3" in path.name:
        return subprocess.run(["cat", path], capture_output=True, check=False).stdout
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""  # Gone meanwhile.


def _as_bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
