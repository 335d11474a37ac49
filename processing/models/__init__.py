from processing.models.clock import database_now, keys_now
from processing.models.edit import Edit, kind_at, options_at, version_of
from processing.models.image import Blob, Image, ImageQuerySet, Life
from processing.models.job import Job, JobState, Task, WorkerBeat
from processing.models.reason import Reason
from processing.models.receipt import Receipt, ReceiptKey
from processing.models.watch import Pulse, StaffAccess, VaultMark

__all__ = [
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
    "StaffAccess",
    "Task",
    "VaultMark",
    "WorkerBeat",
    "database_now",
    "keys_now",
    "kind_at",
    "options_at",
    "version_of",
]
