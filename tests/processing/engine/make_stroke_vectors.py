"""Writes tests/vectors/strokes.json: strokes on small pictures, and the masks that they come to.

`python -m tests.processing.engine.make_stroke_vectors`, when it is meant to come out otherwise.
"""

import base64
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image

from processing.engine.brush import paint
from processing.engine.strokes import read_strokes

FILE = Path(__file__).parents[2] / "vectors" / "strokes.json"


def make_case(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    width, height = rng.choice([(32, 24), (19, 31), (36, 36), (60, 8)])
    mask = bytes(rng.choice([0, 255, 255, rng.randrange(256)]) for _ in range(width * height))
    photo = draw(rng, width, height)
    strokes = [make_stroke(rng) for _ in range(rng.randint(1, 5))]
    case = {"width": width, "height": height, "strokes": strokes}
    case["mask"], case["photo"] = in_text(mask), in_text(photo)
    return case


def draw(rng: random.Random, width: int, height: int) -> bytes:
    """Stripes of a few colours, with a little noise: something for smart strokes to follow."""
    colours = [tuple(rng.randrange(256) for _ in range(3)) for _ in range(3)]
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            colour = colours[(x // 9 + y // 7) % 3]
            pixels += bytes(min(255, max(0, one + rng.randint(-6, 6))) for one in colour)
    return bytes(pixels)


def make_stroke(rng: random.Random) -> dict[str, Any]:
    points = [[round(rng.random(), 5), round(rng.random(), 5)] for _ in range(rng.randint(1, 6))]
    return {
        "tool": rng.choice(["erase", "restore"]),
        "size": round(rng.choice([0.001, 0.05, 0.2, 0.5, rng.uniform(0.01, 0.5)]), 5),
        "hardness": rng.choice([0, 0.5, 1, round(rng.random(), 5)]),
        "smart": rng.random() < 0.5,
        "points": rng.choice([points, [[0, 0], [1, 1]], [[1, 0.5]]]),
    }


def paint_case(case: dict[str, Any]) -> bytes:
    size = case["width"], case["height"]
    mask = Image.frombytes("L", size, base64.b64decode(case["mask"]))
    photo = Image.frombytes("RGB", size, base64.b64decode(case["photo"]))
    strokes = read_strokes(json.dumps(case["strokes"]))
    return paint(mask, photo, strokes).tobytes()


def in_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


if __name__ == "__main__":
    made = [make_case(seed) for seed in range(24)]
    for one in made:
        one["painted"] = in_text(paint_case(one))
    lines = ",\n".join(json.dumps(one) for one in made)
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
