"""/account/training/: the opt-in "AI Training Data", and the history of one's own."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import consent
from accounts.audit import Actor
from accounts.flows.consent import StaleWording, Withdrawn, turn_off, turn_on
from accounts.models import User

PANEL = "/account/#training-data"
STALE = gettext_lazy(
    "The wording has changed since you opened this page. Read it again before you turn it on."
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def training(request: HttpRequest) -> HttpResponse:
    """The wording with one button. Nothing but pressing it turns the opt-in on."""
    assert isinstance(request.user, User)
    if request.method != "POST":
        return _wording(request, request.user)
    try:
        turn_on(request.user, Actor.of(request), request.POST.get("wording", ""))
    except StaleWording:
        return _wording(request, request.user, str(STALE), status=409)
    messages.success(
        request,
        gettext(
            "On. Photos that you upload from now on are kept for training until you turn it off."
        ),
    )
    return redirect(PANEL)


@login_required
@require_POST
def off(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    withdrawn = turn_off(request.user, Actor.of(request))
    messages.success(request, _what_follows(withdrawn) if withdrawn else gettext("It is off."))
    return redirect(PANEL)


@login_required
@require_GET
def history(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    entries = list(consent.history(request.user))
    wordings = [consent.wording_of(version) for version in _versions(entries)]
    return render(
        request, "account/training_history.html", {"entries": entries, "wordings": wordings}
    )


@login_required
@require_GET
def history_json(request: HttpRequest) -> HttpResponse:
    """The same, oldest first, with what each hash is made of."""
    assert isinstance(request.user, User)
    entries = list(consent.history(request.user).reverse())
    told = {
        "entries": [{**consent.as_entry(entry), "hash": entry.hash} for entry in entries],
        "wordings": {
            version: {
                "text": consent.wording_of(version).text,
                "hash": consent.wording_of(version).hash,
            }
            for version in _versions(entries)
        },
    }
    response = JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="training-history.json"'
    return response


def _wording(request: HttpRequest, user: User, stale: str = "", status: int = 200) -> HttpResponse:
    entry = consent.latest(user)
    held = entry if entry is not None and entry.on else None
    wording = consent.wording_of(held.wording_version) if held else consent.current()
    told: dict[str, Any] = {"held": held, "wording": wording, "stale": stale}
    return render(request, "account/training.html", told, status=status)


def _what_follows(withdrawn: Withdrawn) -> str:
    """ "Off. 12 photos past their deadline are being erased now; 1 other goes at its own." """
    due, later = withdrawn.due, withdrawn.later
    if not due and not later:
        return gettext("Off. No photo of yours was kept.")
    now = ngettext(
        "%(number)s photo past its deadline is being erased now",
        "%(number)s photos past their deadline are being erased now",
        due,
    ) % {"number": intcomma(due)}
    if not later:
        return gettext("Off. %(now)s.") % {"now": now}
    if not due:
        alone = ngettext(
            "Off. %(number)s photo goes at its own deadline.",
            "Off. %(number)s photos go at their own deadline.",
            later,
        )
        return alone % {"number": intcomma(later)}
    both = ngettext(
        "Off. %(now)s; %(number)s other goes at its own deadline.",
        "Off. %(now)s; %(number)s others go at their own deadline.",
        later,
    )
    return both % {"now": now, "number": intcomma(later)}


def _versions(entries: list[Any]) -> list[str]:
    return list(dict.fromkeys(entry.wording_version for entry in entries))
