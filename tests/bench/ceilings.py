"""Where the time of one photo goes, and how far each stage is from what this machine can do.

Limits are measured in the same run: memory by copying, arithmetic by a large matrix product. Bytes
are the least that a stage has to read and write, once each; so a limit is out of reach for what
has to look at its bytes one by one, as entropy coding must.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

# u2netp at 320 × 320 pixels: multiplications with addition, summed over its 119 convolutions.
MODEL_GMAC = 20.94
COLUMNS = f"{'':8}{'stage':20}{'ms':>8}{'share':>8}{'MB':>9}{'limit ms':>10}{'of limit':>10}"


def print_stages(stages: dict[str, Any]) -> None:
    """Adds the limits to `stages`, so that the JSON has them too."""
    bandwidth, arithmetic = measure_bandwidth(), measure_arithmetic()
    print(
        f"\nMemory: {bandwidth / 1e9:.1f} GB/s copied. Arithmetic: {arithmetic / 1e9:.0f} GMAC/s."
    )
    print(COLUMNS)
    for name, photo in stages.items():
        whole = sum(photo["ms"].values())
        photo["limits"] = {}
        for stage, spent in photo["ms"].items():
            moved = count_bytes(stage, photo)
            limit = moved / bandwidth * 1000
            if stage == "matte":
                limit += MODEL_GMAC * 1e9 / arithmetic * 1000
            photo["limits"][stage] = limit
            row = f"{spent:8.1f}{spent / whole:8.0%}{moved / 1e6:9.1f}{limit:10.2f}"
            print(f"{name:8}{stage:20}{row}{limit / spent if spent else 0:10.0%}")


def count_bytes(stage: str, photo: dict[str, Any]) -> float:
    """Three bytes of colour and one of mask a pixel."""
    pixels = photo["megapixels"] * 1e6
    moved: dict[str, float] = {
        "decode": photo["jpeg"] + pixels * 3,
        "matte": pixels * 3,
        "refine": pixels * (3 + 1),
        "composite, encode": pixels * (3 + 1) + photo["png"],
    }
    return moved[stage]


def measure_bandwidth() -> float:
    """Bytes read and written in a second by one core that copies 256 MB."""
    source = np.ones(256_000_000, np.uint8)
    target = np.empty_like(source)
    return 2 * source.nbytes / _time(lambda: np.copyto(target, source))


def measure_arithmetic() -> float:
    """Multiplications with addition in a second, 32 bits, all cores."""
    side = 2048
    matrix = np.ones((side, side), np.float32)
    return side**3 / _time(lambda: np.matmul(matrix, matrix))


def _time(work: Callable[[], object]) -> float:
    """The quickest of several: what the machine can do, not what it did."""
    spent = []
    for _ in range(7):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)
