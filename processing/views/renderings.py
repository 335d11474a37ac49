"""/images/<id>/render: the cutout with other options, made when somebody asks for it."""

import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from processing.access import find_image
from processing.engine import Options, PhotoError
from processing.errors import sentence_of
from processing.flows.render import Rendering, ask, look, wait_for
from processing.models import Image
from processing.views.errors import refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.image import PATIENCE, send
from processing.views.words import said

NO_BACKGROUND = "none"
NO_OPTIONS = {"download", "csrfmiddlewaretoken"}


@takes("GET", "HEAD", "POST")
@signed_in
def rendering(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """GET waits for the file and sends it, POST only asks for it.

    A GET makes a copy where there is none yet. It may: the same options are the same copy, however
    often they are asked for, only so many are made of one image, and all go with it.
    """
    try:
        found = find_image(request.user, image_id)
        wanted = _asked(request)
        asked = ask(found, wanted)
        if request.method == "POST":
            return _accept(request, asked, wanted)
        ready = wait_for(asked, PATIENCE)
    except Image.DoesNotExist:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)
    return send(request, found, ready.kind, f"cutout{PurePosixPath(ready.kind).suffix}")


@takes("GET", "HEAD")
@signed_in
def state(request: HttpRequest, image_id: uuid.UUID, kind: str) -> HttpResponseBase:
    """How far a rendering is, for programs."""
    try:
        found = look(find_image(request.user, image_id).pk, kind)
    except Image.DoesNotExist:
        return refuse(request, "not_found")
    return JsonResponse(_as_json(found))


def _accept(request: HttpRequest, asked: Rendering, wanted: Mapping[str, str]) -> HttpResponseBase:
    """A form is led to the file itself."""
    address = reverse("image-render", args=[asked.image_id])
    where = f"{address}?{urlencode(_as_query(wanted))}"
    if not wants_json(request):
        return redirect(f"{where}&download=1")
    return JsonResponse(_as_json(asked) | {"url": where}, status=200 if asked.ready else 202)


def _as_query(wanted: Mapping[str, str]) -> dict[str, str]:
    """The format is always said, so that no address is without a query."""
    options = Options.parse(wanted)
    plain = {"format": options.format} | options.to_dict()
    if wanted.get("bg_color", "").strip() == NO_BACKGROUND:  # The default, but not a version's.
        plain["bg_color"] = NO_BACKGROUND
    return {name: str(value).lower() for name, value in plain.items()}


def _as_json(found: Rendering) -> dict[str, Any]:
    code = found.error_code
    return {
        "state": found.state.value,
        "error": {"code": code, "message": said(sentence_of(code))} if code else None,
        "size": found.size,
        "status": reverse("image-render-state", args=[found.image_id, found.kind]),
    }


def _asked(request: HttpRequest) -> dict[str, str]:
    """The options, without what is for this address itself."""
    sent = request.POST if request.method == "POST" else request.GET
    return {name: str(value) for name, value in sent.items() if name not in NO_OPTIONS}
