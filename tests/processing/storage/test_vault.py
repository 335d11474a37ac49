"""The vault, wherever its bytes are: what goes in comes out, and shredding leaves nothing."""

import os
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from processing.models.image import random_prefix
from processing.storage import (
    BlobWriter,
    SealBroken,
    read_blob,
    shred_blob,
    shred_prefix,
    stored_names,
)

KEY = os.urandom(32)
SIZES = (0, 1, 65_536, 200_000, 6_000_000)  # The last is more than one part of an upload to S3.

pytestmark = pytest.mark.usefixtures("vault")


@pytest.fixture
def prefix() -> str:
    return random_prefix()


def write(prefix: str, content: bytes, generation: int = 0, kind: str = "original") -> None:
    with BlobWriter(KEY, prefix, generation, kind) as writer:
        for start in range(0, len(content), 65_000):
            writer.write(content[start : start + 65_000])


def read(prefix: str, generation: int = 0, kind: str = "original") -> bytes:
    return b"".join(read_blob(KEY, prefix, generation, kind))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_written_is_read_again(prefix: str, size: int) -> None:
    content = os.urandom(size)
    write(prefix, content)
    assert read(prefix) == content


def test_what_is_stored_is_sealed(prefix: str) -> None:
    write(prefix, b"a marker that everybody would recognise" * 100)
    (name,) = stored_names(prefix)
    with storages["vault"].open(name) as file:
        stored = file.read()
    assert stored.startswith(b"BGE1")
    assert b"marker" not in stored


def test_a_blob_that_is_not_there_is_missing(prefix: str) -> None:
    with pytest.raises(FileNotFoundError):
        read(prefix)


def test_a_blob_moved_to_another_place_does_not_open(prefix: str) -> None:
    write(prefix, b"content", kind="cutout.png")
    vault = storages["vault"]
    with vault.open(f"{prefix[:2]}/{prefix}/0/cutout.png") as file:
        vault.save(f"{prefix[:2]}/{prefix}/0/mask.png", ContentFile(file.read()))
    with pytest.raises(SealBroken):
        read(prefix, kind="mask.png")


def test_a_writer_that_breaks_off_leaves_nothing_that_opens(prefix: str) -> None:
    with pytest.raises(RuntimeError), BlobWriter(KEY, prefix, 0, "original") as writer:
        writer.write(os.urandom(300_000))
        raise RuntimeError
    with pytest.raises((SealBroken, FileNotFoundError)):
        read(prefix)
    shred_prefix(prefix)
    assert stored_names(prefix) == []


def test_one_blob_is_shredded_and_the_others_stay(prefix: str) -> None:
    write(prefix, b"one", kind="mask.png")
    write(prefix, b"two", kind="cutout.png")
    shred_blob(prefix, 0, "mask.png")
    shred_blob(prefix, 0, "mask.png")
    with pytest.raises(FileNotFoundError):
        read(prefix, kind="mask.png")
    assert read(prefix, kind="cutout.png") == b"two"


def test_shredding_finds_what_no_row_knows_and_touches_no_neighbour(prefix: str) -> None:
    # A neighbour in the same folder, and one whose name only begins alike.
    neighbours = (prefix[:2] + random_prefix()[2:], prefix + "0")
    for one in (prefix, *neighbours):
        write(one, b"content")
    write(prefix, b"content", generation=3, kind="cutout.png")
    vault, root = storages["vault"], f"{prefix[:2]}/{prefix}"
    for stray in ("stray", "0/stray", "7/deep/down/stray"):
        vault.save(f"{root}/{stray}", ContentFile(b"x"))
    assert shred_prefix(prefix) >= 5
    assert stored_names(prefix) == []
    assert shred_prefix(prefix) == 0
    assert [read(one) for one in neighbours] == [b"content", b"content"]


def test_a_storage_that_refuses_raises_and_gives_in_later(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(prefix, b"content")
    with monkeypatch.context() as broken:

        def refuse(name: str) -> None:
            raise PermissionError("read-only")

        broken.setattr(storages["vault"], "delete", refuse)
        with pytest.raises(PermissionError):
            shred_prefix(prefix)
    shred_prefix(prefix)
    assert stored_names(prefix) == []


def test_a_storage_that_only_says_that_it_has_deleted_is_found_out(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(prefix, b"content")
    listed: list[str] = stored_names(prefix)

    def still_listed(vault: object, folder: str) -> Iterator[str]:
        yield from listed

    monkeypatch.setattr("processing.storage.vault._walk", still_listed)
    with pytest.raises(OSError, match="still not empty"):
        shred_prefix(prefix)
