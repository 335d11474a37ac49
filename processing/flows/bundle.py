"""Many results as one ZIP that is made while it is sent.

Nothing of it is ever stored, and no more of it is in memory than the piece that is on its way. Each
image is looked up when it is its turn. What is erased or due by then, or has no such file, is left
out, and a last entry says how many those are.

What is erased or due in the middle of its own entry is read no further (processing.flows.reading),
and what was sent of it cannot be taken back: the download breaks off there, before the directory at
the end without which a ZIP does not open. Nobody takes half a photo for a whole one.

A file that is made on demand is made meanwhile: it is asked for a few images ahead, and waited for
when it is its turn. Once one was not ready in time, the rest is taken only where it is there.
"""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from uuid import UUID

from django.utils.translation import gettext
from zipstream import ZipStream

from processing.engine import Options
from processing.engine.errors import PhotoError
from processing.engine.files import FILE_OPTIONS
from processing.errors import NotReady
from processing.flows.names import Names
from processing.flows.reading import while_readable
from processing.flows.render import Rendering, ask, wait_for
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, database_now, kind_at
from processing.storage import KeyGone, SealBroken, read_blob

log = logging.getLogger(__name__)
LEFT_OUT = "not in this archive.txt"
AHEAD = 4  # So many files are being made for one archive at once.
PATIENCE = 20.0  # Seconds that one of them is waited for.
Entry = tuple[str, Iterator[bytes]]
Begins = Callable[[Image], None]
Stem = Callable[[Image], str]
Ends = Callable[[list[UUID]], None]


def bundle(
    images: Iterable[Image],
    file: str,
    begins: Begins,
    ends: Ends,
    *,
    options: Options | None = None,
    stem: Stem | None = None,
) -> Iterator[bytes]:
    """The archive, piece by piece: of each image its `file`, in their order.

    `file` is the kind of a blob: "original", a fixed file's name, or the kind of a rendering. The
    images are those that whoever asks may see now (processing.access). `begins` is called before
    the first byte of an image (with its workspace and owner): what it raises keeps that byte back.
    `ends` is called with the ids of all that were sent once the archive's last byte was taken, and
    not at all when it breaks off before. `options`: what makes a rendering that is not there yet.
    `stem`: what an image is called in it; its own name unless somebody else gives it one.
    """
    ids = [image.pk for image in images]  # Not their rows: thousands of them are no small thing.
    return _Bundle(ids, file, begins, options, stem or _own_stem).pieces(ends)


class _Bundle:
    def __init__(
        self, ids: list[UUID], file: str, begins: Begins, options: Options | None, stem: Stem
    ) -> None:
        self._ids, self._file, self._begins, self._stem = ids, file, begins, stem
        self._options = None if file in RESULT_KINDS else FILE_OPTIONS.get(file, options)
        self._patience = PATIENCE
        self._names = Names()
        self._sent: list[UUID] = []
        self._left_out: Counter[str] = Counter()
        # Now: while it is sent nobody knows any more who reads it.
        self._words = {
            "gone": gettext("Images erased before it was their turn: %(number)s"),
            "unmade": gettext("Images without %(file)s: not made, or not yet: %(number)s"),
            "unreadable": gettext("Images could not be read: %(number)s"),
        }

    def pieces(self, ends: Ends) -> Iterator[bytes]:
        archive = ZipStream()  # Stored as they are: photos are compressed already.
        for image_id in self._in_turn():
            entry = self._entry(image_id)
            if entry is not None:
                name, content = entry
                archive.add(content, name)
                yield from archive.file()
                self._sent.append(image_id)
        if self._left_out:
            archive.add(self._say_left_out().encode(), LEFT_OUT)
        yield from archive.finalize()
        ends(self._sent)

    def _in_turn(self) -> Iterator[UUID]:
        """The ids; what has to be made for those that come soon is asked for meanwhile."""
        coming = iter(self._ids)
        soon = deque(islice(coming, AHEAD))
        for image_id in soon:
            self._ask(image_id)
        while soon:
            yield soon.popleft()
            for image_id in islice(coming, 1):
                self._ask(image_id)
                soon.append(image_id)

    def _ask(self, image_id: UUID) -> Rendering | None:
        """None where there is nothing to make, for whatever reason: its turn will tell."""
        image = _find(image_id) if self._options else None
        if self._options is None or image is None:
            return None
        try:
            return ask(image, self._options)
        except (PhotoError, Image.DoesNotExist):
            return None

    def _wait(self, image_id: UUID) -> str:
        """The kind of what was made, or is being made; empty where nothing has to be."""
        rendering = self._ask(image_id)
        if rendering is None:
            return ""
        try:
            if not rendering.ready:
                wait_for(rendering, self._patience)
        except NotReady:
            self._patience = 0.0
        except (PhotoError, Image.DoesNotExist):
            pass  # Its turn will tell.
        return rendering.kind

    def _entry(self, image_id: UUID) -> Entry | None:
        """None for what is left out, which is counted."""
        made = self._wait(image_id)
        image = _find(image_id)
        blob = _latest_blob(image, made or _kind_of(self._file, image)) if image else None
        if image is None or blob is None:
            self._left_out["unmade" if image else "gone"] += 1
            return None
        try:
            stem = self._stem(image)
            chunks = read_blob(image.open_key(), image.prefix, blob.generation, blob.kind)
            first = next(chunks)
        except (KeyGone, FileNotFoundError, SealBroken) as error:
            there = _find(image_id) is not None
            if there:
                log.error("%s of %s: %s", blob.kind, image, type(error).__name__)  # noqa: TRY400
            self._left_out["unreadable" if there else "gone"] += 1
            return None
        self._begins(image)
        name = self._names.give(stem, _end_of(self._file, image))
        return name, while_readable(image, first, chunks)

    def _say_left_out(self) -> str:
        numbers = ((self._left_out[why], said) for why, said in self._words.items())
        values = {"file": self._file}
        return "".join(
            f"{said % {**values, 'number': number}}\r\n" for number, said in numbers if number
        )


def _find(image_id: UUID) -> Image | None:
    readable = Image.objects.readable(database_now())
    return readable.select_related("workspace__owner").filter(pk=image_id).first()


def _latest_blob(image: Image, kind: str) -> Blob | None:
    return image.blobs.filter(kind=kind, stored=True).order_by("generation").last()


def _kind_of(file: str, image: Image) -> str:
    """Of the image's version; the original has none."""
    return file if file == "original" else kind_at(image.version, file)


def _own_stem(image: Image) -> str:
    """Its name's last part, by whatever system's rules, without its ending."""
    return PurePosixPath(image.open_name().replace("\\", "/")).stem


def _end_of(file: str, image: Image) -> str:
    """ ".png" of "cutout.png", "-mask.png" of "mask.png"; an original has its own."""
    if file == "original":
        return f".{image.kind}"
    kind = PurePosixPath(file)
    return f"-{file}" if file in FILE_OPTIONS and kind.stem != "cutout" else kind.suffix
