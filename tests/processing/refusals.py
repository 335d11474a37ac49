"""A storage that refuses to delete."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from processing.models import Image
from processing.storage import Tick, shredding
from processing.storage.place import folder_of


@contextmanager
def refusing(*images: Image) -> Iterator[list[str]]:
    """Refuses to delete what is stored of these images, or anything at all where none is given.

    Yields the prefixes that it was asked to shred, in their order.
    """
    real, asked = shredding._shred, list[str]()
    refused = {folder_of(image.prefix) for image in images}

    def shred(folders: list[str], tick: Tick) -> dict[str, int | Exception]:
        asked.extend(folder.rpartition("/")[2] for folder in folders)
        bad = [one for one in folders if not refused or one in refused]
        good = real([one for one in folders if one not in bad], tick)
        return good | dict.fromkeys(bad, PermissionError("read-only"))

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(shredding, "_shred", shred)
        yield asked
