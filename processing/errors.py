"""Refusals beyond the engine's: each has a code for programs and a sentence for people.

PhotoError (processing.engine.errors)
├── TooManyFiles         too_many_files       413
├── Interrupted          interrupted          400
├── StorageFull          storage_full         507
├── RequestInProgress    request_in_progress  409
└── WorkerLost           worker_lost          500
"""

from processing.engine.errors import PHOTO_ERRORS, EngineFailed, PhotoError


class TooManyFiles(PhotoError):
    code, status = "too_many_files", 413
    says = "This is more than one request takes. Send this photo in another request."

    @classmethod
    def over(cls, most: int) -> "TooManyFiles":
        return cls(f"One request takes {most} photos. Send this one in another request.")


class Interrupted(PhotoError):
    code, status = "interrupted", 400
    says = "The upload broke off before its end. Nothing was kept of it: send the photo again."


class StorageFull(PhotoError):
    code, status = "storage_full", 507
    says = "There is no room for another photo right now. Try again in an hour, or erase images."


class RequestInProgress(PhotoError):
    code, status = "request_in_progress", 409
    says = "This very upload is arriving already. Ask for its result in a moment."


class WorkerLost(PhotoError):
    code, status = "worker_lost", 500
    says = "The worker was stopped three times over this photo. Send it again, or a smaller copy."


ERRORS: dict[str, type[PhotoError]] = PHOTO_ERRORS | {
    kind.code: kind
    for kind in (TooManyFiles, Interrupted, StorageFull, RequestInProgress, WorkerLost)
}


def sentence_of(code: str) -> str:
    return ERRORS.get(code, EngineFailed).says
