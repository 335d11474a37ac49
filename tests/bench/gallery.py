"""The gallery of somebody with very many live images: pages anywhere in it, and what is looked for.

Their rows are made without bytes: no page of the gallery reads any. Imported once Django is set up.
"""

import time

from accounts.audit import Actor
from accounts.models import Via
from processing.flows.gallery import Spot
from processing.flows.tags import tag
from processing.models import Image
from tests.bench.site import Sender
from tests.cast import fill

PAGES = 20
ASKED = 40


def look_around(sender: Sender, count: int) -> dict[str, list[float]]:
    """Seconds by what was asked for, for whoever has sent an image; one in ten has a tag."""
    someone = Image.objects.select_related("uploaded_by").latest("received_at").uploaded_by
    fill(someone, count)
    images = list(Image.objects.filter(uploaded_by=someone).order_by("-received_at", "-id"))
    tag(images[::10], "shoes", Actor(someone, Via.PAGE))
    spots = [Spot.beside(image) for image in images[:: count // PAGES]]
    asked = {
        "pages": [f"?older={spot}" for spot in spots],
        "more cards": [f"?part=cards&older={spot}" for spot in spots],
        "by state": [f"?show={show}" for show in ("failed", "running", "done", "kept")],
        "by tag": ["?tag=shoes", "?tag=none"],
        "by day": ["?day=2026-01-01", f"?day={images[0].received_at:%Y-%m-%d}"],
        "by name": ["?name=photo", "?name=none", "?name=photo&tag=shoes"],
    }
    return {
        f"gallery of {count:,}: {what} (p95)": [
            _spent_on(sender, queries[number % len(queries)]) for number in range(ASKED)
        ]
        for what, queries in asked.items()
    }


def _spent_on(sender: Sender, query: str) -> float:
    start = time.perf_counter()
    status, answer = sender.ask("GET", f"/gallery/{query}", Accept="text/html")
    spent = time.perf_counter() - start
    assert status == 200, answer[-800:]
    return spent
