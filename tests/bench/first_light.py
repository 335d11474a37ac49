"""`make bench`: what a person and an operator wait for, against the goals.

Each figure is taken on a real site (web server, worker, database, storage) in a folder of its own.
Single machine, loopback: the times are the server's, without a network.
"""

import io
import json
import os
import statistics
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
from PIL import Image as Photo
from skimage import data

from tests.bench.browser import drop_to_cutout
from tests.bench.figures import Figure, in_a_site, print_all
from tests.bench.pages import how_pages_arrive
from tests.bench.site import Sender, new_sender, part
from tests.servers import redis


def photo_of(megapixels: float) -> bytes:
    """A JPEG with a face, and the grain of a real camera, so that it has a real file's size."""
    height = int((megapixels * 1e6 * 3 / 4) ** 0.5)
    picture = Photo.fromarray(data.astronaut()).resize((height * 4 // 3, height))
    grain = np.random.default_rng(7).normal(0, 4, (height, picture.width, 1))
    pixels = (np.asarray(picture) + grain).clip(0, 255).astype("uint8")
    file = io.BytesIO()
    Photo.fromarray(pixels).save(file, "JPEG", quality=88)
    return file.getvalue()


def main() -> int:
    figures = [*_web_alone(), *_pick_up("embedded broker", 150)]
    with redis() as url:
        figures += _pick_up("Redis", 50, BGERASE_BROKER_URL=url)
    figures += _drop()
    figures += _pages()
    print_all(figures)
    Path("var/bench.json").write_text(json.dumps([asdict(one) for one in figures], indent=1))
    return 0


def _web_alone() -> list[Figure]:
    def measure() -> list[Figure]:
        from tests.bench.gallery import look_around

        with part("web") as web:
            sender = new_sender()
            accept = _accept(sender, photo_of(12), times=30)
            sender.send(photo_of(0.05))
            gallery = look_around(sender, 10_000)
            _send_at_once(sender, photo_of(12) + bytes(25_000_000), times=8)
            memory = _memory_of(web.pid)
        return [
            Figure("accept a 12-megapixel JPEG", 150, *_spread(accept)),
            *(Figure(what, 50, *_spread(spent)) for what, spent in gallery.items()),
            Figure("web process after eight uploads of 28 MB at once", 150, memory, memory, "MB"),
        ]

    return in_a_site(measure, BGERASE_MODEL="synthetic")


def _accept(sender: Sender, photo: bytes, times: int) -> list[float]:
    spent = []
    for _ in range(times):
        image_id, seconds = sender.send(photo)
        sender.erase(image_id)
        spent.append(seconds)
    return spent


def _send_at_once(sender: Sender, photo: bytes, times: int) -> None:
    def send() -> None:
        Sender(sender.cookies, sender.token, sender.port).send(photo)

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _memory_of(pid: int) -> float:
    """The largest resident set, in MB, among a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in [pid, *children]]
    return max(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _pick_up(broker: str, goal: float, **environment: str) -> list[Figure]:
    def measure() -> list[Figure]:
        from processing.models import Job

        small = photo_of(0.05)
        with part("web"), part("worker"):
            sender = new_sender()
            for _ in range(40):
                image_id, _ = sender.send(small)
                sender.wait_for([image_id])
                time.sleep(0.05)
        waits = [
            (started - queued).total_seconds()
            for queued, started in Job.objects.values_list("queued_at", "started_at")
            if started
        ]
        return [Figure(f"pick-up of a queued job, {broker}", goal, *_spread(waits))]

    return in_a_site(measure, BGERASE_MODEL="synthetic", **environment)


def _drop() -> list[Figure]:
    def measure() -> list[Figure]:
        with part("web"), part("worker"):
            sender = new_sender()
            over = drop_to_cutout(sender, photo_of(2), times=8)
        return [
            Figure("drop to visible cutout, 2 megapixels, beyond the model", 400, *_spread(over))
        ]

    return in_a_site(measure, BGERASE_MODEL="u2netp")


def _pages() -> list[Figure]:
    def measure() -> list[Figure]:
        with part("web"), part("worker"):
            return how_pages_arrive(new_sender(), new_sender(), photo_of(0.3), times=10)

    return in_a_site(measure, BGERASE_MODEL="synthetic")


def _spread(seconds: list[float]) -> tuple[float, float]:
    ranked = sorted(seconds)
    return statistics.median(ranked) * 1000, ranked[round(0.95 * (len(ranked) - 1))] * 1000


if __name__ == "__main__":
    sys.exit(main())
