"""`make bench-quality DIR=…`: masks against the truth, beside rembg's with the same model.

DIR holds `images/` and `masks/`; a mask is a grey file with its image's stem, white is subject.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import py_sod_metrics
from PIL import Image

from processing.engine import Limits, Options, UnknownForeground, cut_out, encode, load_matter
from processing.engine.matters import Matter
from processing.engine.refining import refine
from processing.engine.sessions import load_runtime
from tests.bench.mattes import Grey, colour_errors, edge_errors, find_band

WAYS = ("rembg", "off", "fast", "fine")
WEIGHTS = Path("var/models")
LARGEST = 1600  # Pixels a side: larger pairs are reduced, or the metrics would take minutes each.


@dataclass
class Row:
    """A figure against its goal; `worst` is the highest value that meets it."""

    what: str
    figure: float
    worst: float | None = None
    remark: str = ""


def find_pairs(folder: Path, most: int | None, seed: int) -> list[tuple[Path, Path]]:
    """Images with a mask of the same stem, sampled. Raises SystemExit where there is none."""
    masks = {path.stem: path for path in sorted((folder / "masks").glob("*"))}
    images = sorted((folder / "images").glob("*"))
    pairs = [(path, masks[path.stem]) for path in images if path.stem in masks]
    if not pairs:
        raise SystemExit(f"{folder} holds no images/ and masks/ with equal stems.")
    if most is not None and most < len(pairs):
        pairs = sorted(random.Random(seed).sample(pairs, most))
    return pairs


def open_pair(image: Path, mask: Path) -> tuple[Image.Image, Image.Image]:
    photo = Image.open(image).convert("RGB")
    photo.thumbnail((LARGEST, LARGEST))
    truth = Image.open(mask).convert("L")
    return photo, truth if truth.size == photo.size else truth.resize(photo.size)


def open_rembg(model: str) -> Any:
    """rembg's own session over the weights that are here."""
    os.environ["U2NET_HOME"] = str(WEIGHTS.resolve())
    load_runtime()  # Before rembg does it: with its reports switched off.
    import rembg

    return rembg.new_session(model, providers=["CPUExecutionProvider"])


def find_masks(photo: Image.Image, matter: Matter, peer: Any) -> dict[str, Image.Image]:
    """One mask for each of WAYS; black where no subject was found."""
    plane = matter.predict([photo])[0]
    masks = {"rembg": peer.predict(photo)[0]}
    for how in WAYS[1:]:
        try:
            masks[how] = refine(plane, photo, how)
        except UnknownForeground:
            masks[how] = Image.new("L", photo.size)
    return masks


def score(mask: Image.Image, truth: Image.Image) -> dict[str, float]:
    """PySODMetrics' figures and the intersection over union at one half."""
    found, wanted = np.asarray(mask), np.asarray(truth)
    meters = {
        "mae": py_sod_metrics.MAE(),
        "sm": py_sod_metrics.Smeasure(),
        "wfm": py_sod_metrics.WeightedFmeasure(),
    }
    scores = {}
    for name, meter in meters.items():
        meter.step(pred=found, gt=wanted)
        scores[name] = float(meter.get_results()[name])
    solid, true = found >= 128, wanted >= 128
    scores["iou"] = float((solid & true).sum() / max(1, (solid | true).sum()))
    return scores


def measure(pairs: Sequence[tuple[Path, Path]], model: str) -> list[dict[str, Any]]:
    """For each pair: what every way scored, and errors at the edges of soft mattes."""
    matter, peer = load_matter(model, WEIGHTS, "cpu"), open_rembg(model)
    found = []
    for seed, (image, mask) in enumerate(pairs):
        photo, truth = open_pair(image, mask)
        masks = find_masks(photo, matter, peer)
        grey = np.asarray(truth, np.float32) / 255
        one: dict[str, Any] = {"image": image.name, "colours": colour_errors(photo, seed)}
        one["scores"] = {way: score(masks[way], truth) for way in WAYS}
        one["differs"] = _difference(masks["off"], masks["rembg"])
        if is_soft(grey):
            band = find_band(grey)
            one["edges"] = {
                way: edge_errors(np.asarray(masks[way], np.float32) / 255, grey, band)
                for way in WAYS
            }
        found.append(one)
    return found


