"""The studio and the gallery."""

import uuid
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

from processing.access import images_of
from processing.flows.choose_model import choices
from processing.jobs.reap import worker_up
from processing.jobs.serving import live_workers
from processing.models import database_now
from processing.views.errors import signed_in, takes
from processing.views.present import present_all, with_parts

STUDIO_CARDS = 24
PAGE_CARDS = 40
NEWEST = ("-received_at", "-id")


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


@takes("GET", "HEAD")
@ensure_csrf_cookie
@signed_in
def gallery(request: HttpRequest) -> HttpResponseBase:
    """Newest first; `?show=kept` is what an opt-in keeps."""
    only_kept = request.GET.get("show") == "kept"
    images = images_of(request.user)
    numbers = images.aggregate(all=Count("pk"), kept=Count("pk", filter=Q(kept=True)))
    shown = images.filter(kept=True) if only_kept else images
    pages = Paginator(with_parts(shown.order_by(*NEWEST)), PAGE_CARDS)
    pages.count = numbers["kept" if only_kept else "all"]  # Asked for once.
    page: Any = pages.get_page(request.GET.get("page"))
    page.object_list = present_all(page.object_list)
    context = {"page": page, "numbers": numbers, "only_kept": only_kept}
    return render(request, "gallery.html", context | {"worker_up": worker_up(database_now())})
