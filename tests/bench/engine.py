"""`make bench-engine`: our engine against rembg, the same work with the same model, in one run.

    make bench-engine DIR=folder-of-photos DEVICE=cuda QUICK=1

Work is JPEG bytes in, bytes of a full-size RGBA PNG out: "bare" with nothing but what rembg does,
"delivered" as people get it, with refined edges and the old background taken out of them. Each
engine runs in a process of its own, and they take turns, so that a busy machine hurts both. Without
DIR the mixed photos are drawn, in three sizes.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.ceilings import print_stages
from tests.bench.child import Child
from tests.bench.first_light import photo_of
from tests.bench.goals import Goal, print_goals

SIZES = {"12 MP": (12, 6.0), "2 MP": (2, 2.5), "0.3 MP": (0.3, 1.5)}
PHOTOS = {".jpg", ".jpeg"}
# Of 20 drawn photos so many have so many megapixels.
MIXTURE = {0.3: 8, 2.0: 8, 12.0: 4}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dir", type=Path, help="folder of photos (JPEG) for the mixed runs")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--quick", action="store_true", help="fewer photos and rounds")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bgerase-bench-") as folder:
        goals, stages = measure(options, Path(folder))
    print_goals(goals)
    # What limits a GPU is not measured here.
    if options.device == "cpu":
        print_stages(stages)
    rows = [asdict(goal) | {"met": goal.met} for goal in goals]
    result = {"quick": options.quick, "device": options.device, "goals": rows, "stages": stages}
    Path("var/bench-engine.json").write_text(json.dumps(result, indent=1))
    return 0


def measure(options: argparse.Namespace, folder: Path) -> tuple[list[Goal], dict[str, Any]]:
    drawn = draw_photos(folder)
    mixed = find_photos(options.dir) if options.dir else mix(drawn)
    engines = [Child(name, options.threads, options.device) for name in ("ours", "rembg")]
    try:
        duels, stages = race(engines, drawn, rounds=2 if options.quick else 5)
        similar = compare_masks(engines, mixed[:: max(1, len(mixed) // 8)][:8], folder)
        flow = stream(engines, repeat(mixed, 12 if options.quick else 100), options.threads)
    finally:
        for engine in engines:
            engine.stop()
    alone = alone_with(options, drawn, repeat(mixed, 50 if options.quick else 500))
    return [*duels, *flow, similar, *alone], stages


def draw_photos(folder: Path) -> dict[float, str]:
    """Paths by megapixels."""
    paths = {}
    for megapixels in (0.3, 2.0, 12.0, 50.0):
        paths[megapixels] = str(folder / f"{megapixels}.jpg")
        Path(paths[megapixels]).write_bytes(photo_of(megapixels))
    return paths


def mix(drawn: dict[float, str]) -> list[str]:
    """Large and small ones in turn."""
    ranked = [drawn[size] for size, count in MIXTURE.items() for _ in range(count)]
    return [ranked[at * 7 % len(ranked)] for at in range(len(ranked))]


def find_photos(folder: Path) -> list[str]:
    found = sorted(str(path) for path in folder.rglob("*") if path.suffix.lower() in PHOTOS)
    if not found:
        raise SystemExit(f"There is no JPEG in {folder}.")
    return found


def repeat(photos: list[str], count: int) -> list[str]:
    return [photos[at % len(photos)] for at in range(count)]


def race(
    engines: list[Child], drawn: dict[float, str], rounds: int
) -> tuple[list[Goal], dict[str, Any]]:
    """One photo of each size, in turns; the first round only warms up."""
    goals: list[Goal] = []
    stages = {}
    for name, (megapixels, goal) in SIZES.items():
        path = drawn[megapixels]
        mine, peer = engines
        orders = ((mine, True), (mine, False), (peer, True))
        turns = [
            [engine.ask("cut", path=path, bare=bare) for engine, bare in orders]
            for _ in range(rounds + 1)
        ]
        bare, ours, theirs = ([turn[at] for turn in turns[1:]] for at in range(3))
        goals += compare(f"{name}, bare", goal, bare, theirs)
        goals += compare(f"{name}, delivered", goal, ours, theirs)[:1]
        stages[name] = {
            "megapixels": megapixels,
            "jpeg": Path(path).stat().st_size,
            "png": ours[0]["bytes"],
            "ms": {
                stage: statistics.median(one["stages"][stage] for one in ours)
                for stage in ours[0]["stages"]
            },
        }
    return goals, stages


def compare(
    name: str, goal: float, ours: list[dict[str, Any]], theirs: list[dict[str, Any]]
) -> list[Goal]:
    """Medians of all rounds."""
    clock, cores, size = (
        [statistics.median(one[what] for one in side) for side in (ours, theirs)]
        for what in ("seconds", "cores", "bytes")
    )
    times = [seconds * 1000 for seconds in clock]
    ratio, used = clock[1] / clock[0], cores[1] / cores[0]
    megabytes = [length / 1e6 for length in size]
    return [
        Goal(f"{name}", times[0], times[1], "ms", goal, ratio, cores=used),
        Goal(
            f"{name}, its PNG", megabytes[0], megabytes[1], "MB", 1.3, size[0] / size[1], most=True
        ),
    ]


def compare_masks(engines: list[Child], photos: list[str], folder: Path) -> Goal:
    """Mean absolute difference of the masks before refinement, 0 to 1, the median of photos."""
    found = []
    for photo in dict.fromkeys(photos):
        masks = []
        for engine in engines:
            keep = folder / f"{engine.name}.npy"
            engine.ask("mask", path=photo, keep=str(keep))
            masks.append(np.load(keep).astype(float))
        found.append(float(np.abs(masks[0] - masks[1]).mean() / 255))
    middle, worst = statistics.median(found), max(found)
    return Goal("masks differ, median; worst", middle, worst, "", 0.004, middle, most=True)


def stream(engines: list[Child], photos: list[str], lanes: int) -> list[Goal]:
    """Cut-outs per second through one process: ours in lanes, rembg one after the other."""
    mine, peer = engines
    theirs = _rate(peer.ask("cut_many", paths=photos, lanes=1))
    goals = []
    for name, bare in (("bare", True), ("delivered", False)):
        rate = _rate(mine.ask("cut_many", paths=photos, lanes=lanes, bare=bare))
        what = f"{len(photos)} mixed photos, {name}"
        goals.append(Goal(what, rate, theirs, "images/s", 4.0, rate / theirs))
    return goals


def _rate(answer: dict[str, Any]) -> float:
    return float(answer["done"] / answer["seconds"])


def alone_with(
    options: argparse.Namespace, drawn: dict[float, str], mixed: list[str]
) -> list[Goal]:
    """What a fresh worker does: its start, its memory for a large photo, its growth."""
    single: dict[str, list[float]] = {"start": [], "peak": []}
    for name in ("ours", "rembg"):
        with Child(name, options.threads, options.device) as child:
            child.ask("cut", path=drawn[2.0])
            single["start"].append(child.age())
        with Child(name, options.threads, options.device) as child:
            child.ask("cut", path=drawn[50.0])
            single["peak"].append(child.ask("memory")["peak"])
    start, peak = single["start"], single["peak"]
    return [
        Goal("first result of a fresh worker", start[0], start[1], "s", 3.0, start[0], most=True),
        Goal("peak memory, 50 MP", peak[0], peak[1], "MB", 900.0, peak[0], most=True),
        measure_growth(options, mixed),
    ]


def measure_growth(options: argparse.Namespace, mixed: list[str]) -> Goal:
    """Memory held after all photos against after a tenth of them, one after the other."""
    with Child("ours", options.threads, options.device) as child:
        tenth = max(1, len(mixed) // 10)
        before = child.ask("cut_many", paths=mixed[:tenth], lanes=1)["memory"]
        after = child.ask("cut_many", paths=mixed[tenth:], lanes=1)["memory"]
    growth = (after / before - 1) * 100
    what = f"growth in %, {len(mixed)} photos; MB before, after"
    return Goal(what, before, after, "MB", 10.0, growth, most=True)


if __name__ == "__main__":
    sys.exit(main())
