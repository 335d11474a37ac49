"""/uploads/: a photo that comes in parts, so that one whose connection breaks goes on."""

import uuid
from collections.abc import Iterator
from functools import wraps
from typing import Any, ParamSpec

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.audit import Actor
from processing.access import find_upload, images_of
from processing.engine.errors import PhotoError
from processing.flows import parts, whole
from processing.flows.arriving import received
from processing.models import Image, Life
from processing.views.errors import View, refuse, refuse_photo, signed_in, takes
from processing.views.present import as_json, present, with_parts
from processing.views.senders import sender_of

P = ParamSpec("P")
PIECE = 65_536


def refusing(view: View[P]) -> View[P]:
    """What is refused, and what is not there, in the one shape."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except PhotoError as error:
            return refuse_photo(request, error)
        except Image.DoesNotExist:
            return refuse(request, "not_found")

    return guarded


@takes("POST")
@signed_in
@refusing
def uploads(request: HttpRequest) -> HttpResponseBase:
    """Begins one, or finds the one that the same key has begun."""
    size = request.POST.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 20):
        return refuse(request, "bad_request")
    chosen = {**request.GET.dict(), **request.POST.dict()}
    image = parts.begin(sender_of(request, chosen), request.POST.get("name", ""), int(size))
    return JsonResponse(_told(image, int(size)), status=201)


@takes("GET", "HEAD", "DELETE")
@signed_in
@refusing
def upload(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    image = find_upload(request.user, upload_id)
    if request.method == "DELETE":
        parts.cancel(image, Actor.of(request))
        return HttpResponse(status=204)
    size = image.size if image.life == Life.LIVE else image.arrival.size
    return JsonResponse(_told(image, size))


@takes("PUT")
@signed_in
@refusing
def part(request: HttpRequest, upload_id: uuid.UUID, offset: int) -> HttpResponseBase:
    """Its body is the bytes from `offset` on, nothing else."""
    image = find_upload(request.user, upload_id)
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    return JsonResponse({"received": parts.add(image, offset, length, _pieces(request))})


@takes("POST")
@signed_in
@refusing
def finish(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponseBase:
    image = whole.finish(find_upload(request.user, upload_id), Actor.of(request))
    found = with_parts(images_of(request.user)).get(pk=image.pk)
    return JsonResponse({"images": [as_json(present(found))], "errors": []}, status=201)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    """Ends early where the connection does."""
    try:
        while piece := request.read(PIECE):
            yield piece
    except UnreadablePostError:
        return


def _told(image: Image, size: int) -> dict[str, Any]:
    return {
        "id": str(image.pk),
        "url": reverse("upload", args=[image.pk]),
        "state": "done" if image.life == Life.LIVE else "arriving",
        "size": size,
        "received": received(image),
        "part_bytes": parts.USUAL_BYTES,
    }
