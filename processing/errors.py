"""Refusals beyond the engine's: each has a code for programs and a sentence for people.

PhotoError (processing.engine.errors)
├── TooManyFiles         too_many_files       413
├── Interrupted          interrupted          400
├── StorageFull          storage_full         507
├── RequestInProgress    request_in_progress  409
├── TicketMismatch       ticket_mismatch      409
├── BadEraseAfter        bad_erase_after      400
├── ModelNotOffered      model_not_offered    400
├── Paused               paused               503
├── NotCutOut            not_cut_out          409
├── TooManyRenderings    too_many_renderings  429
├── RenderingsWaiting    renderings_waiting   429
├── NotReady             not_ready            503
├── VersionConflict      version_conflict     409
├── TooManyVersions      too_many_versions    429
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


class BadEraseAfter(PhotoError):
    code, status = "bad_erase_after", 400
    says = (
        "Ask to erase it after a time such as 90s, 10m or 1h, of a minute at least, or after the"
        " word download."
    )

    @classmethod
    def longer_than(cls, most: str) -> "BadEraseAfter":
        return cls(
            f"The life of a photo can only be made shorter: ask to erase it after {most} at most."
        )


class ModelNotOffered(PhotoError):
    code, status = "model_not_offered", 400
    says = "This site does not offer that model. Ask for one that it offers, or for none."

    @classmethod
    def but(cls, offered: list[str]) -> "ModelNotOffered":
        names = ", ".join(offered)
        return cls(f"This site does not offer that model. Ask for one of {names}, or for none.")


class Paused(PhotoError):
    """While it is not certain that a new photo would be erased on time."""

    code, status, retry_after = "paused", 503, 60
    says = (
        "This site takes no new photos right now: it cannot promise to erase them on time."
        " Try again in a few minutes."
    )


class TicketMismatch(PhotoError):
    code, status = "ticket_mismatch", 409
    says = "This is not the SHA-256 of the photo that is here. Compute it anew and try again."


class NotCutOut(PhotoError):
    code, status = "not_cut_out", 409
    says = "This photo is not cut out, so nothing can be made of it yet. Look at its state first."


class TooManyRenderings(PhotoError):
    code, status = "too_many_renderings", 429
    says = "There are as many versions of this photo as one can have. Download one of those."

    @classmethod
    def over(cls, most: int) -> "TooManyRenderings":
        return cls(f"There are {most} versions of this photo already. Download one of those.")


class RenderingsWaiting(PhotoError):
    code, status, retry_after = "renderings_waiting", 429, 5
    says = "Other files that you asked for are still being made. Try again in a few seconds."


class NotReady(PhotoError):
    code, status, retry_after = "not_ready", 503, 5
    says = "This file is still being made. Try again in a few seconds."


class VersionConflict(PhotoError):
    code, status = "version_conflict", 409
    says = "Another version was saved meanwhile. Save yours as one more on top of it."


class TooManyVersions(PhotoError):
    code, status = "too_many_versions", 429
    says = "There are as many versions of this image as one can have. Go back to one of those."


class WorkerLost(PhotoError):
    code, status = "worker_lost", 500
    says = "The worker was stopped three times over this photo. Send it again, or a smaller copy."


ERRORS: dict[str, type[PhotoError]] = PHOTO_ERRORS | {
    kind.code: kind
    for kind in (
        TooManyFiles,
        Interrupted,
        StorageFull,
        RequestInProgress,
        TicketMismatch,
        BadEraseAfter,
        ModelNotOffered,
        Paused,
        NotCutOut,
        TooManyRenderings,
        RenderingsWaiting,
        NotReady,
        VersionConflict,
        TooManyVersions,
        WorkerLost,
    )
}


def sentence_of(code: str) -> str:
    return ERRORS.get(code, EngineFailed).says
