"""/images/<id>/: one image, its state and its content."""

import time
import uuid
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from processing.access import find_image, images_of
from processing.engine.sniff import MEDIA_TYPES
from processing.flows.erase import erase_images
from processing.jobs.reap import worker_up
from processing.models import Blob, Image, database_now
from processing.storage import KeyGone, read_blob
from processing.views.errors import refuse, signed_in, takes, wants_json
from processing.views.present import LINKS, as_json, present, with_parts

LOOK_EVERY = 1.0  # Seconds.


@takes("GET", "HEAD", "DELETE")
@signed_in
def image(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    found = with_parts(images_of(request.user)).filter(pk=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    if request.method == "DELETE":
        erase_images([found])
        return HttpResponse(status=204)
    card = present(found)
    if wants_json(request):
        return JsonResponse(as_json(card))
    return render(request, "image.html", {"card": card, "worker_up": worker_up(database_now())})


@takes("POST")
@signed_in
def erase_one(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """The form's way: a page without JavaScript has no DELETE."""
    try:
        erase_images([find_image(request.user, image_id)])
    except Image.DoesNotExist:
        return refuse(request, "not_found")
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, "1 image erased.")
    return redirect("gallery")


@takes("GET", "HEAD")
@signed_in
def content(request: HttpRequest, image_id: uuid.UUID, file: str) -> HttpResponseBase:
    """The bytes of one blob, opened chunk by chunk."""
    if file not in LINKS:
        return refuse(request, "not_found")
    try:
        found = find_image(request.user, image_id)
        blob = found.blobs.filter(kind=file, stored=True).latest("generation")
        chunks = read_blob(found.open_key(), found.prefix, blob.generation, blob.kind)
        first = next(chunks)
    except (Image.DoesNotExist, Blob.DoesNotExist, KeyGone, FileNotFoundError):
        return refuse(request, "not_found")
    response = StreamingHttpResponse(
        _while_readable(found, first, chunks), content_type=_type_of(file, found)
    )
    response["Content-Length"] = str(blob.size)
    _protect(response, attachment=_attached(request, file), name=_file_name(file, found))
    return response


class ReadOn(Exception):
    """Somebody was still reading when the image was erased or its time came: they are cut off."""


def _while_readable(found: Image, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks, for as long as the image can be read; looked at every second of a slow reader."""
    looked = time.monotonic()
    yield first
    for chunk in rest:
        if time.monotonic() - looked >= LOOK_EVERY:
            looked = time.monotonic()
            if not Image.objects.readable(database_now()).filter(pk=found.pk).exists():
                raise ReadOn
        yield chunk


def _type_of(file: str, found: Image) -> str:
    """From a fixed list, never from what a sender said."""
    return (
        MEDIA_TYPES[found.kind] if file == "original" else _RESULT_TYPES[PurePosixPath(file).suffix]
    )


def _attached(request: HttpRequest, file: str) -> bool:
    """Originals are a stranger's bytes: they are only ever saved, never shown in place."""
    return file == "original" or "download" in request.GET


def _file_name(file: str, found: Image) -> str:
    name = "".join(mark for mark in found.open_name() if mark.isprintable()) or "photo"
    return name if file == "original" else f"{PurePosixPath(name).stem}-{file}"


def _protect(response: HttpResponseBase, *, attachment: bool, name: str) -> None:
    disposition = content_disposition_header(attachment, name)
    if disposition:
        response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Referrer-Policy"] = "no-referrer"


_RESULT_TYPES = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
