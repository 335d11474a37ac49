"""Closing the account, and the page that says it is closed."""

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from accounts import consent
from accounts.audit import Actor
from accounts.models import User
from processing.access import everything_of
from processing.flows.close_account import close_account
from processing.views.errors import View, signed_in, takes

WORD = "close"
confirmed_lately: Callable[[View[[]]], View[[]]] = reauthentication_required


@takes("GET", "HEAD", "POST")
@signed_in
@confirmed_lately
def close(request: HttpRequest) -> HttpResponseBase:
    """Asks for the password again and for a word, then closes the account for good."""
    assert isinstance(request.user, User)
    typed = request.POST.get("word", "").strip().lower()
    if request.method == "POST" and typed == WORD:
        erased = close_account(request.user, Actor.of(request))
        logout(request)
        messages.success(request, _what_was_done(erased))
        return redirect("account-closed")
    context = {
        "word": WORD,
        "typed_wrong": request.method == "POST",
        "count": everything_of(request.user).count(),
        "opted_in": consent.is_on(request.user),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "account/close.html", context, status=status)


@takes("GET", "HEAD")
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/closed.html")


def _what_was_done(erased: int) -> str:
    if not erased:
        return "Your account is closed. There were no images to erase."
    images = "1 image is" if erased == 1 else f"{erased} images are"
    return f"Your account is closed, and {images} erased."
