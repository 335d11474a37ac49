"""Imported by a worker under test (celery --include): its engine does what the plan says.

The plan is a file, `<stage>:<behaviour>`, read anew each time; stages are `cut_out` and the names
of the results. Without a plan the engine is the real one.
"""

import hashlib
import time
from typing import Any

from processing.engine import cut_out, encode
from processing.jobs import run
from tests.promises.processes import PLAN


def sleep() -> None:
    time.sleep(600)


def nap() -> None:
    """Until the plan is gone."""
    while PLAN.exists():
        time.sleep(0.05)


def spin() -> None:
    """Python that never ends: the soft limit interrupts it."""
    while True:
        pass


def hang() -> None:
    """C that never returns: no signal handler of Python runs, only the hard limit helps."""
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


def allocate() -> None:
    held = []
    while True:
        held.append(bytearray(20_000_000))


BEHAVIOURS = {"sleep": sleep, "nap": nap, "spin": spin, "hang": hang, "allocate": allocate}


def behave(stage: str) -> None:
    planned, _, behaviour = PLAN.read_text().partition(":") if PLAN.exists() else ("", "", "")
    if planned == stage:
        PLAN.with_name("reached").touch()
        BEHAVIOURS[behaviour]()


def slow_cut_out(*args: Any) -> Any:
    behave("cut_out")
    return cut_out(*args)


def slow_encode(cutout: Any, kind: str) -> bytes:
    behave(kind)
    return encode(cutout, kind)


for name, slow in (("cut_out", slow_cut_out), ("encode", slow_encode)):
    setattr(run, name, slow)
