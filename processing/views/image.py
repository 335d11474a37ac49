"""/images/<id>/: one image, its state and its content."""

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from accounts.audit import Actor, note, note_often
from accounts.models import Action
from processing.access import find_image, images_of, neighbours_of
from processing.engine import PRESETS
from processing.engine.errors import PhotoError
from processing.engine.files import FILE_OPTIONS
from processing.engine.presets import Preset
from processing.engine.sniff import MEDIA_TYPES
from processing.errors import BadEraseAfter, NotCutOut
from processing.flows.choose_model import choices
from processing.flows.erase import erase_images
from processing.flows.reading import while_readable
from processing.flows.render import ask, wait_for
from processing.flows.shorten import life_in_force, read_choice, shorten_from_now
from processing.flows.tags import words_of
from processing.jobs.results import PICTURE, STROKES
from processing.jobs.serving import live_workers
from processing.models import Blob, Image, Life, Reason, database_now, kind_at
from processing.storage import KeyGone, read_blob
from processing.views.errors import refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.notices import say_erased, say_shortened
from processing.views.present import CHOICES, LINKS, ON_DEMAND, as_json, present, with_parts
from processing.views.words import said

log = logging.getLogger(__name__)
PATIENCE = 20.0  # Seconds: how long a download waits for its file to be made.
HOUR = timedelta(hours=1)


@takes("GET", "HEAD", "DELETE")
@signed_in
def image(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    found = with_parts(images_of(request.user)).filter(pk=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    if request.method == "DELETE":
        erase_images([found], by=Actor.of(request))
        return HttpResponse(status=204)
    card = present(found)
    card["tags"] = words_of(found)
    if wants_json(request):
        return JsonResponse(as_json(card))
    now = database_now()
    workers = live_workers(now)
    context = {
        "card": card,
        "choices": CHOICES,
        "presets": {name: _preset(preset) for name, preset in PRESETS.items()},
        **neighbours_of(request.user, found),
        "sooner": _ways_to_shorten(found, now),
        "models": choices(workers),
        "worker_up": bool(workers),
    }
    return render(request, "image.html", context)


@takes("POST")
@signed_in
def erase_one(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """The form's way: a page without JavaScript has no DELETE."""
    try:
        erased = erase_images([find_image(request.user, image_id)], by=Actor.of(request))
    except Image.DoesNotExist:
        return refuse(request, "not_found")
    if wants_json(request):
        return HttpResponse(status=204)
    say_erased(request, len(erased))
    return redirect("gallery")


@takes("POST")
@signed_in
def shorten(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """Erases it sooner: `erase_after` is a length of time from now on, or the word download."""
    try:
        found = find_image(request.user, image_id)
        choice = read_choice(request.POST.get("erase_after", ""), life_in_force(found.workspace))
        shorten_from_now(found, choice, Actor.of(request))
        found = with_parts(images_of(request.user)).get(pk=image_id)
    except (Image.DoesNotExist, KeyGone):
        return refuse(request, "not_found")
    except BadEraseAfter as error:
        return refuse_photo(request, error)
    if wants_json(request):
        return JsonResponse(as_json(present(found)))
    say_shortened(request, found)
    return redirect("image", image_id)


def _preset(preset: Preset) -> dict[str, str]:
    return {key: said(getattr(preset, key)) for key in ("title", "rule", "beyond")}


def _ways_to_shorten(found: Image, now: datetime) -> dict[str, bool]:
    """Nothing is left to choose for what is kept past its own time but to erase it now."""
    left = found.purge_at - now
    return {
        "hour": left > HOUR,
        "download": left > timedelta(0) and not found.erase_after_download,
    }


@takes("GET", "HEAD")
@signed_in
def content(request: HttpRequest, image_id: uuid.UUID, file: str) -> HttpResponseBase:
    """The bytes of one file; what is made on demand is waited for."""
    if file not in LINKS:
        return refuse(request, "not_found")
    try:
        found = find_image(request.user, image_id)
        kind = file if file == "original" else kind_at(found.version, file)
        if file in ON_DEMAND:
            kind = wait_for(ask(found, FILE_OPTIONS[file]), PATIENCE).kind
    except (Image.DoesNotExist, NotCutOut):
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)
    return send(request, found, kind, file)


def send(request: HttpRequest, found: Image, kind: str, file: str) -> HttpResponseBase:
    """One blob, opened chunk by chunk; to whoever downloads it, it is called `file`."""
    try:
        blob = found.blobs.filter(kind=kind, stored=True).latest("generation")
        chunks = read_blob(found.open_key(), found.prefix, blob.generation, blob.kind)
        first = next(chunks)
    except (Blob.DoesNotExist, KeyGone, FileNotFoundError):
        return refuse(request, "not_found")
    body = while_readable(found, first, chunks)
    if request.method == "GET":
        _note(request, found, file)
        if _goes_with(request, found, file):
            body = _then_erase(body, found, Actor.of(request))
    response = StreamingHttpResponse(body, content_type=_type_of(file, found))
    response["Content-Length"] = str(blob.size)
    protect(response, attachment=_attached(request, file), name=_file_name(file, found))
    return response


def _note(request: HttpRequest, found: Image, file: str) -> None:
    owner, by = found.workspace.owner, Actor.of(request)
    if "download" in request.GET:
        note(Action.IMAGE_DOWNLOADED, owner=owner, by=by, image_id=found.pk, detail=file)
    else:
        note_often(Action.IMAGE_VIEWED, owner=owner, by=by, image_id=found.pk)


def _goes_with(request: HttpRequest, found: Image, file: str) -> bool:
    """Whether this is the download after which the image is to be erased: of a result."""
    return found.erase_after_download and "download" in request.GET and file not in _OTHERS


def _then_erase(body: Iterator[bytes], found: Image, by: Actor) -> Iterator[bytes]:
    """Erases the image once its last byte was taken. Whoever breaks off before can come again."""
    yield from body
    try:
        there = Image.objects.filter(pk=found.pk, life=Life.LIVE).select_related("workspace__owner")
        erase_images(there, by=by, reason=Reason.DOWNLOADED)
    except Exception:  # They have their file; the image still has its deadline.
        log.exception("%s was downloaded and could not be erased", found)


def _type_of(file: str, found: Image) -> str:
    """From a fixed list, never from what a sender said."""
    return (
        MEDIA_TYPES[found.kind] if file == "original" else RESULT_TYPES[PurePosixPath(file).suffix]
    )


def _attached(request: HttpRequest, file: str) -> bool:
    """Originals are a stranger's bytes: they are only ever saved, never shown in place."""
    return file in _SENT_TO_US or "download" in request.GET


def _file_name(file: str, found: Image) -> str:
    name = "".join(mark for mark in found.open_name() if mark.isprintable()) or "photo"
    return name if file == "original" else f"{PurePosixPath(name).stem}-{file}"


def protect(response: HttpResponseBase, *, attachment: bool, name: str) -> None:
    disposition = content_disposition_header(attachment, name)
    if disposition:
        response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Referrer-Policy"] = "no-referrer"


_SENT_TO_US = {"original", PICTURE}
_OTHERS = {*_SENT_TO_US, STROKES, "mask.png", "preview.webp", "thumbnail.webp"}
RESULT_TYPES = {
    "": "application/octet-stream",  # A background, whatever it is.
    ".json": "application/json",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".avif": "image/avif",
    ".zip": "application/zip",
}
