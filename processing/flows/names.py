"""Names of files that leave the site: a stranger's words, harmless on whatever system they land."""

import unicodedata

MOST_BYTES = 120
FORBIDDEN = set('/\\:*?"<>|')


def safe_name(name: str) -> str:
    """The name as one harmless part of a path, without what could lead or point anywhere else.

    Never empty, never of dots alone, at most 120 bytes long.
    """
    plain = unicodedata.normalize("NFC", name)
    marks = ("_" if mark in FORBIDDEN or not mark.isprintable() else mark for mark in plain)
    # A name that was cut in the middle of a character loses that character.
    cut = "".join(marks).encode()[:MOST_BYTES].decode(errors="ignore")
    return cut.strip(". ") or "photo"
