"""/images/edit/: one edit for many images, and the page on which it is chosen."""

import uuid
from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt

from accounts.audit import Actor
from processing.access import find_image, images_of
from processing.engine import PRESETS
from processing.engine.errors import BadOption, PhotoError
from processing.flows.edit import MOST, MOST_PICTURE_BYTES, OWN, SHOWN_BY, Wanted
from processing.flows.edit_many import MOST_AT_ONCE, Edited, edit_images, read_picture
from processing.flows.gallery import NEWEST
from processing.jobs.reap import worker_up
from processing.models import Image, JobState, database_now
from processing.phrases import phrase
from processing.views.edit_form import read_number, read_options, take_picture, with_picture
from processing.views.errors import SENTENCES, answer, refuse, signed_in, takes, wants_json
from processing.views.many import read_back, read_ids
from processing.views.pictures import HoldPicture
from processing.views.present import present, with_parts
from processing.views.versions import present_options
from processing.views.words import said


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
        sentence = gettext("Choose at least one image, and at most %(most)s at once.") % {
            "most": MOST_AT_ONCE
        }
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
        return _form(request, ids, said(error.sentence), error.status)
    gone = [one for one in ids if one not in edited.saved and one not in edited.errors]
    if wants_json(request):
        return _as_json(edited, gone)
    tell = messages.success if edited.saved else messages.error
    tell(request, say_edited(edited, gone))
    return redirect(read_back(request))


def _read_wanted(request: HttpRequest, handler: HoldPicture) -> Wanted:
    """The editor names with `of` and `base` the version whose saved picture goes behind them too;
    without those a picture that is not sent is whichever each of them has."""
    options, picture = read_options(request), take_picture(request, handler)
    wants_picture = request.POST.get("background") == "bg_image"
    if wants_picture and picture is None and "of" in request.POST:
        picture = _read_saved(request)
        options.pop("bg_image", None)
    if wants_picture and picture is None and "bg_image" not in options:
        raise BadOption(
            phrase("No picture was chosen. Choose the one that goes behind the images.")
        )
    return Wanted(options, picture=picture)


def _read_saved(request: HttpRequest) -> bytes | None:
    base = read_number(request, "base")
    try:
        found = find_image(request.user, uuid.UUID(request.POST["of"]))
    except (ValueError, Image.DoesNotExist):
        return None
    return None if base is None else read_picture(found, base)


def _as_json(edited: Edited, gone: list[uuid.UUID]) -> JsonResponse:
    saved = [{"id": str(one), "number": number} for one, number in edited.saved.items()]
    errors = [(one, error.code, said(error.sentence)) for one, error in edited.errors.items()]
    errors += [(one, "not_found", str(SENTENCES["not_found"][1])) for one in gone]
    told = [{"id": str(one), "code": code, "message": words} for one, code, words in errors]
    return JsonResponse({"saved": saved, "errors": told}, status=201 if saved else 409)


def say_edited(edited: Edited, gone: list[uuid.UUID]) -> str:
    """What happened to them, a sentence for those that changed and one for every reason."""
    codes = Counter(error.code for error in edited.errors.values())
    if gone:
        codes["not_found"] += len(gone)
    number = len(edited.saved)
    told = [ngettext("%(number)s image changed.", "%(number)s images changed.", number)]
    if not number:
        told = [gettext("No image changed.")]
    elif not codes:
        told.append(gettext("The version before is kept with each."))
    words = [told[0] % {"number": number}, *told[1:]]
    return " ".join([*words, *(_reason(code, number) for code, number in codes.items())])


def _reason(code: str, number: int) -> str:
    """What came in the way."""
    match code:
        case "not_cut_out":
            words = ngettext(
                "%(number)s was not: it is not cut out.",
                "%(number)s were not: they are not cut out.",
                number,
            )
        case "not_found":
            words = ngettext(
                "%(number)s was not: it has been erased.",
                "%(number)s were not: they have been erased.",
                number,
            )
        case "too_many_versions":
            words = ngettext(
                "%(number)s was not: it has %(most)s versions already.",
                "%(number)s were not: they have %(most)s versions already.",
                number,
            )
        case "renderings_waiting":
            words = ngettext(
                "%(number)s was not: it waits for edits of before.",
                "%(number)s were not: they wait for edits of before.",
                number,
            )
        case "storage_full":
            words = ngettext(
                "%(number)s was not: there was no room for its version.",
                "%(number)s were not: there was no room for their versions.",
                number,
            )
        case _:
            words = ngettext(
                "%(number)s was not: it was refused.",
                "%(number)s were not: they were refused.",
                number,
            )
    return words % {"number": number, "most": MOST}


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
        "presets": {name: said(preset.title) for name, preset in PRESETS.items()},
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