def is_soft(truth: Grey) -> bool:
    """A matte, not an outline: at least 1 % of the pixels are neither subject nor background."""
    return bool(np.mean((truth > 0.02) & (truth < 0.98)) >= 0.01)


def _difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean() / 255)


def sum_up(found: list[dict[str, Any]]) -> list[Row]:
    rows = [
        Row("off: mean difference to rembg's mask", _mean(one["differs"] for one in found), 0.004)
    ]
    for way in WAYS[1:]:
        for name, sign in (("mae", 1), ("sm", -1), ("wfm", -1), ("iou", -1)):
            ours = _mean(one["scores"][way][name] for one in found)
            theirs = _mean(one["scores"]["rembg"][name] for one in found)
            remark = f"{ours:.4f}, rembg {theirs:.4f}"
            goal = None if way == "off" else 0.001
            rows.append(
                Row(f"{way}: {name} worse than rembg by", sign * (ours - theirs), goal, remark)
            )
    soft = [one["edges"] for one in found if "edges" in one]
    for way in WAYS[1:] if soft else ():
        rows += _sum_up_edges(soft, way)
    for ground in found[0]["colours"]:
        before = _mean(one["colours"][ground][0] for one in found)
        after = _mean(one["colours"][ground][1] for one in found)
        remark = f"error of 255: {after:.2f}, was {before:.2f}"
        rows.append(Row(f"despill over {ground}: error left", after / before, 1.0, remark))
    return rows


def _sum_up_edges(soft: list[dict[str, tuple[float, float]]], way: str) -> list[Row]:
    """Each photo counts the same in the first figure; in the second a missed subject drowns all."""
    rows = []
    for at, name, goal in ((0, "squared error", -0.10), (1, "gradient error", -0.20)):
        ratios = [one[way][at] / max(1e-9, one["rembg"][at]) for one in soft]
        change = statistics.geometric_mean([max(1e-9, ratio) for ratio in ratios]) - 1
        whole = _mean(one[way][at] for one in soft) / _mean(one["rembg"][at] for one in soft) - 1
        worst = None if way == "off" else goal
        rows.append(
            Row(f"{way}: edges, {name}, mean of the photos", change, worst, f"{len(soft)} mattes")
        )
        rows.append(Row(f"{way}: edges, {name}, errors pooled", whole, worst))
    return rows


def time_refining(photo: Path, matter: Matter) -> list[Row]:
    """What "fast" and "fine" add to a whole job (photo in, PNG out), in CPU time."""
    rows = []
    for megapixels, size in ((2, (1632, 1224)), (12, (4032, 3024))):
        path = Image.open(photo).convert("RGB").resize(size)
        data = encode_jpeg(path)
        spent: dict[str, list[float]] = {way: [] for way in WAYS[1:]}
        for _ in range(5):
            for way, times in spent.items():
                start = time.process_time()
                encode(cut_out(data, Options(refine=way), matter, Limits()), "cutout.png")
                times.append(time.process_time() - start)
        base = statistics.median(spent["off"])
        for way, goal in (("fast", 0.15), ("fine", None)):
            more = statistics.median(spent[way]) / base - 1
            rows.append(Row(f"{way}: more time for {megapixels} megapixels", more, goal))
    return rows


def encode_jpeg(image: Image.Image) -> bytes:
    import io

    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()


def print_rows(rows: list[Row]) -> None:
    print(f"{'':52}{'figure':>9}{'goal':>9}")
    for row in rows:
        goal = "" if row.worst is None else f"≤ {row.worst:.3f}"
        missed = row.worst is not None and row.figure > row.worst
        print(
            f"{row.what:52}{row.figure:9.4f}{goal:>9}  {row.remark}{'  MISSED' if missed else ''}"
        )


def _mean(values: Any) -> float:
    return statistics.fmean(values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="u2netp")
    parser.add_argument("--most", type=int, help="only so many pairs, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path("var/bench-quality.json"))
    chosen = parser.parse_args()
    pairs = find_pairs(chosen.folder, chosen.most, chosen.seed)
    found = measure(pairs, chosen.model)
    rows = sum_up(found) + time_refining(pairs[0][0], load_matter(chosen.model, WEIGHTS, "cpu"))
    print(f"{chosen.model}, {len(pairs)} pairs")
    print_rows(rows)
    whole = {"model": chosen.model, "rows": [asdict(row) for row in rows], "pairs": found}
    chosen.json.write_text(json.dumps(whole, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
