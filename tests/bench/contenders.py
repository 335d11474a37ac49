"""One engine in a process of its own, told by lines of JSON what to do: ours, or rembg as it is.

    python -m tests.bench.contenders ours|rembg THREADS DEVICE

Answers are lines of JSON too. The first one comes when the model is open.
"""

import io
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WEIGHTS = Path("var/models").resolve()
PROVIDERS = {
    "cpu": ["CPUExecutionProvider"],
    "cuda": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "tensorrt": ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
    "openvino": ["OpenVINOExecutionProvider", "CPUExecutionProvider"],
}


class Ours:
    def __init__(self, threads: int, device: str) -> None:
        from processing.engine import Limits, Options, load_matter

        # Delivered: with refined edges and the old background taken out of them, which rembg does
        # not do. Bare: nothing but what rembg does.
        self.limits, self.delivered = Limits(), Options(size="original")
        self.bare = Options(size="original", refine="off", despill=False)
        self.lanes = threads
        self.matter = load_matter("u2netp", WEIGHTS, device=device, threads=threads)
        self.provider = self.matter.provider

    def remove(self, photo: bytes, *, bare: bool = False) -> tuple[bytes, dict[str, float]]:
        """A PNG, and milliseconds by stage."""
        from processing.engine import cut_out, render

        options = self.bare if bare else self.delivered
        cutout = cut_out(photo, options, self.matter, self.limits)
        start = time.perf_counter()
        data = render(cutout, options).content
        encoded = round((time.perf_counter() - start) * 1000, 1)
        return data, {**cutout.timings, "composite, encode": encoded}

    def predict(self, rgb: Image.Image) -> np.ndarray:
        """Before refinement: the model's own answer, stretched as rembg stretches it."""
        plane = self.matter.predict([rgb])[0]
        mask = Image.fromarray((_stretch(plane) * 255).astype("uint8"))
        return np.asarray(mask.resize(rgb.size, Image.Resampling.LANCZOS))


def _stretch(plane: np.ndarray) -> np.ndarray:
    stretched: np.ndarray = (plane - plane.min()) / (plane.max() - plane.min())
    return stretched


class Rembg:
    def __init__(self, threads: int, device: str) -> None:
        os.environ.update(U2NET_HOME=str(WEIGHTS), OMP_NUM_THREADS=str(threads))
        from processing.engine.sessions import load_runtime

        load_runtime()  # Before rembg does it: with its reports switched off.
        import rembg

        self.lanes = 1
        self.rembg = rembg
        options = {} if device == "auto" else {"providers": PROVIDERS[device]}
        self.session = rembg.new_session("u2netp", **options)
        self.provider = self.session.inner_session.get_providers()[0]

    def remove(self, photo: bytes, *, bare: bool = False) -> tuple[bytes, dict[str, float]]:
        return self.rembg.remove(photo, session=self.session), {}

    def predict(self, rgb: Image.Image) -> np.ndarray:
        return np.asarray(self.session.predict(rgb)[0])


Engine = Ours | Rembg


def cut(engine: Engine, path: str, *, bare: bool = False) -> dict[str, Any]:
    """One photo: seconds of the clock and of all cores, and bytes of the PNG."""
    photo = Path(path).read_bytes()
    clock, cores = time.perf_counter(), time.process_time()
    data, stages = engine.remove(photo, bare=bare)
    spent = time.perf_counter() - clock
    used = time.process_time() - cores
    return {"seconds": spent, "cores": used, "bytes": len(data), "stages": stages}


def cut_many(engine: Engine, paths: list[str], lanes: int, *, bare: bool = False) -> dict[str, Any]:
    """All photos, `lanes` at a time; those that are refused take their time as well."""
    start = time.perf_counter()
    with ThreadPoolExecutor(lanes) as pool:
        done = list(pool.map(lambda path: _try(engine, path, bare=bare), paths))
    return {"seconds": time.perf_counter() - start, "done": sum(done), "memory": _resident()}


def _try(engine: Engine, path: str, *, bare: bool) -> bool:
    """Ours may refuse a photo, with a code; rembg fails at some (CMYK, grey) as it likes."""
    try:
        engine.remove(Path(path).read_bytes(), bare=bare)
    except Exception as error:
        if isinstance(engine, Ours) and not hasattr(error, "code"):
            raise
        return False
    return True


def mask(engine: Engine, path: str, keep: str) -> dict[str, Any]:
    with Image.open(path) as photo:
        np.save(keep, engine.predict(photo.convert("RGB")))
    return {}


def memory(_: Engine) -> dict[str, Any]:
    return {"memory": _resident(), "peak": _status("VmHWM")}


def _resident() -> float:
    return _status("VmRSS")


def _status(name: str) -> float:
    """MB, from /proc."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))


ORDERS: dict[str, Callable[..., dict[str, Any]]] = {
    "cut": cut,
    "cut_many": cut_many,
    "mask": mask,
    "memory": memory,
}


def main(name: str, threads: str, device: str) -> None:
    engine: Engine = (Ours if name == "ours" else Rembg)(int(threads), device)
    # What a library prints must not be taken for an answer.
    answers, sys.stdout = sys.stdout, io.TextIOWrapper(sys.stderr.buffer, line_buffering=True)
    print(json.dumps({"provider": engine.provider}), file=answers, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        answer = ORDERS[order.pop("do")](engine, **order)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
