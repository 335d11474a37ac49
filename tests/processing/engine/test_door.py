"""The engine's public door. A change here is a change for everybody who uses the engine."""

import subprocess
import sys

import pytest

import processing.engine

DOOR = """
FILES HEAD_BYTES MEDIA_TYPES MODELS PHOTO_ERRORS PRESETS REFUSED RESTRICTED SYNTHETIC BadOption
Cutout DecodeFailed DeviceUnavailable EmptyFile EngineError EngineFailed Header Limits Matter
ModelCard ModelUnusable NotAnImage Options OutOfMemory PhotoError Preset Purpose Rendering
SetupError TimedOut TooLarge TooManyPixels Truncated UnknownForeground UnknownModel
UnsupportedType check_head cut_out encode fetch find_card fits load_matter needs_weights
open_picture purpose_of render reopen sniff verify weights_path
"""


def test_the_door_is_pinned() -> None:
    assert processing.engine.__all__ == DOOR.split()


def test_every_name_of_the_door_is_there_and_is_no_module() -> None:
    for name in processing.engine.__all__:
        found = getattr(processing.engine, name)
        assert not hasattr(found, "__path__"), name
        assert type(found).__name__ != "module", name
    with pytest.raises(AttributeError):
        processing.engine.nothing_of_this_name  # noqa: B018


def run(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_importing_the_door_loads_nothing_heavy() -> None:
    loaded = run(
        "import sys, processing.engine as e; e.sniff(b'\\xff\\xd8\\xff'); e.find_card('u2netp');"
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    heavy = ("PIL", "numpy", "onnxruntime", "rembg", "numba", "django", "pillow_heif")
    assert [name for name in heavy if f"'{name}'" in loaded] == []
    assert "'processing'" in loaded


def test_the_engine_knows_no_django() -> None:
    loaded = run(
        "import sys, processing.engine as e; [getattr(e, name) for name in e.__all__];"
        "print(sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    strangers = ("django", "celery", "accounts", "bgerase_site", "rembg", "numba")
    assert [name for name in strangers if f"'{name}'" in loaded] == []
    assert "'PIL'" in loaded
