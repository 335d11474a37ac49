"""/images/edit/: one edit for many images, and the page on which it is chosen."""

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from accounts.audit import Actor
from processing.access import images_of
from processing.engine import PRESETS
from processing.engine.errors import BadOption, PhotoError
from processing.flows.edit import MOST, MOST_PICTURE_BYTES, OWN, SHOWN_BY, Wanted
from processing.flows.edit_many import MOST_AT_ONCE, Edited, edit_images
from processing.jobs.reap import worker_up
from processing.models import JobState, database_now
from processing.views.edit_form import read_options, take_picture, with_picture
from processing.views.errors import SENTENCES, answer, refuse, signed_in, takes, wants_json
from processing.views.many import read_back, read_ids
from processing.views.pictures import HoldPicture
from processing.views.present import present, with_parts
from processing.views.versions import present_options

NEWEST = ("-received_at", "-id")
# What came in the way, of one image and of several.
_WHY = {
    "not_cut_out": ("is not cut out", "are not cut out"),
    "not_found": ("has been erased", "have been erased"),
    "too_many_versions": (f"has {MOST} versions already", f"have {MOST} versions already"),
    "renderings_waiting": ("waits for edits of before", "wait for edits of before"),
    "storage_full": ("found no room for its version", "found no room for their versions"),
}


@takes("GET", "HEAD", "POST")
@signed_in
def new(request: HttpRequest) -> HttpResponseBase:
    """The form for the images whose ids are given; POST for as many as one likes."""
    sent = request.POST if request.method == "POST" else request.GET
    return _form(request, read_ids(sent))


@csrf_exempt  # `with_picture` checks it, once the picture has a place to go.
@takes("POST")
@signed_in
def edit_many(request: HttpRequest) -> HttpResponseBase:
    """The same options on many images, each on top of its latest version; strokes stay its own."""
    return with_picture(request, _edit)


def _edit(request: HttpRequest, handler: HoldPicture) -> HttpResponseBase:
    ids = list(dict.fromkeys(read_ids(request.POST)))
    if not ids or len(ids) > MOST_AT_ONCE:
        sentence = f"Choose at least one image, and at most {MOST_AT_ONCE} at once."
        if wants_json(request):
            return answer(request, "bad_request", sentence, 400)
        return _form(request, ids, sentence)
    try:
        edited = edit_images(
            images_of(request.user).filter(pk__in=ids).order_by(*NEWEST),
            _read_wanted(request, handler),
            Actor.of(request),
        )
    except PhotoError as error:
        if wants_json(request):
            raise
        return _form(request, ids, error.sentence, error.status)
    gone = [one for one in ids if one not in edited.saved and one not in edited.errors]
    if wants_json(request):
        return _as_json(edited, gone)
    tell = messages.success if edited.saved else messages.error
    tell(request, say_edited(edited, gone))
    return redirect(read_back(request))


def _read_wanted(request: HttpRequest, handler: HoldPicture) -> Wanted:
    options, picture = read_options(request), take_picture(request, handler)
    wants_picture = request.POST.get("background") == "bg_image"
    if wants_picture and picture is None and "bg_image" not in options:
        raise BadOption("No picture was chosen. Choose the one that goes behind the images.")
    return Wanted(options, picture=picture)


def _as_json(edited: Edited, gone: list[uuid.UUID]) -> JsonResponse:
    saved = [{"id": str(one), "number": number} for one, number in edited.saved.items()]
    errors = [(one, error.code, error.sentence) for one, error in edited.errors.items()]
    errors += [(one, "not_found", SENTENCES["not_found"][1]) for one in gone]
    told = [{"id": str(one), "code": code, "message": words} for one, code, words in errors]
    return JsonResponse({"saved": saved, "errors": told}, status=201 if saved else 409)


def say_edited(edited: Edited, gone: list[uuid.UUID]) -> str:
    """What happened to them, in one or two sentences."""
    codes = Counter(error.code for error in edited.errors.values())
    if gone:
        codes["not_found"] += len(gone)
    left = codes.total()
    if not left:
        return f"{_count(len(edited.saved))} changed. The version before is kept with each."
    rest = "1 was not: it" if left == 1 else f"{left} were not:"
    if len(codes) == 1 and left > 1:
        rest += " they"
    reasons = ", ".join(_reason(code, number, of=left) for code, number in codes.items())
    changed = _count(len(edited.saved)) if edited.saved else "No image"
    return f"{changed} changed, {rest} {reasons}."


def _reason(code: str, number: int, of: int) -> str:
    one, several = _WHY.get(code, ("was refused", "were refused"))
    words = one if number == 1 else several
    return words if number == of else f"{number} {words}"


def _count(number: int) -> str:
    return "1 image" if number == 1 else f"{number} images"


def _form(
    request: HttpRequest, ids: list[uuid.UUID], problem: str = "", status: int = 400
) -> HttpResponseBase:
    """With what was chosen before, where that was refused; only a picture has to be chosen anew."""
    found = with_parts(images_of(request.user).filter(pk__in=ids).order_by(*NEWEST))
    cards = [card for card in map(present, found) if card["state"] == JobState.DONE]
    if not cards and not problem:
        return refuse(request, "not_found")
    context = {
        "cards": cards[:MOST_AT_ONCE],
        "too_many": max(0, len(cards) - MOST_AT_ONCE),
        "left_out": len(found) - len(cards),
        "most": MOST_AT_ONCE,
        "problem": problem,
        "many": True,
        "next": read_back(request),
        "chosen": _chosen(request) if problem else present_options({}),
        "presets": {name: preset.title for name, preset in PRESETS.items()},
        "preset_options": {name: preset.options for name, preset in PRESETS.items()},
        "own_picture": OWN,
        "most_picture_bytes": MOST_PICTURE_BYTES,
        "worker_up": worker_up(database_now()),
    }
    return render(request, "edit_many.html", context, status=status if problem else 200)


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """As `present_options` has it, from a form that was sent."""
    sent = request.POST
    own = {name: sent[name] for name in ("background", *SHOWN_BY) if name in sent}
    boxes = {"crop": "crop" in sent, "despill": sent.get("despill") == "true"}
    return present_options({}) | own | boxes
