"""The studio."""

import uuid
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

from processing.access import images_of
from processing.flows.choose_model import choices
from processing.flows.gallery import NEWEST
from processing.jobs.serving import live_workers
from processing.models import database_now
from processing.views.errors import takes
from processing.views.present import present_all, with_parts

STUDIO_CARDS = 24


@takes("GET", "HEAD")
@ensure_csrf_cookie
def studio(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "landing.html")
    images = images_of(request.user).order_by(*NEWEST)
    cards = _by_drops(present_all(with_parts(images)[:STUDIO_CARDS]))
    workers = live_workers(database_now())
    return render(
        request,
        "studio.html",
        {
            "cards": cards,
            "done": [card["id"] for card in cards if card["state"] == "done"],
            "worker_up": bool(workers),
            "models": choices(workers),
            "limits": {
                "max_bytes": settings.MAX_UPLOAD_BYTES,
                "max_pixels": settings.MAX_PIXELS,
                "max_files": settings.MAX_FILES,
            },
            "request_key": uuid.uuid4(),
        },
    )


def _by_drops(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest drop first, and in it one after another, as the page laid them down."""
    drops = (list(drop) for _, drop in groupby(cards, lambda card: card["batch"] or card["id"]))
    return [card for drop in drops for card in reversed(drop)]
