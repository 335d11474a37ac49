"""Closing the account, and the page that says it is closed.

Nobody is signed in there. So that the receipts of the images that went with the account can still
be saved, the address holds a signed word for an hour; a receipt has no name and no content.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from accounts import consent
from accounts.audit import Actor
from accounts.models import User
from processing.access import everything_of
from processing.flows.close_account import close_account
from processing.flows.export import export_receipts
from processing.models import Image, Life
from processing.views.errors import View, refuse, signed_in, takes

WORD = "close"  # In every language, and as programs send it.
SALT = "receipts of a closed account"
AN_HOUR = 3600  # Seconds.
confirmed_lately: Callable[[View[[]]], View[[]]] = reauthentication_required


@takes("GET", "HEAD", "POST")
@signed_in
@confirmed_lately
def close(request: HttpRequest) -> HttpResponseBase:
    """Asks for the password again and for a word, then closes the account for good."""
    assert isinstance(request.user, User)
    typed = request.POST.get("word", "").strip().lower()
    if request.method == "POST" and typed in {WORD, _word()}:
        user = request.user
        erased = close_account(user, Actor.of(request))
        logout(request)
        messages.success(request, _what_was_done(erased))
        token = signing.dumps(str(user.pk), salt=SALT)
        return redirect(f"{reverse('account-closed')}?{urlencode({'for': token})}")
    context = {
        "word": _word(),
        "typed_wrong": request.method == "POST",
        "count": everything_of(request.user).count(),
        "opted_in": consent.is_on(request.user),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "account/close.html", context, status=status)


@takes("GET", "HEAD")
def closed(request: HttpRequest) -> HttpResponse:
    """With the word of the one who has just closed it, also their receipts."""
    user = _just_closed(request)
    leaving = Image.objects.filter(workspace__owner=user, life=Life.ERASING) if user else None
    context = (
        {"token": request.GET["for"], "leaving": leaving.count()} if leaving is not None else {}
    )
    return render(request, "account/closed.html", context)


@takes("GET", "HEAD")
def closed_receipts(request: HttpRequest) -> HttpResponseBase:
    """All receipts of an account that was closed within the last hour."""
    user = _just_closed(request)
    if user is None:
        return refuse(request, "not_found")
    response = StreamingHttpResponse(export_receipts(user), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="receipts.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _word() -> str:
    """What the page asks for, in its own language."""
    return pgettext("to be typed to close the account", "close")


def _just_closed(request: HttpRequest) -> User | None:
    """Whose account it was; None without a word, with a forged one, and an hour later."""
    try:
        user_id = signing.loads(request.GET.get("for", ""), salt=SALT, max_age=AN_HOUR)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=user_id).exclude(closed_at=None).first()


def _what_was_done(erased: int) -> str:
    if not erased:
        return gettext("Your account is closed. There were no images to erase.")
    words = ngettext(
        "Your account is closed, and %(number)s image is erased.",
        "Your account is closed, and %(number)s images are erased.",
        erased,
    )
    return words % {"number": erased}
