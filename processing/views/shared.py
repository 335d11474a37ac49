"""/s/<token>/: what whoever has a link sees of it. No account, no name, nothing that follows them.

The secret of the address is all that a request needs, so no token against forged forms is asked
for: whoever could forge one has the link. Whatever cannot be shown is the one page "gone".
"""

from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import get_template
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from accounts.audit import Actor
from processing.engine.errors import PhotoError
from processing.errors import NotCutOut, PasswordNeeded, ShareGone, WrongPassword
from processing.flows import share_download, share_visit
from processing.flows.facts import SHARE_COOKIE as COOKIE
from processing.flows.share_terms import FORMATS, SIZES
from processing.flows.share_visit import Visit
from processing.models import Image, ShareItem, kind_at
from processing.retention import deadlines
from processing.views.errors import come_again, takes, wants_json
from processing.views.image import PATIENCE, protect
from processing.views.present import iso
from processing.views.words import said

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
PREVIEW = "preview.webp"
RELOAD = 300  # Seconds.


def for_visitors(*methods: str) -> Callable[[View[P]], View[P]]:
    """What is refused in the one way; found by no search engine, and told to no other site."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def answered(
            request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            try:
                response = view(request, *args, **kwargs)
            except (ShareGone, Image.DoesNotExist, NotCutOut):
                response = gone(request)
            except PhotoError as error:
                response = come_again(_refuse(request, str(kwargs["token"]), error), error)
            response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
            response["Referrer-Policy"] = "no-referrer"
            return response

        return csrf_exempt(takes(*methods)(answered))

    return decorate


@for_visitors("GET", "HEAD")
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        opened = share_visit.visit(token, _key(request))
    except PasswordNeeded:
        if wants_json(request):
            raise
        return render(request, "share/password.html", {"address": _address(token)})
    if request.method == "GET":
        share_visit.note_view(opened, _visitor(request, opened))
    if wants_json(request):
        return JsonResponse(_as_json(opened, token))
    return render(request, "share/page.html", _context(opened, token))


@for_visitors("POST")
def unlock(request: HttpRequest, token: str) -> HttpResponseBase:
    """Field `password`. The right one opens the link in this browser, by a cookie of its own."""
    try:
        key = share_visit.unlock(token, request.POST.get("password", ""), Actor.of(request))
    except WrongPassword as error:
        if wants_json(request):
            raise
        context = {"address": _address(token), "problem": said(error.sentence)}
        return render(request, "share/password.html", context, status=error.status)
    response: HttpResponse = HttpResponse(status=303, headers={"Location": _address(token)})
    if wants_json(request):
        response = HttpResponse(status=204)
    response.set_cookie(
        COOKIE,
        key,
        max_age=deadlines.live_time(settings.RETENTION),  # No link lives longer.
        path=_address(token),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@for_visitors("POST")
def language(request: HttpRequest, token: str, below: str = "") -> HttpResponseBase:
    """Field `language`: a choice like that of /language/, and back to the link.

    The same for every token, nothing is looked up; no `next` is read, so it leads nowhere else. Its
    page sends no referrer and with it no origin: a form of another site is told by what browsers
    say of where it stood.
    """
    response = HttpResponse(status=303, headers={"Location": _address(token)})
    chosen = request.POST.get("language", "")
    here = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if here and chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


@for_visitors("GET", "HEAD")
def state(request: HttpRequest, token: str) -> HttpResponseBase:
    """Whether it is still there, for a page that is open."""
    opened = share_visit.visit(token, _key(request))
    places = [item.place for item in opened.items]
    return JsonResponse({"ends_at": iso(opened.ends_at), "places": places})


@for_visitors("GET", "HEAD")
def preview(request: HttpRequest, token: str, place: int) -> HttpResponseBase:
    item = share_visit.visit(token, _key(request), place).item(place)
    blob = share_download.find_blob(item.image, kind_at(item.image.version, PREVIEW))
    chunks = share_download.open_blob(item.image, blob)
    response = StreamingHttpResponse(chunks, content_type="image/webp")
    response["Content-Length"] = str(blob.size)
    protect(response, attachment=False, name=f"image-{place}.webp")
    return response


@for_visitors("POST")
def take(request: HttpRequest, token: str) -> HttpResponseBase:
    """Counts a download and leads to its file: fields `place` (a number, or `all`), `format` (one
    of the link's, or `original`) and `size`."""
    opened = share_visit.visit(token, _key(request))
    wanted = _wanted(request, opened)
    share_download.check_allowed(opened, wanted)
    if wanted.place is not None:
        # First, and not counted: what cannot be made costs nobody a download.
        share_download.prepare(opened.item(wanted.place).image, wanted, PATIENCE)
    download = share_download.count(opened, wanted, _visitor(request, opened))
    address = reverse("shared-download", args=[token, download.pk])
    if wants_json(request):
        return JsonResponse({"url": address, "ends_at": iso(download.ends_at)}, status=201)
    return HttpResponse(status=303, headers={"Location": address})


def gone(request: HttpRequest) -> HttpResponse:
    """The same bytes for everything that is not there, whoever asks in the same language."""
    error = ShareGone()
    if wants_json(request):
        body = {"error": {"code": error.code, "message": said(error.sentence)}}
        return JsonResponse(body, status=error.status)
    return HttpResponse(get_template("share/gone.html").render(), status=error.status)


def _refuse(request: HttpRequest, token: str, error: PhotoError) -> HttpResponse:
    if wants_json(request):
        body = {"error": {"code": error.code, "message": said(error.sentence)}}
        return JsonResponse(body, status=error.status)
    if isinstance(error, PasswordNeeded):
        return HttpResponse(status=303, headers={"Location": _address(token)})
    context = {"address": _address(token), "message": said(error.sentence)}
    return render(request, "share/trouble.html", context, status=error.status)


def _wanted(request: HttpRequest, opened: Visit) -> share_download.Wanted:
    """Raises ShareGone for a place that no link has."""
    place, share = request.POST.get("place", ""), opened.share
    if place != "all" and not (place.isascii() and place.isdigit() and len(place) < 5):
        raise ShareGone
    file = request.POST.get("format") or share.formats[0]
    # An original has no size to choose: what is sent for it would be read by nobody, and noted.
    original = file == share_download.ORIGINAL
    return share_download.Wanted(
        None if place == "all" else int(place),
        file,
        "" if original else request.POST.get("size") or share.sizes[0],
    )


def _context(opened: Visit, token: str) -> dict[str, Any]:
    share = opened.share
    return {
        "address": _address(token),
        "images": [_shown(item, opened, token) for item in opened.items],
        "formats": {one: FORMATS[one] for one in share.formats},
        "sizes": {one: SIZES[one] for one in share.sizes},
        "originals": share.originals,
        "downloads_left": opened.downloads_left,
        "ends_at": opened.ends_at,
        "now": opened.now,
        # Without scripts the page is asked for anew, at the end at the latest.
        "refresh": min(RELOAD, max(1, ceil((opened.ends_at - opened.now).total_seconds()))),
    }


def _as_json(opened: Visit, token: str) -> dict[str, Any]:
    share = opened.share
    return {
        "images": [_shown(item, opened, token) for item in opened.items],
        "formats": share.formats,
        "sizes": share.sizes,
        "originals": share.originals,
        "downloads_left": opened.downloads_left,
        "ends_at": iso(opened.ends_at),
    }


def _shown(item: ShareItem, opened: Visit, token: str) -> dict[str, Any]:
    names = opened.share.names
    return {
        "place": item.place,
        "name": share_download.stem_of(item, shown=True) if names else "",
        "width": item.image.width,
        "height": item.image.height,
        "preview": reverse("shared-preview", args=[token, item.place]),
    }


def _visitor(request: HttpRequest, opened: Visit) -> Actor:
    return Actor.visiting(request, opened.share.workspace.owner)


def _key(request: HttpRequest) -> str:
    return request.COOKIES.get(COOKIE, "")


def _address(token: str) -> str:
    return reverse("shared", args=[token])
