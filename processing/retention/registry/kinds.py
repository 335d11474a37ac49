"""What a declaration says."""

from dataclasses import dataclass
from enum import Enum


class Erased(Enum):
    """When and how something goes; the words are those of /privacy/."""

    NOTHING_PERSONAL = "it holds nothing of a person"
    AT_ERASING = "blanked the moment an image is erased"
    WITH_IMAGE = "removed with the image, within the promised time"
    BLANKED_AT_CLOSING = "blanked when the account is closed"
    DELETED_AT_CLOSING = "deleted when the account is closed"
    AFTER_AUDIT_DAYS = "deleted when the audit log's time is over"
    BY_TIME = "deleted by itself after the time that is said with it"
    STAYS = "stays, as proof: ids, times and numbers, no name and no content"
    BY_OPERATOR = "removed by whoever runs the site, after the time that /privacy/ states"


@dataclass(frozen=True)
class Held:
    """What some columns of a table hold."""

    fields: str  # Names, separated by blanks.
    what: str
    erased: Erased


@dataclass(frozen=True)
class Place:
    """What a storage, a cache, a queue, a log, a folder or a cookie holds."""

    name: str
    what: str
    erased: Erased
    how: str
    searched: bool = True  # Of folders: whether the patrol looks for photos in the clear in it.
