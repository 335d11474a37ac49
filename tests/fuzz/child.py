"""The process that may be killed: reads numbers of cases, answers each with how its photo ended.

    python -m tests.fuzz.child SEED MEMORY_MB [FOLDER]

An answer is a line of JSON: outcome (a photo error's code, "decoded", or "escaped" and the kind
of what was thrown), seconds, and the most memory in megabytes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path

from processing.engine import Limits, PhotoError
from processing.engine.decoding import decode
from tests.fuzz.mutations import make_case
from tests.fuzz.samples import make_samples, read_samples


def main(seed: int, memory_mb: int, *folders: str) -> None:
    warnings.simplefilter("ignore")
    samples = make_samples()
    for folder in folders:
        samples += read_samples(Path(folder))
    # libtiff tells standard error about every broken tag.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 1_000_000, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(len(samples), flush=True)
    for line in sys.stdin:
        photo = make_case(samples, seed, int(line))
        _forget_peak()
        start = time.perf_counter()
        outcome = _judge(photo)
        print(json.dumps([outcome, time.perf_counter() - start, _peak_mb()]), flush=True)


def _judge(photo: bytes) -> str:
    try:
        decoded = decode(photo, Limits())
    except PhotoError as error:
        return error.code
    except BaseException as error:  # noqa: BLE001  It is a find, whatever it is.
        return f"escaped {type(error).__name__}"
    sound = decoded.rgb.mode == "RGB" and decoded.rgb.width * decoded.rgb.height
    return "decoded" if sound else "escaped without pixels"


def _forget_peak() -> None:
    """Linux counts the peak of a process anew after this."""
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
