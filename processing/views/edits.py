"""/images/<id>/edit/: the editor, and the versions that it saves."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.audit import Actor
from processing.access import find_image, images_of
from processing.engine import PRESETS
from processing.engine.errors import PhotoError, TooManyStrokes
from processing.errors import Interrupted
from processing.flows.edit import MOST_PICTURE_BYTES, OWN, Wanted, choose, save
from processing.jobs.reap import worker_up
from processing.models import Edit, Image, database_now, kind_at
from processing.storage import KeyGone
from processing.views.errors import answer, refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.image import send
from processing.views.pictures import HoldPicture
from processing.views.present import present, with_parts
from processing.views.versions import BROUGHT, FILES, present_options, present_versions
from processing.views.words import said

MOST_AT_ONCE = 24  # Images that one edit is applied to.
NEWEST = ("-received_at", "-id")
GONE = (Image.DoesNotExist, KeyGone)
UNREADABLE = (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent)
_NO_OPTIONS = {"csrfmiddlewaretoken", "base", "strokes", "picture", "background", "id"}
_BACKGROUNDS = ("bg_color", "bg_gradient", "bg_blur", "bg_image")


@csrf_exempt  # `_read_and_save` checks it, after the handler for the picture is in place.
@takes("GET", "HEAD", "POST")
@signed_in
def editor(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    found = with_parts(images_of(request.user)).filter(pk=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    return _save(request, found) if request.method == "POST" else _show(request, found)


@takes("GET", "HEAD", "POST")
@signed_in
def version(request: HttpRequest, image_id: uuid.UUID, number: int) -> HttpResponseBase:
    """POST goes back to a version, or forward to it."""
    try:
        found = find_image(request.user, image_id)
        if request.method == "POST":
            choose(found, number, Actor.of(request))
            found = find_image(request.user, image_id)
    except GONE:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)
    if not wants_json(request):
        return redirect("image-edit", image_id)
    every = present_versions(found)
    if request.method == "POST":
        return JsonResponse(every)
    one = next((each for each in every["versions"] if each["number"] == number), None)
    return refuse(request, "not_found") if one is None else JsonResponse(one)


@takes("GET", "HEAD")
@signed_in
def version_file(
    request: HttpRequest, image_id: uuid.UUID, number: int, file: str
) -> HttpResponseBase:
    """A file of any version: what was made of it, or what it brought."""
    brought = {name: column for column, name in BROUGHT.items()}
    try:
        found = find_image(request.user, image_id)
        holder = number
        if file in brought:
            holder = getattr(found.edits.get(number=number), brought[file])
        elif file not in FILES.values():
            return refuse(request, "not_found")
    except (*GONE, Edit.DoesNotExist):
        return refuse(request, "not_found")
    return send(request, found, kind_at(holder, file), file)


@takes("POST")
@signed_in
def edit_many(request: HttpRequest) -> HttpResponseBase:
    """The same options on many images, each on top of its latest version; strokes stay its own."""
    ids = [one for one in map(_uuid, request.POST.getlist("id")) if one]
    if not ids or len(ids) > MOST_AT_ONCE:
        sentence = gettext("Choose at least one image, and at most %(most)s at once.") % {
            "most": MOST_AT_ONCE
        }
        return answer(request, "bad_request", sentence, 400)
    wanted, by = Wanted(_read_options(request)), Actor.of(request)
    saved: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for found in images_of(request.user).filter(pk__in=ids):
        try:
            saved.append({"id": str(found.pk), "number": save(found, wanted, by).number})
        except GONE:
            continue
        except PhotoError as error:
            errors.append(
                {"id": str(found.pk), "code": error.code, "message": said(error.sentence)}
            )
    if wants_json(request):
        return JsonResponse({"saved": saved, "errors": errors}, status=201 if saved else 409)
    for message in sorted({error["message"] for error in errors}):
        messages.error(request, message)
    if saved:
        words = ngettext("Edited: %(number)s image.", "Edited: %(number)s images.", len(saved))
        messages.success(request, words % {"number": len(saved)})
    return redirect("gallery")


def _show(request: HttpRequest, found: Image) -> HttpResponseBase:
    every = present_versions(found)
    if wants_json(request):
        return JsonResponse(every)
    card = present(found)
    if not card["links"].get("cutout_png") and not found.head:
        return redirect("image", found.pk)  # Nothing to work on yet: its page says why.
    others = with_parts(images_of(request.user).exclude(pk=found.pk).order_by(*NEWEST))
    head = next(each for each in every["versions"] if each["number"] == found.head)
    context = {
        "card": card,
        "edit": every,
        "head": head,
        "chosen": present_options(head["options"]),
        "presets": {name: said(preset.title) for name, preset in PRESETS.items()},
        "preset_options": {name: preset.options for name, preset in PRESETS.items()},
        "own_picture": OWN,
        "others": [one for one in map(present, others[:MOST_AT_ONCE]) if one["state"] == "done"],
        "most_picture_bytes": MOST_PICTURE_BYTES,
        "worker_up": worker_up(database_now()),
    }
    return render(request, "editor.html", context)


def _save(request: HttpRequest, found: Image) -> HttpResponseBase:
    handler = HoldPicture(request)
    request.upload_handlers = [handler]
    try:
        return _read_and_save(request, found, handler)
    except RequestDataTooBig:
        return refuse_photo(request, TooManyStrokes())
    except UnreadablePostError:
        return refuse_photo(request, Interrupted())
    except UNREADABLE:
        return refuse(request, "bad_request")
    except GONE:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)


@csrf_protect
def _read_and_save(request: HttpRequest, found: Image, handler: HoldPicture) -> HttpResponse:
    options = _read_options(request)
    picture = handler.take()
    base = request.POST.get("base", "")
    if not base.isascii() or not base.isdigit() or len(base) > 9:
        words = gettext("Say in the field base which version it is of.")
        return answer(request, "bad_request", words, 400)
    wanted = Wanted(options, int(base), request.POST.get("strokes"), picture)
    edit = save(found, wanted, Actor.of(request))
    if wants_json(request):
        found.refresh_from_db()
        return JsonResponse(present_versions(found) | {"saved": edit.number}, status=201)
    words = gettext("Version %(number)s is saved.") % {"number": edit.number}
    messages.success(request, words)
    return redirect("image-edit", found.pk)


def _read_options(request: HttpRequest) -> dict[str, str]:
    """What the form has chosen. Its field `background` says which of the backgrounds counts."""
    sent = {name: str(value) for name, value in request.POST.items() if name not in _NO_OPTIONS}
    if (chosen := request.POST.get("background")) is not None:
        sent = {
            name: value
            for name, value in sent.items()
            if name not in _BACKGROUNDS or name == chosen
        }
    if sent.get("crop_margin", "").isdigit():
        sent["crop_margin"] += "%"  # A slider has no unit.
    return sent


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        return None
