"""The engine: a photo's bytes in, a cutout's bytes out. Knows neither Django nor any network.

This is its whole public door. Importing it costs nothing: Pillow, numpy and onnxruntime are loaded
when a function that needs them is first asked for, so a web process can read names, limits,
errors and `sniff` without them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from processing.engine.catalog import MODELS, REFUSED, SYNTHETIC, ModelCard, find_card
from processing.engine.errors import (
    PHOTO_ERRORS,
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
from processing.engine.sniff import HEAD_BYTES, MEDIA_TYPES, Header, check_head, sniff
from processing.engine.weights import fetch, verify, weights_path

if TYPE_CHECKING:
    from processing.engine.cutting import Cutout, cut_out
    from processing.engine.encoding import encode
    from processing.engine.matters import Matter, load_matter

_HEAVY = {
    "Cutout": "cutting",
    "Matter": "matters",
    "cut_out": "cutting",
    "encode": "encoding",
    "load_matter": "matters",
}

__all__ = [
    "FILES",
    "HEAD_BYTES",
    "MEDIA_TYPES",
    "MODELS",
    "PHOTO_ERRORS",
    "REFUSED",
    "SYNTHETIC",
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
