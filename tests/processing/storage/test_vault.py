"""The vault, wherever its bytes are: what goes in comes out, and shredding leaves nothing."""

import os

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone

from processing.models.image import random_prefix
from processing.storage import (
    BlobWriter,
    SealBroken,
    pending_multiparts,
    read_blob,
    read_mark,
    shred_blob,
    shred_many,
    shred_object,
    shred_prefix,
    stored_names,
    versioning,
    walk_objects,
    write_mark,
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


def test_many_are_shredded_in_one_go(prefix: str) -> None:
    others = [random_prefix() for _ in range(3)]
    for one in (prefix, *others):
        for kind in ("cutout.png", "mask.png"):
            write(one, b"content", kind=kind)
    empty = random_prefix()
    ticks: list[None] = []
    outcome = shred_many([*others, empty], lambda: ticks.append(None))
    assert outcome == {**dict.fromkeys(others, 2), empty: 0}
    assert ticks
    assert [stored_names(one) for one in others] == [[], [], []]
    assert read(prefix, kind="mask.png") == b"content"
    assert shred_many([]) == {}


def test_everything_that_is_stored_is_walked_with_size_and_time(prefix: str) -> None:
    write(prefix, b"content")
    write(prefix, b"content", generation=3, kind="cutout.png")
    storages["vault"].save("stray.txt", ContentFile(b"x"))
    write_mark("a mark")  # Is the storage's own.
    walked = {one.name: one for one in walk_objects()}
    assert set(walked) == {*stored_names(prefix), "stray.txt"}
    assert walked["stray.txt"].size == 1
    assert all(
        abs((timezone.now() - one.modified_at).total_seconds()) < 60 for one in walked.values()
    )


def test_one_object_is_shredded_by_its_name(prefix: str) -> None:
    write(prefix, b"content")
    for name in ("stray.txt", "stray.txt.bak"):
        storages["vault"].save(name, ContentFile(b"x"))
    assert shred_object("stray.txt") == 1
    assert shred_object("stray.txt") == 0
    assert {one.name for one in walk_objects()} == {*stored_names(prefix), "stray.txt.bak"}


def test_the_mark_is_read_as_it_was_written() -> None:
    assert read_mark() is None
    write_mark("0123456789abcdef")
    assert read_mark() == "0123456789abcdef"


def test_nothing_keeps_what_is_deleted() -> None:
    assert versioning() == "off"
    assert list(pending_multiparts()) == []
