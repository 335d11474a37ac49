"""/shares/: the links of whoever is signed in: made, listed, changed, paused and ended."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from accounts.audit import Actor
from accounts.models import User
from processing.access import images_of, shared_items, shares_of
from processing.engine.errors import PhotoError
from processing.errors import BadShare, NotCutOut, ShareTooLong
from processing.flows import share as flow
from processing.flows.share_terms import AS_USUAL, read_terms
from processing.models import Image, Job, JobState, Share, Task, database_now
from processing.retention.shares import latest_end
from processing.views.errors import refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.qr import draw_qr
from processing.views.share_present import (
    STATES,
    as_json,
    choices,
    chosen_in,
    chosen_of,
    offered,
    present_share,
    visits_as_json,
    visits_of,
    with_parts,
)
from processing.views.words import said

PAGE_SHARES = 20
USUAL_CHOICES = {**AS_USUAL, "expires": "erased", "downloads": "none"}
WRONG_TERMS = (BadShare, ShareTooLong)


@takes("GET", "HEAD", "POST")
@signed_in
def shares(request: HttpRequest) -> HttpResponseBase:
    """All links of one's own, newest first; POST makes one: field `id` once or many times, and the
    terms. Its address is in this answer alone."""
    return _create(request) if request.method == "POST" else _list(request)


@takes("GET", "HEAD", "POST")
@signed_in
def new(request: HttpRequest) -> HttpResponseBase:
    """The form for a link to the images whose ids are given; POST for as many as one likes."""
    sent = request.POST if request.method == "POST" else request.GET
    try:
        return _form(request, _uuids(sent.getlist("id")), USUAL_CHOICES)
    except (Image.DoesNotExist, ValueError):
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)


@takes("GET", "HEAD", "POST")
@signed_in
def share(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    """One link, and who came by it; POST changes its terms, those that are sent."""
    if request.method == "POST":
        return _change(request, share_id)
    return _show(request, share_id)


@takes("POST")
@signed_in
def pause(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    return _act(
        request, share_id, flow.pause, gettext("The link is paused: nobody sees anything by it.")
    )


@takes("POST")
@signed_in
def resume(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    return _act(request, share_id, flow.resume, gettext("The link is open again."))


@takes("POST")
@signed_in
def revoke(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    return _act(request, share_id, flow.revoke, gettext("The link has ended, for good."))


@takes("POST")
@signed_in
def renew(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    """A new address; the one before leads nowhere from then on."""
    assert isinstance(request.user, User)
    try:
        made = flow.renew(request.user, share_id, Actor.of(request))
    except Share.DoesNotExist:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)
    return _show_address(request, made, status=200)


def _list(request: HttpRequest) -> HttpResponseBase:
    now = database_now()
    pages = Paginator(with_parts(shares_of(request.user), now), PAGE_SHARES)
    page: Any = pages.get_page(request.GET.get("page"))
    page.object_list = [present_share(one, now) for one in page.object_list]
    if wants_json(request):
        body = {"shares": [as_json(card) for card in page.object_list], "pages": pages.num_pages}
        return JsonResponse(body)
    return render(request, "share/list.html", {"page": page, "states": STATES})


def _create(request: HttpRequest) -> HttpResponseBase:
    assert isinstance(request.user, User)
    try:
        ids = _uuids(request.POST.getlist("id"))
        made = flow.create(request.user, ids, read_terms(request.POST), Actor.of(request))
    except (Image.DoesNotExist, ValueError):
        return refuse(request, "not_found")
    except WRONG_TERMS as error:
        if wants_json(request):
            return refuse_photo(request, error)
        return _form_again(request, error)
    except PhotoError as error:
        return refuse_photo(request, error)
    return _show_address(request, made, status=201)


def _form_again(request: HttpRequest, error: PhotoError) -> HttpResponseBase:
    chosen = chosen_in(request.POST)
    try:
        ids = _uuids(request.POST.getlist("id"))
        return _form(request, ids, chosen, problem=said(error.sentence), status=error.status)
    except (Image.DoesNotExist, ValueError, PhotoError):
        return refuse_photo(request, error)


def _form(
    request: HttpRequest,
    ids: list[uuid.UUID],
    chosen: dict[str, Any],
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """Raises Image.DoesNotExist, and NotCutOut where there is nothing yet to share."""
    found = {image.pk: image for image in images_of(request.user).filter(pk__in=ids)}
    if not ids or set(ids) - set(found):
        raise Image.DoesNotExist
    jobs = Job.objects.filter(image__in=ids, task=Task.CUT_OUT, state=JobState.DONE)
    done = set(jobs.values_list("image_id", flat=True))
    images = [found[one] for one in ids if one in done]
    if not images:
        raise NotCutOut
    now = database_now()
    context = {
        "ids": [image.pk for image in images],
        "left_out": len(ids) - len(images),
        "lives": offered(latest_end(images, now), now),
        "problem": problem,
        **choices(chosen),
    }
    return render(request, "share/new.html", context, status=status)


def _show_address(request: HttpRequest, made: flow.Made, *, status: int) -> HttpResponseBase:
    now = database_now()
    card = present_share(with_parts(shares_of(request.user), now).get(pk=made.share.pk), now)
    address = request.build_absolute_uri(reverse("shared", args=[made.token]))
    if wants_json(request):
        return JsonResponse({"share": as_json(card), "url": address}, status=status)
    context = {"card": card, "address": address, "qr": draw_qr(address)}
    return render(request, "share/made.html", context, status=status)


def _show(
    request: HttpRequest, share_id: uuid.UUID, problem: PhotoError | None = None
) -> HttpResponseBase:
    assert isinstance(request.user, User)
    now = database_now()
    found = with_parts(shares_of(request.user), now).filter(pk=share_id).first()
    if found is None:
        return refuse(request, "not_found")
    card, visits = present_share(found, now), visits_of(request.user, found)
    if wants_json(request):
        return JsonResponse(as_json(card) | {"visits": visits_as_json(visits)})
    images = [item.image for item in shared_items(found, now)]
    chosen = chosen_in(request.POST) if problem else chosen_of(found)
    context = {
        "card": card,
        "state_words": STATES[card["state"]],
        "image_ids": [image.pk for image in images],
        "visits": visits,
        "lives": offered(latest_end(images, found.created_at), now, keep=True),
        "problem": said(problem.sentence) if problem else "",
        **choices(chosen),
    }
    return render(request, "share/share.html", context, status=problem.status if problem else 200)


def _change(request: HttpRequest, share_id: uuid.UUID) -> HttpResponseBase:
    assert isinstance(request.user, User)
    try:
        flow.change(request.user, share_id, read_terms(request.POST), Actor.of(request))
    except Share.DoesNotExist:
        return refuse(request, "not_found")
    except PhotoError as error:
        if wants_json(request) or not isinstance(error, WRONG_TERMS):
            return refuse_photo(request, error)
        return _show(request, share_id, error)
    return _after(request, share_id, gettext("The link is changed."))


def _act(
    request: HttpRequest,
    share_id: uuid.UUID,
    act: Callable[[User, uuid.UUID, Actor], Share],
    words: str,
) -> HttpResponseBase:
    assert isinstance(request.user, User)
    try:
        act(request.user, share_id, Actor.of(request))
    except Share.DoesNotExist:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)
    return _after(request, share_id, words)


def _after(request: HttpRequest, share_id: uuid.UUID, words: str) -> HttpResponseBase:
    if wants_json(request):
        return _show(request, share_id)
    messages.success(request, words)
    return redirect("share", share_id)


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    """Raises ValueError for what can be no id: nobody has such an image."""
    return [uuid.UUID(text) for text in texts]
