"""Where the blobs of an image lie: `ab/<32 hexadecimal digits>/<generation>/<kind>`."""

import re

_LAYOUT = re.compile(r"(?P<folder>[0-9a-f]{2})/(?P<prefix>(?P=folder)[0-9a-f]{30})/\d+/[\w.-]+")


def prefix_of(name: str) -> str:
    """The prefix that an object lies under; empty for one that is not where a blob would be."""
    found = _LAYOUT.fullmatch(name)
    return found["prefix"] if found else ""
