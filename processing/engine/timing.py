"""How long a model takes for a photo on this device, and what memory it needs at most."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from processing.engine.errors import ModelUnusable, SetupError

WARM_UPS, ROUNDS = 2, 7
WIDTH, HEIGHT = 1600, 1200  # Pixels of the photo: its way to the model's side counts as well.


@dataclass(frozen=True)
class Trial:
    """What is to be timed. `threads`: 0 is as many as the process may use."""

    model: str
    folder: str
    device: str = "auto"
    threads: int = 0
    batch: int = 1
    allowed_licences: Sequence[str] = ()


@dataclass(frozen=True)
class Timing:
    """`milliseconds`: of one photo, decoded already, to its plane; the median of seven rounds.
    `peak_bytes`: the most memory of the whole process; a GPU's own is not in it."""

    provider: str
    milliseconds: float
    peak_bytes: int


def time_model(trial: Trial) -> Timing:
    """In a process of its own: the memory of one model is not the next one's.

    Raises ModelUnusable with what that process said last: its own error, of whatever kind.
    """
    command = [sys.executable, "-m", __name__, json.dumps(asdict(trial))]
    done = subprocess.run(  # noqa: S603 (every word of the command is ours)
        command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        reason = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
        raise ModelUnusable(f"The model {trial.model} cannot be timed: {reason}")
    return Timing(**json.loads(lines[-1]))


def measure(trial: Trial) -> Timing:
    """In this process. Raises SetupErrors."""
    import numpy as np
    from PIL import Image

    from processing.engine.matters import load_matter

    matter = load_matter(
        trial.model,
        Path(trial.folder),
        device=trial.device,
        threads=trial.threads or None,
        allowed_licences=trial.allowed_licences,
    )
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    photos = [Image.fromarray(noise)] * trial.batch
    spent = []
    for _ in range(WARM_UPS + ROUNDS):
        start = time.perf_counter()
        matter.predict(photos)
        spent.append((time.perf_counter() - start) * 1000 / trial.batch)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Timing(matter.provider, statistics.median(spent[WARM_UPS:]), peak)


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps(asdict(measure(Trial(**json.loads(sys.argv[1]))))))
    except SetupError as error:
        raise SystemExit(str(error)) from None
