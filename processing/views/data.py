"""Under /account/: the life of new photos, erasing all of them, all data as one download."""

from collections.abc import Iterator

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from accounts.audit import Actor
from accounts.models import User
from processing.access import everything_of, home_of
from processing.errors import BadEraseAfter
from processing.flows import erase
from processing.flows.export import export_data
from processing.flows.shorten import choose_life
from processing.views.context import Privacy
from processing.views.errors import refuse, refuse_photo, signed_in, takes
from processing.views.notices import say_erased

# Seconds after which an archive that nobody has ended does not keep the next one away.
LONGEST_EXPORT = 600
MOST_DIGITS = 9


@takes("POST")
@signed_in
def retention(request: HttpRequest) -> HttpResponseBase:
    """The life of what is uploaded from now on: `seconds`, or nothing for the site's own."""
    assert isinstance(request.user, User)
    asked = request.POST.get("seconds", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= MOST_DIGITS):
        return refuse(request, "bad_request")
    try:
        seconds = int(asked) if asked else None
        choose_life(home_of(request.user), seconds, Actor.of(request))
    except BadEraseAfter as error:
        return refuse_photo(request, error)
    words = gettext("Photos that you send from now on are erased within %(life)s.")
    messages.success(request, words % {"life": Privacy(request.user).life_words})
    return redirect("/account/#photos")


@takes("GET", "HEAD", "POST")
@signed_in
def erase_all(request: HttpRequest) -> HttpResponseBase:
    assert isinstance(request.user, User)
    if request.method == "POST":
        erased = erase.erase_all(request.user, Actor.of(request))
        say_erased(request, len(erased))
        return redirect("gallery")
    context = {"count": everything_of(request.user).count()}
    return render(request, "account/erase_all.html", context)


@takes("GET", "HEAD", "POST")
@signed_in
def data(request: HttpRequest) -> HttpResponseBase:
    """All data about the user: what it is, and by POST the archive itself."""
    assert isinstance(request.user, User)
    if request.method != "POST":
        context = {"count": everything_of(request.user).count()}
        return render(request, "account/data.html", context)
    running = f"export-{request.user.pk}"
    if not cache.add(running, 1, LONGEST_EXPORT):
        return refuse(request, "export_running")
    try:
        archive = export_data(request.user, Actor.of(request))
    except BaseException:
        cache.delete(running)
        raise
    response = StreamingHttpResponse(Export(archive, running), content_type="application/zip")
    name = f"backgrounderase-{timezone.now():%Y-%m-%d}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


class Export:
    """The archive on its way. However it ends, the next one can begin: a generator that was never
    started would not know of its end."""

    def __init__(self, archive: Iterator[bytes], running: str) -> None:
        self._archive, self._running = archive, running

    def __iter__(self) -> Iterator[bytes]:
        return self._archive

    def close(self) -> None:
        close = getattr(self._archive, "close", None)
        if close:
            close()
        cache.delete(self._running)
