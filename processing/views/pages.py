"""The studio."""

import uuid

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
    workers = live_workers(database_now())
    return render(
        request,
        "studio.html",
        {
            "cards": present_all(with_parts(images)[:STUDIO_CARDS]),
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
