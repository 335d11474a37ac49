"""Many results in one ZIP that is made while it is sent."""

import io
import logging
import time
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from processing.engine import Options
from processing.engine.files import FILE_OPTIONS
from processing.flows import bundle as flow
from processing.flows import reading
from processing.flows.bundle import AHEAD, LEFT_OUT, bundle
from processing.flows.erase import erase_images
from processing.flows.names import MOST_BYTES
from processing.models import Blob, Image, Job, Task
from processing.storage import BlobWriter, seal_text, vault
from tests import photos
from tests.cast import (
    age,
    at_page,
    fill,
    finish,
    finish_with_renderings,
    render,
    start_worker,
    submit,
)

NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/absolute.png",
    "C:\\drive.png",
    "..",
    "",
    "a\x00b.png",
    "line\r\nX-Evil: yes.png",
    "right\u202eto\u2066left.png",
    "tab\tand\x1bescape.png",
    'quotes"<>|?*:.png',
    "x" * 4000 + ".png",
    "\u00e9" * 400,
    "\U0001f600" * 200,
    "con.png",
    "COM\u00b9.tar.gz",
    "nul .txt",
    "con" + " " * 130 + "x.png",
    "trailing dots... ",
    "not in this archive.txt",
]
DEVICES = {"CON", "PRN", "AUX", "NUL", "COM1", "COM\u00b9", "LPT1"}


def pieces_of(images: Iterable[Image], file: str = "cutout.png", **more: Any) -> Iterator[bytes]:
    begins = more.pop("begins", lambda _: None)
    return bundle(images, file, begins, more.pop("ends", lambda _: None))


def archive_of(images: Iterable[Image], file: str = "cutout.png") -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces_of(images, file))))
    assert archive.testzip() is None
    return archive


def named(image: Image, name: str) -> Image:
    image.sealed_name = seal_text(name, image.open_key(), image._name_place)
    image.save()
    return image


def store(image: Image, content: bytes, kind: str = "cutout.png", generation: int = 9) -> None:
    Blob.objects.update_or_create(
        image=image, kind=kind, generation=generation, defaults={"stored": True}
    )
    with BlobWriter(image.open_key(), image.prefix, generation, kind) as writer:
        writer.write(content)


def test_each_image_s_file_is_in_it_in_their_order(owner: User) -> None:
    photo = photos.draw(120, 80, "JPEG")
    first = finish_with_renderings(submit(owner, photo, "my cup.jpeg"), photo)
    second = finish_with_renderings(submit(owner, photo, "a plate.jpeg"), photo)
    expected = {
        "cutout.png": ["my cup.png", "a plate.png"],
        "cutout.webp": ["my cup.webp", "a plate.webp"],
        "cutout.jpg": ["my cup.jpg", "a plate.jpg"],
        "mask.png": ["my cup-mask.png", "a plate-mask.png"],
        "original": ["my cup.jpeg", "a plate.jpeg"],
    }
    for file, names in expected.items():
        archive = archive_of([first, second], file)
        assert archive.namelist() == names
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
    assert archive.read("my cup.jpeg") == photo


def test_a_rendering_that_is_stored_goes_by_its_kind(owner: User) -> None:
    image = finish(submit(owner, name="cup.png"))
    (kind,) = render(image, Options(format="webp", size="preview"))
    assert kind.startswith("r")
    assert archive_of([image], kind).namelist() == ["cup.webp"]


def test_the_latest_attempt_s_file_is_taken(owner: User) -> None:
    image = finish(submit(owner, name="cup.png"))
    store(image, b"later")
    assert archive_of([image]).read("cup.png") == b"later"


