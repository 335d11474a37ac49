"""Decodes every nasty photo, one after the other, and says how each ended and what it cost.

    python -m tests.processing.engine.nasty_child SCALE

One line of JSON each: name, outcome, seconds of processor time, megabytes beyond what the process
held before.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import pillow_heif

from processing.engine import Limits, PhotoError
from processing.engine.decoding import decode
from tests.processing.engine.nasty import NASTY


def main(scale: float) -> None:
    warnings.simplefilter("ignore")  # Pillow's, while the nasty photos are made.
    pillow_heif.register_heif_opener()
    for name, build in NASTY.items():
        photo = build(scale)
        Path("/proc/self/clear_refs").write_text("5")
        held, start = _read_mb("VmRSS"), time.process_time()
        try:
            decode(photo, Limits())
            outcome = "decoded"
        except PhotoError as error:
            outcome = error.code
        spent = time.process_time() - start
        sys.stdout.write(json.dumps([name, outcome, spent, _read_mb("VmHWM") - held]) + "\n")


def _read_mb(field: str) -> float:
    """Linux's count of memory held now (VmRSS) and at most (VmHWM) since it was cleared."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (one for one in lines if one.startswith(field + ":"))
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main(float(sys.argv[1]))
