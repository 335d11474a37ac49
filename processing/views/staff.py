"""/staff/: how the site is doing, and one image at a time for a stated reason. No names, no pixels
in any list, no addresses of people. Who is not of the staff finds nothing here."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from math import ceil
from typing import Any, Concatenate, ParamSpec

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.core.paginator import Paginator
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from accounts.audit import Actor
from accounts.models import User, Via
from processing import health
from processing.errors import sentence_of
from processing.flows import staff_access
from processing.flows.staff_access import NoAccess
from processing.health import Health
from processing.jobs.reap import worker_up
from processing.models import Image, Job, Receipt, Task, database_now
from processing.retention import gates
from processing.views.certificate import name_copy
from processing.views.errors import answer, refuse, takes
from processing.views.image import protect
from processing.views.words import said

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PAGE_ROWS = 50
REASON_CHARACTERS = (10, 200)
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
confirmed_lately: Callable[[Any], Any] = reauthentication_required


def for_staff(view: View[P]) -> View[P]:
    """Only for staff with a second factor; for all others there is nothing at the address."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if not (isinstance(user, User) and user.is_active and user.is_staff):
            return refuse(request, "not_found")
        if not Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists():
            return render(request, "staff/second_factor.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


@takes("GET", "HEAD")
@for_staff
def overview(request: HttpRequest) -> HttpResponse:
    """Health in words, numbers, and the images by id."""
    now, pulses, seen = database_now(), gates.pulses(), health.look()
    asked = request.GET.get("id", "").strip()
    images = Image.objects.order_by("-received_at", "-pk")
    page = Paginator(_by_id(images, asked), PAGE_ROWS).get_page(request.GET.get("page"))
    sweeper, patrol = pulses.get("sweeper"), pulses.get("patrol")
    context = {
        "health": Health([replace(one, words=said(one.words)) for one in seen.alarms]),
        "sweeper": sweeper,
        "patrol": patrol,
        "worker_up": worker_up(now),
        "lives": _count(Image, "life"),
        "jobs": _count(Job, "state"),
        "kept": Image.objects.filter(kept=True).count(),
        "receipts": Receipt.objects.count(),
        "page": page,
        "asked": asked,
        "receipt": _receipt_of(_uuid(asked)),
    }
    return render(request, "staff/overview.html", context)


@takes("GET", "HEAD")
@for_staff
def image(request: HttpRequest, image_id: uuid.UUID) -> HttpResponse:
    return _show(request, image_id)


@takes("POST")
@for_staff
@confirmed_lately
def open_image(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    assert isinstance(request.user, User)
    reason = " ".join(request.POST.get("reason", "").split())
    least, most = REASON_CHARACTERS
    if not least <= len(reason) <= most:
        return _show(request, image_id, reason=reason, problem=True)
    try:
        staff_access.open_image(request.user, image_id, reason, _actor(request))
    except NoAccess:
        return refuse(request, "not_found")
    except DatabaseError:
        return _not_noted(request)
    return redirect("staff-image", image_id)


@takes("GET")
@for_staff
def content(request: HttpRequest, image_id: uuid.UUID, file: str) -> HttpResponseBase:
    """The preview, while access is open: shown in place, never as a download."""
    assert isinstance(request.user, User)
    if file != staff_access.SHOWN:
        return refuse(request, "not_found")
    try:
        chunks = staff_access.view_image(request.user, image_id, _actor(request))
        # All of it at once, it is small: nothing is sent any more when access has ended.
        response = HttpResponse(b"".join(chunks), content_type="image/webp")
    except NoAccess:
        return refuse(request, "not_found")
    except DatabaseError:
        return _not_noted(request)
    protect(response, attachment=False, name=staff_access.SHOWN)
    return response


def _show(
    request: HttpRequest, image_id: uuid.UUID, *, reason: str = "", problem: bool = False
) -> HttpResponse:
    found = Image.objects.filter(pk=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    assert isinstance(request.user, User)
    now, job = database_now(), found.jobs.filter(task=Task.CUT_OUT).first()
    readable = Image.objects.readable(now).filter(pk=image_id).exists()
    access = staff_access.access_of(request.user, image_id, now) if readable else None
    context = {
        "image": found,
        "job": job,
        "trouble": said(sentence_of(job.error_code)) if job and job.error_code else "",
        "copies": [
            {"words": name_copy(blob.kind), "size": blob.size, "stored": blob.stored}
            for blob in found.blobs.order_by("kind", "generation")
        ],
        "readable": readable,
        "shown": found.blobs.filter(kind=staff_access.SHOWN, stored=True).exists(),
        "access": access,
        # A page that stays open stops showing it, too. Not sooner: every view is noted.
        "refresh": max(1, ceil((access.ends_at - now).total_seconds())) if access else None,
        "reason": reason,
        "problem": problem,
        "least": REASON_CHARACTERS[0],
        "most": REASON_CHARACTERS[1],
        "minutes": int(staff_access.LENGTH.total_seconds() // 60),
    }
    return render(request, "staff/image.html", context, status=400 if problem else 200)


def _not_noted(request: HttpRequest) -> HttpResponse:
    words = gettext(
        "This cannot be written into the owner's log right now, so nothing is shown. Try again."
    )
    return answer(request, "engine_failed", words, 503)


def _actor(request: HttpRequest) -> Actor:
    by = Actor.of(request)
    return Actor(by.user, Via.STAFF, by.address)


def _by_id(images: Any, asked: str) -> Any:
    if not asked:
        return images
    wanted = _uuid(asked)
    return images.filter(pk=wanted) if wanted else images.none()


def _receipt_of(image_id: uuid.UUID | None) -> Receipt | None:
    return Receipt.objects.filter(image_id=image_id).first() if image_id else None


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _count(model: Any, column: str) -> list[tuple[str, int]]:
    return list(model.objects.values_list(column).annotate(number=Count("pk")).order_by(column))
