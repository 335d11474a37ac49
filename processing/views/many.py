"""What is done to many images at once: downloaded as one archive, tagged."""

import logging
import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext

from accounts.audit import Actor, note
from accounts.models import Action
from processing.access import images_of
from processing.errors import BadTag, TooManyTags
from processing.flows.bundle import bundle
from processing.flows.erase import erase_images
from processing.flows.gallery import NEWEST
from processing.flows.reading import with_first
from processing.flows.tags import Tagged, read_word, tag, untag
from processing.models import Image, ImageQuerySet, Life, Reason
from processing.views.errors import answer, refuse, refuse_photo, signed_in, takes, wants_json
from processing.views.image import protect
from processing.views.present import LINKS
from processing.views.words import said

log = logging.getLogger(__name__)
MOST = 2000
ZIP = "application/zip"
# What an archive of each file is called; of results it is what an image can go with.
ARCHIVES = {file: "cutouts" if file.startswith("cutout.") else "files" for file in LINKS} | {
    "original": "originals",
    "mask.png": "masks",
}


@takes("POST")
@signed_in
def download(request: HttpRequest) -> HttpResponseBase:
    """One file of each image whose id is given, as a ZIP that is made while it is sent."""
    file = request.POST.get("file", "cutout.png")
    ids = read_ids(request.POST)
    if file not in ARCHIVES:
        return refuse(request, "bad_request")
    if len(ids) > MOST:
        words = gettext("Choose at most %(most)s images at once.") % {"most": MOST}
        return answer(request, "bad_request", words, 400)
    chosen = images_of(request.user).filter(pk__in=ids).order_by(*NEWEST).only("pk")
    if not chosen:
        return refuse(request, "not_found")
    by = Actor.of(request)

    def begins(image: Image) -> None:
        owner = image.workspace.owner
        note(Action.IMAGE_DOWNLOADED, owner=owner, by=by, image_id=image.pk, detail=file)

    def ends(sent: list[uuid.UUID]) -> None:
        if ARCHIVES[file] == "cutouts":
            _erase_what_goes_with_it(sent, by)

    pieces = bundle(chosen, file, begins, ends)
    # The first piece is made before the answer begins: what fails by then is refused in words.
    response = StreamingHttpResponse(with_first(next(pieces), pieces), content_type=ZIP)
    name = f"{ARCHIVES[file]}-{timezone.now():%Y-%m-%d}.zip"
    protect(response, attachment=True, name=name)
    return response


@takes("POST")
@signed_in
def tags(request: HttpRequest) -> HttpResponseBase:
    """Puts a tag on each image whose id is given, or takes it off: fields `word` and `act`."""
    try:
        word = read_word(request.POST.get("word", ""))
        images = _chosen(request)
        act = {"add": tag, "remove": untag}.get(request.POST.get("act", "add"))
        if act is None:
            return refuse(request, "bad_request")
        tagged = act(images, word, Actor.of(request))
    except (BadTag, TooManyTags) as error:
        return refuse_photo(request, error)
    if wants_json(request):
        return _told(tagged, word)
    _say(request, tagged)
    return redirect(read_back(request))


def read_ids(sent: QueryDict) -> list[uuid.UUID]:
    """Field `id`, once or many times; what is no id is passed over."""
    return uuids_in(sent.getlist("id"))


def uuids_in(texts: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text.strip()))
        except ValueError:
            continue
    return found


def read_back(request: HttpRequest) -> str:
    """To where the form stood, on this site."""
    asked = request.POST.get("next", "")
    here = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if here else reverse("gallery")


def _chosen(request: HttpRequest) -> ImageQuerySet:
    return images_of(request.user).filter(pk__in=read_ids(request.POST)).only("pk")


def _erase_what_goes_with_it(sent: list[uuid.UUID], by: Actor) -> None:
    """As after a single download: the archive's last byte was taken."""
    goes = Image.objects.filter(pk__in=sent, life=Life.LIVE, erase_after_download=True)
    try:
        erase_images(goes.select_related("workspace__owner"), by=by, reason=Reason.DOWNLOADED)
    except Exception:  # They have their files; the images still have their deadlines.
        log.exception("images were downloaded and could not be erased")


def _told(tagged: Tagged, word: str) -> HttpResponse:
    ids = {"tagged": tagged.done, "full": tagged.full}
    return JsonResponse({"word": word} | {key: [str(one) for one in ids[key]] for key in ids})


def _say(request: HttpRequest, tagged: Tagged) -> None:
    number = len(tagged.done)
    if request.POST.get("act") == "remove":
        words = ngettext(
            "The tag is off %(number)s image.", "The tag is off %(number)s images.", number
        )
    else:
        words = ngettext(
            "The tag is on %(number)s image.", "The tag is on %(number)s images.", number
        )
    messages.success(request, words % {"number": number})
    if tagged.full:
        words = ngettext(
            "%(number)s has 20 tags already. %(advice)s",
            "%(number)s have 20 tags already. %(advice)s",
            len(tagged.full),
        )
        values = {"number": len(tagged.full), "advice": said(TooManyTags.says)}
        messages.error(request, words % values)
