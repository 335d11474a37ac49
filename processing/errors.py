"""Refusals beyond the engine's: each has a code for programs and a sentence for people.

PhotoError (processing.engine.errors)
├── TooManyFiles         too_many_files       413
├── Interrupted          interrupted          400
├── StorageFull          storage_full         507
├── RequestInProgress    request_in_progress  409
├── WrongOffset          wrong_offset         409
├── Incomplete           incomplete           409
├── PartTooSmall         part_too_small       400
├── PartTooLarge         part_too_large       413
├── TooManyUploads       too_many_uploads     429
├── TicketMismatch       ticket_mismatch      409
├── BadEraseAfter        bad_erase_after      400
├── ModelNotOffered      model_not_offered    400
├── BadTag               bad_tag              400
├── TooManyTags          too_many_tags        409
├── Paused               paused               503
├── NotCutOut            not_cut_out          409
├── TooManyRenderings    too_many_renderings  429
├── RenderingsWaiting    renderings_waiting   429
├── NotReady             not_ready            503
├── VersionConflict      version_conflict     409
├── TooManyVersions      too_many_versions    429
├── WorkerLost           worker_lost          500
├── BadShare             bad_share            400
├── ShareTooLong         share_too_long       400
├── ShareEnded           share_ended          409
├── TooManyShares        too_many_shares      429
├── ShareGone            gone                 410
├── PasswordNeeded       password_needed      401
├── WrongPassword        wrong_password       403
└── TooManyTries         too_many_tries       429
"""

from processing.engine.errors import PHOTO_ERRORS, EngineFailed, PhotoError
from processing.phrases import phrase


class TooManyFiles(PhotoError):
    code, status = "too_many_files", 413
    says = phrase("This is more than one request takes. Send this photo in another request.")

    @classmethod
    def over(cls, most: int) -> "TooManyFiles":
        words = phrase(
            "One request takes %(most)s photos. Send this one in another request.", most=most
        )
        return cls(words)


class Interrupted(PhotoError):
    code, status = "interrupted", 400
    says = phrase(
        "The upload broke off before its end. Nothing was kept of it: send the photo again."
    )


class StorageFull(PhotoError):
    code, status = "storage_full", 507
    says = phrase(
        "There is no room for another photo right now. Try again in an hour, or erase images."
    )


class RequestInProgress(PhotoError):
    code, status = "request_in_progress", 409
    says = phrase("This very upload is arriving already. Ask for its result in a moment.")


class WrongOffset(PhotoError):
    code, status = "wrong_offset", 409
    says = phrase(
        "This part does not follow what is there. Ask how much is there, and go on from that."
    )


class Incomplete(PhotoError):
    code, status = "incomplete", 409
    says = phrase("Not all of this photo is there yet. Send the rest of it, then finish.")


class PartTooSmall(PhotoError):
    code, status = "part_too_small", 400
    says = phrase(
        "This part is smaller than a part can be. Send a larger one; only the last can be small."
    )


class PartTooLarge(PhotoError):
    code, status = "part_too_large", 413
    says = phrase(
        "This part is larger than a part can be, or than the rest of the photo. Send less at once."
    )


class TooManyUploads(PhotoError):
    code, status, retry_after = "too_many_uploads", 429, 30
    says = phrase(
        "More photos of yours are arriving already than can at once. Send this one after them."
    )


class BadEraseAfter(PhotoError):
    code, status = "bad_erase_after", 400
    says = phrase(
        "Ask to erase it after a time such as 90s, 10m or 1h, of a minute at least, or after the"
        " word download."
    )

    @classmethod
    def longer_than(cls, most: str) -> "BadEraseAfter":
        return cls(
            phrase(
                "The life of a photo can only be made shorter: ask to erase it after %(most)s at"
                " most.",
                most=most,
            )
        )


class ModelNotOffered(PhotoError):
    code, status = "model_not_offered", 400
    says = phrase("This site does not offer that model. Ask for one that it offers, or for none.")

    @classmethod
    def but(cls, offered: list[str]) -> "ModelNotOffered":
        return cls(
            phrase(
                "This site does not offer that model. Ask for one of %(names)s, or for none.",
                names=", ".join(offered),
            )
        )


class BadTag(PhotoError):
    code, status = "bad_tag", 400
    says = phrase("A tag has 1 to 40 characters, and no line breaks. Choose another one.")


class TooManyTags(PhotoError):
    code, status = "too_many_tags", 409
    says = phrase("An image has 20 tags at most. Choose one of them to remove first.")


