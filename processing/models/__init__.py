from processing.models.clock import database_now
from processing.models.image import Blob, Image, ImageQuerySet, Life
from processing.models.job import Job, JobState, WorkerBeat

__all__ = [
    "Blob",
    "Image",
    "ImageQuerySet",
    "Job",
    "JobState",
    "Life",
    "WorkerBeat",
    "database_now",
]
