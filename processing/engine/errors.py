"""Everything that the engine raises on purpose.

EngineError
├── PhotoError                 what is wrong with one photo; told to the person who sent it
│   ├── EmptyFile              empty_file          400
│   ├── NotAnImage             not_an_image        415
│   ├── UnsupportedType        unsupported_type    415
│   ├── TooLarge               too_large           413
│   ├── TooManyPixels          too_many_pixels     413
│   ├── Truncated              truncated           422
│   ├── DecodeFailed           decode_failed       422
│   ├── TooManyParts           too_many_parts      422
│   ├── UnknownForeground      unknown_foreground  422
│   ├── BadOption              bad_option          422
│   ├── BadStroke              bad_stroke          422
│   ├── NothingLeft            nothing_left        422
│   ├── TooManyStrokes         too_many_strokes    413
│   ├── EngineFailed           engine_failed       500
│   ├── OutOfMemory            out_of_memory       503
│   └── TimedOut               timed_out           504
└── SetupError                 what is wrong with this installation; told to its operator
    ├── UnknownModel
    ├── ModelUnusable
    └── DeviceUnavailable

A sentence is shown to people as it is, or translated: it says what happened, then what to do next,
and holds neither file names nor the text of a library's error.
"""

from __future__ import annotations

from typing import ClassVar

from processing.phrases import phrase


class EngineError(Exception):
    """Root of the tree."""


class PhotoError(EngineError):
    """`code` is for programs, `sentence` for people, `status` for HTTP."""

    code: ClassVar[str]
    status: ClassVar[int]
    says: ClassVar[str]
    retry_after: ClassVar[int] = 0  # Seconds after which it can be otherwise, where that is known.

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.says)

    @property
    def sentence(self) -> str:
        """In English; a page says it in its reader's language."""
        said: str = self.args[0]
        return said


class EmptyFile(PhotoError):
    code, status = "empty_file", 400
    says = phrase("This file is empty. Send the photo again.")


class NotAnImage(PhotoError):
    code, status = "not_an_image", 415
    says = phrase(
        "This file is not a photo. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo."
    )


class UnsupportedType(PhotoError):
    code, status = "unsupported_type", 415
    says = phrase(
        "This type of file cannot be cut out."
        " Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo."
    )

    @classmethod
    def named(cls, found: str) -> UnsupportedType:
        """`found` is a noun with its article, such as "a PDF", as a phrase."""
        return cls(
            phrase(
                "This file is %(kind)s."
                " Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.",
                kind=found,
            )
        )


class TooLarge(PhotoError):
    code, status = "too_large", 413
    says = phrase("This file is too large. Send a smaller copy.")

    @classmethod
    def over(cls, max_bytes: int) -> TooLarge:
        return cls(
            phrase(
                "This file is larger than %(most)s MB. Send a smaller copy.", most=max_bytes / 1e6
            )
        )


class TooManyPixels(PhotoError):
    code, status = "too_many_pixels", 413
    says = phrase("This photo has too many pixels. Send a smaller copy.")

    @classmethod
    def over(cls, width: int, height: int, max_pixels: int) -> TooManyPixels:
        return cls(
            phrase(
                "This photo is %(width)s × %(height)s pixels; the limit is %(most)s megapixels."
                " Send a smaller copy.",
                width=width,
                height=height,
                most=max_pixels / 1e6,
            )
        )


class Truncated(PhotoError):
    code, status = "truncated", 422
    says = phrase("The end of this photo is missing. Send the whole file again.")


class DecodeFailed(PhotoError):
    code, status = "decode_failed", 422
    says = phrase(
        "This photo is damaged, or stored in a way that cannot be read here."
        " Save it again as JPEG or PNG and send that copy."
    )


class TooManyParts(PhotoError):
    """Scans, segments, chunks, frames: many more than any photo has, and each costs time."""

    code, status = "too_many_parts", 422
    says = phrase(
        "This photo is built of too many parts. Save it again as JPEG or PNG and send that copy."
    )


class UnknownForeground(PhotoError):
    code, status = "unknown_foreground", 422
    says = phrase(
        "No subject was found. Send a photo whose subject stands out from what is behind it."
    )


class BadOption(PhotoError):
    """`option` is the name of the option that is refused, where it is one."""

    code, status = "bad_option", 422
    says = phrase(
        "One of the options cannot be used. Send it with another value, or without a value."
    )
    option: str = ""

    @classmethod
    def named(cls, option: str, allowed: str) -> BadOption:
        """`allowed` completes the sentence "Send …"; what was sent is not repeated."""
        error = cls(
            phrase(
                "The option %(option)s cannot be used as it was sent. Send %(allowed)s.",
                option=option,
                allowed=allowed,
            )
        )
        error.option = option
        return error


class BadStroke(PhotoError):
    code, status = "bad_stroke", 422
    says = phrase(
        "One of the strokes cannot be used. Save the version again without the last of them."
    )


class NothingLeft(PhotoError):
    code, status = "nothing_left", 422
    says = phrase(
        "These strokes erase all of the subject. Save them again with a part of it restored."
    )


class TooManyStrokes(PhotoError):
    code, status = "too_many_strokes", 413
    says = phrase("These are more strokes than one version can hold. Save fewer of them.")


class EngineFailed(PhotoError):
    code, status = "engine_failed", 500
    says = phrase("This photo could not be cut out. Send it again, or send a copy saved as JPEG.")


class OutOfMemory(PhotoError):
    code, status = "out_of_memory", 503
    says = phrase("This photo needs more memory than there is. Send a smaller copy.")


class TimedOut(PhotoError):
    code, status = "timed_out", 504
    says = phrase("Cutting out this photo took too long and was stopped. Send a smaller copy.")


class SetupError(EngineError):
    """This installation cannot cut out as it was told to. The text says what to run or change."""


class UnknownModel(SetupError):
    """The name is not in the catalogue."""


class ModelUnusable(SetupError):
    """The weights of a model are missing, or are not the ones that the catalogue pins."""


class DeviceUnavailable(SetupError):
    """The device that was asked for is not active in this process."""


PHOTO_ERRORS: dict[str, type[PhotoError]] = {
    kind.code: kind
    for kind in (
        EmptyFile,
        NotAnImage,
        UnsupportedType,
        TooLarge,
        TooManyPixels,
        Truncated,
        DecodeFailed,
        TooManyParts,
        UnknownForeground,
        BadOption,
        BadStroke,
        NothingLeft,
        TooManyStrokes,
        EngineFailed,
        OutOfMemory,
        TimedOut,
    )
}
"""By code, so that an error can be told again from a stored code."""