class Paused(PhotoError):
    """While it is not certain that a new photo would be erased on time."""

    code, status, retry_after = "paused", 503, 60
    says = phrase(
        "This site takes no new photos right now: it cannot promise to erase them on time."
        " Try again in a few minutes."
    )


class TicketMismatch(PhotoError):
    code, status = "ticket_mismatch", 409
    says = phrase(
        "This is not the SHA-256 of the photo that is here. Compute it anew and try again."
    )


class NotCutOut(PhotoError):
    code, status = "not_cut_out", 409
    says = phrase(
        "This photo is not cut out, so nothing can be made of it yet. Look at its state first."
    )


class TooManyRenderings(PhotoError):
    code, status = "too_many_renderings", 429
    says = phrase(
        "There are as many versions of this photo as one can have. Download one of those."
    )

    @classmethod
    def over(cls, most: int) -> "TooManyRenderings":
        return cls(
            phrase(
                "There are %(most)s versions of this photo already. Download one of those.",
                most=most,
            )
        )


class RenderingsWaiting(PhotoError):
    code, status, retry_after = "renderings_waiting", 429, 5
    says = phrase(
        "Other files that you asked for are still being made. Try again in a few seconds."
    )


class NotReady(PhotoError):
    code, status, retry_after = "not_ready", 503, 5
    says = phrase("This file is still being made. Try again in a few seconds.")


class VersionConflict(PhotoError):
    code, status = "version_conflict", 409
    says = phrase("Another version was saved meanwhile. Save yours as one more on top of it.")


class TooManyVersions(PhotoError):
    code, status = "too_many_versions", 429
    says = phrase(
        "There are as many versions of this image as one can have. Go back to one of those."
    )


class WorkerLost(PhotoError):
    code, status = "worker_lost", 500
    says = phrase(
        "The worker was stopped three times over this photo. Send it again, or a smaller copy."
    )


class BadShare(PhotoError):
    code, status = "bad_share", 400
    says = phrase("Some part of what was asked for this link cannot be. Check it and try again.")

    @classmethod
    def named(cls, name: str, wanted: str) -> "BadShare":
        return cls(phrase("Choose for “%(name)s” %(wanted)s.", name=name, wanted=wanted))


class ShareTooLong(PhotoError):
    code, status = "share_too_long", 400
    says = phrase(
        "One of the images is erased before that. Choose a shorter time, or until it is erased."
    )


class ShareEnded(PhotoError):
    code, status = "share_ended", 409
    says = phrase(
        "This link has ended, and no link begins again. Choose its images and make a new one."
    )


class TooManyShares(PhotoError):
    code, status = "too_many_shares", 429
    says = phrase(
        "There are as many links as one can have. Open one that nobody needs, and end it."
    )


class ShareGone(PhotoError):
    """For a stranger a link that was never made, and one that is over, are the same."""

    code, status = "gone", 410
    says = phrase("These images no longer exist. Ask whoever sent you the link for another one.")


class PasswordNeeded(PhotoError):
    code, status = "password_needed", 401
    says = phrase("This link has a password. Ask whoever sent it to you, and send it to unlock/.")


class WrongPassword(PhotoError):
    code, status = "wrong_password", 403
    says = phrase("This is not the password of this link. Check it and try again.")


class TooManyTries(PhotoError):
    code, status, retry_after = "too_many_tries", 429, 600
    says = phrase("There were too many wrong passwords. Wait ten minutes and try again.")


class TooManyDownloads(PhotoError):
    code, status, retry_after = "rate_limited", 429, 600
    says = phrase("There were too many attempts. Wait a few minutes and try again.")


ERRORS: dict[str, type[PhotoError]] = PHOTO_ERRORS | {
    kind.code: kind
    for kind in (
        TooManyFiles,
        Interrupted,
        StorageFull,
        RequestInProgress,
        WrongOffset,
        Incomplete,
        PartTooSmall,
        PartTooLarge,
        TooManyUploads,
        TicketMismatch,
        BadEraseAfter,
        ModelNotOffered,
        BadTag,
        TooManyTags,
        Paused,
        NotCutOut,
        TooManyRenderings,
        RenderingsWaiting,
        NotReady,
        VersionConflict,
        TooManyVersions,
        WorkerLost,
        BadShare,
        ShareTooLong,
        ShareEnded,
        TooManyShares,
        ShareGone,
        PasswordNeeded,
        WrongPassword,
        TooManyTries,
        TooManyDownloads,
    )
}


def sentence_of(code: str) -> str:
    return ERRORS.get(code, EngineFailed).says
