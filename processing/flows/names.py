"""Names of files that leave the site: a stranger's words, harmless on whatever system they land."""

import unicodedata

MOST_BYTES = 120
FORBIDDEN = set('/\\:*?"<>|')
# What Windows takes for a device, whatever follows the first dot.
DEVICES = {
    *("CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"),
    *(port + number for port in ("COM", "LPT") for number in "0123456789¹²³"),
}
ROOM_FOR_NUMBER = 8


def safe_name(name: str, most: int = MOST_BYTES) -> str:
    """The name as one harmless part of a path, without what could lead or point anywhere else.

    Never empty, never of dots alone, no device, at most so many bytes long.
    """
    plain = unicodedata.normalize("NFC", name)
    marks = ("_" if mark in FORBIDDEN or not mark.isprintable() else mark for mark in plain)
    part = _cut("".join(marks), most)
    if part.partition(".")[0].rstrip().upper() in DEVICES:
        part = _cut(f"_{part}", most)
    return part or "photo"


class Names:
    """Gives every file of a folder a name of its own, also where case makes no difference."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._latest: dict[str, int] = {}

    def give(self, stem: str, end: str) -> str:
        """ "cup.png", and "cup-2.png" for the next that is called so."""
        stem = safe_name(stem, MOST_BYTES - len(end.encode()) - ROOM_FOR_NUMBER)
        name, number = stem, self._latest.get(_alike(stem), 1)
        while _alike(name) in self._taken:
            number += 1
            name = f"{stem}-{number}"
        self._latest[_alike(stem)] = number
        self._taken.add(_alike(name))
        return f"{name}{end}"


def _cut(name: str, most: int) -> str:
    """A name that was cut in the middle of a character loses that character."""
    return name.encode()[:most].decode(errors="ignore").strip(". ")


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
