from processing.models.arrival import PART, Arrival
from processing.models.clock import database_now, keys_now
from processing.models.edit import Edit, kind_at, options_at, version_of
from processing.models.image import Blob, Image, ImageQuerySet, Life
from processing.models.job import Job, JobState, Task, WorkerBeat
from processing.models.reason import Reason
from processing.models.receipt import Receipt, ReceiptKey
from processing.models.share import Share, ShareDownload, ShareItem, ShareQuerySet
from processing.models.tag import Tag, alike
from processing.models.watch import Pulse, StaffAccess, VaultMark

__all__ = [
    "PART",
    "Arrival",
    "Blob",
    "Edit",
    "Image",
    "ImageQuerySet",
    "Job",
    "JobState",
    "Life",
    "Pulse",
    "Reason",
    "Receipt",
    "ReceiptKey",
    "Share",
    "ShareDownload",
    "ShareItem",
    "ShareQuerySet",
    "StaffAccess",
    "Tag",
    "Task",
    "VaultMark",
    "WorkerBeat",
    "alike",
    "database_now",
    "keys_now",
    "kind_at",
    "options_at",
    "version_of",
]
