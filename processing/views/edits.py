"""/images/<id>/edit/: the editor, and the versions that it saves."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from accounts.audit import Actor
from processing.access import find_image, images_of
from processing.engine import PRESETS
from processing.engine.errors import PhotoError
from processing.flows.edit import MOST_PICTURE_BYTES, OWN, Wanted, choose, save
from processing.flows.edit_many import MOST_AT_ONCE
from processing.flows.gallery import NEWEST
from processing.jobs.reap import worker_up
from processing.models import Edit, Image, database_now, kind_at
from processing.views.edit_form import (
    GONE,
    read_number,
    read_options,
    take_picture,
    with_picture,
)
from processing.views.errors import answer, refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.image import send
from processing.views.pictures import HoldPicture
from processing.views.present import present, with_parts
from processing.views.versions import BROUGHT, FILES, present_options, present_versions
from processing.views.words import said


@csrf_exempt  # `with_picture` checks it, once the picture has a place to go.
@takes("GET", "HEAD", "POST")
@signed_in
def editor(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    found = with_parts(images_of(request.user)).filter(pk=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    if request.method != "POST":
        return _show(request, found)
    return with_picture(request, lambda request, handler: _save(request, found, handler))


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


def _save(request: HttpRequest, found: Image, handler: HoldPicture) -> HttpResponseBase:
    picture = take_picture(request, handler)
    base, keeps = read_number(request, "base"), read_number(request, "keeps")
    if base is None or (keeps is None and "keeps" in request.POST):
        words = gettext("Name versions by their numbers: base, and keeps where it is sent.")
        return answer(request, "bad_request", words, 400)
    strokes = request.POST.get("strokes")
    wanted = Wanted(read_options(request), base, strokes, picture, keeps)
    edit = save(found, wanted, Actor.of(request))
    if wants_json(request):
        found.refresh_from_db()
        return JsonResponse(present_versions(found) | {"saved": edit.number}, status=201)
    words = gettext("Version %(number)s is saved.") % {"number": edit.number}
    messages.success(request, words)
    return redirect("image-edit", found.pk)
