"""/images/: send photos, ask for the state of many."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.audit import Actor
from processing.access import images_of
from processing.errors import Interrupted, TooManyFiles
from processing.flows.choose_model import ask_for, read_model
from processing.flows.erase import erase_images
from processing.flows.shorten import life_in_force, read_choice, shorten
from processing.flows.submit import Sender
from processing.jobs.reap import worker_up
from processing.models import database_now
from processing.views.errors import (
    answer,
    come_again,
    refuse,
    refuse_photo,
    signed_in,
    takes,
    wants_json,
)
from processing.views.many import read_ids, uuids_in
from processing.views.notices import say_erased
from processing.views.present import as_json, present_all, with_parts
from processing.views.senders import ERASE_AFTER, MODEL, WRONG_CHOICES, sender_of
from processing.views.uploads import SealFiles, Taken
from processing.views.words import said

MOST_IDS = 100
REFUSED_AS_A_WHOLE = (
    MultiPartParserError,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)


@csrf_exempt  # `_submit` checks it, after the handler for the files is in place.
@takes("GET", "HEAD", "POST")
@signed_in
def images(request: HttpRequest) -> HttpResponseBase:
    return _submit(request) if request.method == "POST" else _states(request)


def _states(request: HttpRequest) -> HttpResponse:
    """The state of a whole batch in one request: ?ids=a,b,c."""
    if not wants_json(request):
        return redirect("gallery")
    asked = _asked_for(request.GET.get("ids", ""))
    if len(asked) > MOST_IDS:
        return answer(request, "bad_request", f"Ask for at most {MOST_IDS} images at once.", 400)
    found = images_of(request.user).filter(pk__in=uuids_in(asked))
    cards = present_all(with_parts(found))
    there = {card["id"] for card in cards}
    return JsonResponse(
        {
            "images": [as_json(card) for card in cards],
            "gone": [one for one in asked if one not in there],
            "worker_up": worker_up(database_now()),
        }
    )


def _submit(request: HttpRequest) -> HttpResponseBase:
    try:
        sender = sender_of(request, request.GET)
    except WRONG_CHOICES as error:
        return refuse_photo(request, error)
    handler = SealFiles(request, sender)
    request.upload_handlers = [handler]
    try:
        response = _checked(request, handler, sender)
    except BaseException as error:
        handler.drop()
        if not sender.request_key or isinstance(error, (*REFUSED_AS_A_WHOLE, *WRONG_CHOICES)):
            # Nobody was told of what had come. With a key of the sender's it is found again
            # when the same request is sent again, unless it is refused again.
            handler.taken.take_back()
        handler.taken.let_go()
        refusal = _refuse_all(request, error)
        if refusal is None:
            raise
        return refusal
    if response.status_code == 403:
        handler.drop()
        handler.taken.take_back()  # Sent from a page that is not ours.
    return response


def _refuse_all(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    if isinstance(error, TooManyFilesSent):
        return refuse_photo(request, TooManyFiles.over(settings.MAX_FILES))
    if isinstance(error, Interrupted | UnreadablePostError):
        return refuse_photo(request, Interrupted())
    if isinstance(error, WRONG_CHOICES):
        return refuse_photo(request, error)
    if isinstance(error, REFUSED_AS_A_WHOLE):
        return refuse(request, "bad_request")
    return None


@csrf_protect
def _checked(request: HttpRequest, handler: SealFiles, sender: Sender) -> HttpResponse:
    len(request.POST)  # Reads the body, if the check of the token has not done so already.
    if handler.broke_off():
        raise Interrupted
    taken = handler.taken
    if not taken.images and not taken.errors:
        return answer(request, "bad_request", gettext("Choose at least one photo."), 400)
    model = read_model(request.POST.get(MODEL, ""))
    _shorten(request, taken, sender)
    if model:
        for image in taken.fresh:
            ask_for(image, model)
    return _json_result(request, taken) if wants_json(request) else _page_result(request, taken)


def _shorten(request: HttpRequest, taken: Taken, sender: Sender) -> None:
    """What the form chose, which its photos can come before, and what the address chose for photos
    that an earlier request with the same key had brought."""
    choice = read_choice(request.POST.get(ERASE_AFTER, ""), life_in_force(sender.workspace))
    try:
        if taken.broke_off():
            taken.let_go()
        for image in taken.images:
            if image not in taken.fresh:
                shorten(image, sender.shorter, sender.by, sender.stored_key)
            shorten(image, choice, sender.by, sender.stored_key)
    except DatabaseError:
        taken.take_back()  # Nothing stays for longer than was asked for.
        raise


def _json_result(request: HttpRequest, taken: Taken) -> HttpResponse:
    told = {"images": _cards(request, taken), "errors": _errors(taken)}
    if taken.images:
        return JsonResponse(told, status=201)
    first = taken.errors[0][1]
    return come_again(JsonResponse(told, status=first.status), first)


def _page_result(request: HttpRequest, taken: Taken) -> HttpResponse:
    if not taken.images and len(taken.errors) == 1:
        return refuse_photo(request, taken.errors[0][1])
    for error in _errors(taken):
        words = gettext("Photo %(number)s: %(message)s")
        values = {"number": error["index"] + 1, "message": error["message"]}
        messages.error(request, words % values)
    if len(taken.images) == 1:
        return redirect("image", taken.images[0].pk)
    return redirect("gallery" if taken.images else "studio")


def _cards(request: HttpRequest, taken: Taken) -> list[dict[str, Any]]:
    ids = [image.pk for image in taken.images]
    cards = present_all(with_parts(images_of(request.user).filter(pk__in=ids)))
    found = {card["id"]: as_json(card) for card in cards}
    return [found[str(one)] for one in ids if str(one) in found]


def _errors(taken: Taken) -> list[dict[str, Any]]:
    return [
        {"index": index, "code": error.code, "message": said(error.sentence)}
        for index, error in taken.errors
    ]


@takes("POST")
@signed_in
def erase_many(request: HttpRequest) -> HttpResponseBase:
    """Erases the images whose ids are given; ids that are not there are passed over."""
    ids = read_ids(request.POST)
    chosen = images_of(request.user).filter(pk__in=ids).select_related("workspace__owner")
    erased = erase_images(chosen, by=Actor.of(request))
    if wants_json(request):
        return JsonResponse({"erased": [str(image.pk) for image in erased]})
    say_erased(request, len(erased))
    return redirect("gallery")


def _asked_for(ids: str) -> list[str]:
    """Each once, written as the answer writes it; what is no id stays as it is."""
    texts = [text.strip() for text in ids.split(",") if text.strip()]
    return list(dict.fromkeys(str(next(iter(uuids_in([text])), text)) for text in texts))