def test_no_name_leads_anywhere_and_each_is_its_own(owner: User, tmp_path: Path) -> None:
    images = [named(submit(owner), name) for name in [*NAMES, *NAMES]]
    for image in images:
        store(image, image.pk.bytes)
    archive = archive_of(images)
    names = archive.namelist()
    assert len({name.casefold() for name in names}) == len(images)
    for name in names:
        assert PurePosixPath(name).parts == (name,)
        assert name.isprintable()
        assert not set(name) & set('/\\:*?"<>|')
        assert len(name.encode()) <= MOST_BYTES
        assert name.partition(".")[0].strip().upper() not in DEVICES
        assert name.endswith(".png")
    archive.extractall(tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == len(images)
    assert [archive.read(name) for name in names] == [image.pk.bytes for image in images]


def test_what_is_called_alike_is_counted(owner: User) -> None:
    names = ["cup.png", "Cup.jpeg", "cup-2.png", "cup.webp", "", "..", "STRASSE.png", "straße.png"]
    images = [finish(named(submit(owner), name)) for name in names]
    assert archive_of(images).namelist() == [
        *("cup.png", "Cup-2.png", "cup-2-2.png", "cup-3.png", "photo.png", "photo-2.png"),
        *("STRASSE.png", "straße-2.png"),
    ]


def test_what_is_gone_or_not_made_is_left_out_and_said(owner: User) -> None:
    there = finish(submit(owner, name="there.png"))
    erased, due = finish(submit(owner)), finish(submit(owner))
    waiting = submit(owner)
    age(due, timedelta(hours=23))
    erase_images([erased], at_page(owner))
    archive = archive_of([erased, waiting, there, due])
    assert archive.namelist() == ["there.png", LEFT_OUT]
    assert archive.read(LEFT_OUT).decode() == (
        "Images erased before it was their turn: 2\r\n"
        "Images without cutout.png: not made, or not yet: 1\r\n"
    )


def test_of_nothing_it_is_an_archive_too(owner: User) -> None:
    assert archive_of([]).namelist() == []


def test_what_is_erased_meanwhile_stops_appearing(owner: User) -> None:
    first, second = finish(submit(owner, name="1.png")), finish(submit(owner, name="2.png"))
    pieces = pieces_of([first, second])
    sent = next(pieces)
    erase_images([second], at_page(owner))
    archive = zipfile.ZipFile(io.BytesIO(sent + b"".join(pieces)))
    assert archive.namelist() == ["1.png", LEFT_OUT]


@pytest.mark.parametrize("end", ["erased", "due"])
def test_what_ends_in_the_middle_breaks_the_download_off(
    owner: User, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(reading, "LOOK_EVERY", 0)
    image, later = finish(submit(owner)), finish(submit(owner))
    store(image, bytes(1_000_000))
    ended: list[list[UUID]] = []
    pieces = pieces_of([image, later], ends=ended.append)
    sent = bytearray()
    while len(sent) < 200_000:
        sent += next(pieces)
    if end == "erased":
        erase_images([image], at_page(owner))
    else:
        age(image, timedelta(hours=23))
    with pytest.raises(reading.ReadOn):
        sent += next(pieces)
    assert len(sent) < 400_000
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(bytes(sent)))
    assert ended == []


def test_bytes_that_were_changed_do_not_keep_the_rest(
    owner: User, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    finish(submit(owner, name="secret name.png"))
    for path in (tmp_path / "vault").rglob("cutout.png"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    finish(submit(owner, name="whole.png"))
    with caplog.at_level(logging.ERROR):
        archive = archive_of(Image.objects.order_by("received_at"))
    assert archive.namelist() == ["whole.png", LEFT_OUT]
    assert archive.read(LEFT_OUT) == b"Images could not be read: 1\r\n"
    assert "SealBroken" in caplog.text
    assert "secret name" not in caplog.text


def test_it_is_told_of_each_before_its_bytes_and_of_all_after_the_last(owner: User) -> None:
    images = [finish(submit(owner)) for _ in range(2)]
    gone = submit(owner)
    begun: list[Image] = []
    ended: list[list[UUID]] = []
    pieces = pieces_of([*images, gone], begins=begun.append, ends=ended.append)
    next(pieces)
    assert [(image.pk, image.workspace.owner) for image in begun] == [(images[0].pk, owner)]
    while piece := next(pieces, b""):
        assert piece
        if not ended:
            assert len(begun) <= 2
    assert [image.pk for image in begun] == [image.pk for image in images]
    assert ended == [[image.pk for image in images]]


def test_a_reader_who_breaks_off_ends_nothing(owner: User) -> None:
    ended: list[list[UUID]] = []
    pieces: Any = pieces_of([finish(submit(owner))], ends=ended.append)
    next(pieces)
    pieces.close()
    assert ended == []


def test_what_cannot_be_noted_is_not_given_out(owner: User) -> None:
    def refuse(_: Image) -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        next(pieces_of([finish(submit(owner))], begins=refuse))


def test_what_is_made_on_demand_is_made_a_few_ahead(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_worker()
    options = FILE_OPTIONS["cutout.webp"]
    images = [finish(submit(owner, name=f"{number}.png")) for number in range(AHEAD + 3)]
    waiting: list[int] = []

    def work(_: float) -> None:
        queued = Job.objects.filter(task=Task.RENDER, state="queued").order_by("queued_at")
        waiting.append(queued.count())
        job = queued.select_related("image")[0]
        render(job.image, options)

    monkeypatch.setattr(time, "sleep", work)
    archive = archive_of(images, "cutout.webp")
    assert archive.namelist() == [f"{number}.webp" for number in range(AHEAD + 3)]
    assert max(waiting) == AHEAD
    for name in archive.namelist():
        assert archive.read(name)[8:12] == b"WEBP"


def test_where_nobody_works_nobody_waits(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: float) -> None:
        raise AssertionError("waited")

    monkeypatch.setattr(time, "sleep", never)
    finish(submit(owner, name="not.png"))
    finish_with_renderings(submit(owner, name="made.png"))
    archive = archive_of(Image.objects.order_by("received_at"), "cutout.webp")
    assert archive.namelist() == ["made.webp", LEFT_OUT]


def test_a_worker_that_is_too_slow_is_waited_for_once(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start_worker()
    monkeypatch.setattr(flow, "PATIENCE", 1.0)
    for number in range(6):
        finish(submit(owner, name=f"{number}.png"))
    begun = time.monotonic()
    archive = archive_of(Image.objects.all(), "cutout.webp")
    assert time.monotonic() - begun < 4, "six would be waited for for 6 s"
    assert archive.namelist() == [LEFT_OUT]


def test_nothing_is_read_before_it_is_its_turn(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [finish(submit(owner)) for _ in range(3)]
    opened: list[str] = []
    real = vault._open

    def remember(path: str) -> Any:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(vault, "_open", remember)
    pieces = pieces_of(images)
    assert opened == []
    next(pieces)
    assert len(opened) == 1


def test_memory_stays_flat_for_two_thousand(owner: User) -> None:
    """What grows is the directory at the archive's end, by its entries and not by their bytes."""
    ids = fill(owner, 2_000)
    images = Image.objects.filter(pk__in=ids)
    content = bytes(range(256)) * 100
    for image in images:
        with BlobWriter(image.open_key(), image.prefix, 1, "cutout.png") as writer:
            writer.write(content)
    begun: list[UUID] = []

    def begins(image: Image) -> None:
        begun.append(image.pk)
        if len(begun) == 1_500:  # Tracing makes everything slow.
            tracemalloc.start()

    size = last = 0
    for piece in pieces_of(images, begins=begins):
        size += len(piece)
        last = max(last, piece.rfind(b"photo-2000.png"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 2_000 * len(content)
    assert last > 0
    assert peak < 6_000_000, peak  # All of the last five hundred are 12.8 MB.
