"""A rembg session over weights of our own choosing.

`import rembg` would load pymatting, numba and scipy (2.5 s and 227 MB, and on a new installation
up to a minute of compiling) for a `remove()` that is not used here, and every session class, two
of which upload photos. So the one module that holds the wanted class is imported beneath empty
stand-ins for its parent packages, which are taken away again afterwards.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import ModuleType
from typing import Any

from processing.engine.axes import find_fixed_batches, free_batches
from processing.engine.catalog import ModelCard
from processing.engine.devices import (
    PROVIDERS,
    check_active,
    choose_providers,
    load_libraries,
)
from processing.engine.messages import Bytes
from processing.engine.rewriting import rewrite

_PACKAGES = ("rembg", "rembg.sessions")


def open_session(card: ModelCard, weights: Path, device: str, threads: int) -> tuple[Any, str]:
    """A warm rembg session and the name of its provider. Raises DeviceUnavailable.

    `weights` must have been verified; the session opens this file and can download nothing.
    """
    runtime = load_runtime()
    providers = choose_providers(device, runtime.get_available_providers())
    load_libraries(runtime, providers)
    with _prepare(weights, providers) as path:
        session_class = _pin_weights(_load_session_class(card), path)
        session = session_class(card.name, _set_options(runtime, threads), providers=providers)
    return session, check_active(device, session.inner_session.get_providers())


def load_runtime() -> ModuleType:
    """onnxruntime, silenced. Its official builds report models, devices and failures to Microsoft,
    on Linux since microsoft/onnxruntime#27379, unless this is set before it is first loaded; then
    it also writes no device id into the home folder and no file into the temporary one.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    return importlib.import_module("onnxruntime")


def _set_options(runtime: ModuleType, threads: int) -> Any:
    """The arena keeps each run's memory for the next: without it a quarter of a run's time goes to
    asking the system for pages. Planning a run as one block would double it (u2netp: 555, not 357
    MB at the peak, which is what it takes without an arena as well). Threads that wait sleep: if
    they look for work all the time, they take it from decoding and encoding beside them.
    """
    options = runtime.SessionOptions()
    options.enable_mem_pattern = False
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


@contextmanager
def _prepare(weights: Path, providers: list[str]) -> Iterator[Path]:
    """The same model as a CPU runs it fastest, one photo at a time, or else for any number of
    photos at once; a copy, where the file says otherwise.

    rembg's sessions open a file by its name. The copy is in memory and has one below /proc alone:
    a worker that is killed meanwhile leaves nothing on the disk.
    """
    with weights.open("rb") as file:
        # Views of it are left to the end of their use, so nobody closes it but the last of them.
        model = memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
    parts = _change(model, providers)
    if parts is None:
        yield weights
        return
    with os.fdopen(os.memfd_create(weights.name), "wb") as copy:
        copy.writelines(parts)
        copy.flush()
        del model, parts
        yield Path(f"/proc/self/fd/{copy.fileno()}")


def _change(model: memoryview, providers: list[str]) -> list[Bytes] | None:
    """The parts of the file to open instead, if any. Raises ValueError where it is no model's."""
    free = find_fixed_batches(model)
    if free and providers == [PROVIDERS["cpu"]] and (parts := rewrite(model)):
        return parts
    return free_batches(model, free) if free else None


def _pin_weights(session_class: type[Any], weights: Path) -> type[Any]:
    def download_models(cls: type[Any], *args: Any, **kwargs: Any) -> str:
        return str(weights)

    return type(
        session_class.__name__, (session_class,), {"download_models": classmethod(download_models)}
    )


def _load_session_class(card: ModelCard) -> type[Any]:
    module, name = card.session
    with _hollow_parents():
        found: type[Any] = getattr(importlib.import_module(f"rembg.sessions.{module}"), name)
    return found


@contextmanager
def _hollow_parents() -> Iterator[None]:
    """Parents that are already there, because somebody imported rembg whole, are left alone."""
    added = [name for name in _PACKAGES if name not in sys.modules]
    root = importlib.util.find_spec("rembg") if "rembg" in added else sys.modules["rembg"].__spec__
    if root is None or not root.submodule_search_locations:
        raise ModuleNotFoundError("rembg is not installed", name="rembg")
    folder = Path(root.submodule_search_locations[0])
    for name in added:
        stand_in = ModuleType(name)
        stand_in.__path__ = [str(folder.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name in added:
            sys.modules.pop(name, None)
