"""The engine: a photo's bytes in, a cutout's bytes out. Knows neither Django nor any network.

This is its whole public door. Importing it costs nothing: Pillow, numpy and onnxruntime are loaded
when a function that needs them is first asked for, so a web process can read names, limits,
errors and `sniff` without them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from processing.engine.catalog import (
    MODELS,
    REFUSED,
    RESTRICTED,
    SYNTHETIC,
    ModelCard,
    Purpose,
    find_card,
    needs_weights,
    purpose_of,
)
from processing.engine.errors import (
    PHOTO_ERRORS,
    BadOption,
    DecodeFailed,
    DeviceUnavailable,
    EmptyFile,
    EngineError,
    EngineFailed,
    ModelUnusable,
    NotAnImage,
    OutOfMemory,
    PhotoError,
    SetupError,
    TimedOut,
    TooLarge,
    TooManyPixels,
    Truncated,
    UnknownForeground,
    UnknownModel,
    UnsupportedType,
)
from processing.engine.limits import FILES, Limits, fits
from processing.engine.options import Options
from processing.engine.presets import PRESETS, Preset
from processing.engine.sniff import HEAD_BYTES, MEDIA_TYPES, Header, check_head, sniff
from processing.engine.weights import fetch, verify, weights_path

if TYPE_CHECKING:
    from processing.engine.backgrounds import open_picture
    from processing.engine.cutting import Cutout, cut_out, reopen
    from processing.engine.matters import Matter, load_matter
    from processing.engine.rendering import Rendering, encode, render

_HEAVY = {
    "Cutout": "cutting",
    "Matter": "matters",
    "Rendering": "rendering",
    "cut_out": "cutting",
    "encode": "rendering",
    "load_matter": "matters",
    "open_picture": "backgrounds",
    "render": "rendering",
    "reopen": "cutting",
}

__all__ = [
    "FILES",
    "HEAD_BYTES",
    "MEDIA_TYPES",
    "MODELS",
    "PHOTO_ERRORS",
    "PRESETS",
    "REFUSED",
    "RESTRICTED",
    "SYNTHETIC",
    "BadOption",
    "Cutout",
    "DecodeFailed",
    "DeviceUnavailable",
    "EmptyFile",
    "EngineError",
    "EngineFailed",
    "Header",
    "Limits",
    "Matter",
    "ModelCard",
    "ModelUnusable",
    "NotAnImage",
    "Options",
    "OutOfMemory",
    "PhotoError",
    "Preset",
    "Purpose",
    "Rendering",
    "SetupError",
    "TimedOut",
    "TooLarge",
    "TooManyPixels",
    "Truncated",
    "UnknownForeground",
    "UnknownModel",
    "UnsupportedType",
    "check_head",
    "cut_out",
    "encode",
    "fetch",
    "find_card",
    "fits",
    "load_matter",
    "needs_weights",
    "open_picture",
    "purpose_of",
    "render",
    "reopen",
    "sniff",
    "verify",
    "weights_path",
]


def __getattr__(name: str) -> Any:
    if name in _HEAVY:
        return getattr(importlib.import_module(f"{__name__}.{_HEAVY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
