"""/account/activity/: who did what, for the owner to read and to take away."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from accounts.activity import (
    KINDS,
    SIGNS,
    Filters,
    entries_of,
    in_chunks,
    who,
    write_csv,
    write_json,
)
from accounts.models import Action, AuditEntry, User

PAGE_ENTRIES = 50


@login_required
@require_GET
def activity(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    filters = Filters.read(request.GET.dict())
    entries = Paginator(entries_of(request.user, filters), PAGE_ENTRIES)
    page: Any = entries.get_page(request.GET.get("page"))
    page.object_list = [_present(entry) for entry in page.object_list]
    return render(
        request,
        "account/activity.html",
        {
            "page": page,
            "filters": filters,
            "chips": _chips(filters),
            "query": urlencode(filters.query),
            "audit_days": settings.AUDIT_DAYS,
        },
    )


@login_required
@require_GET
def as_csv(request: HttpRequest) -> StreamingHttpResponse:
    return _file("activity.csv", "text/csv; charset=utf-8", write_csv(_asked_for(request)))


@login_required
@require_GET
def as_json(request: HttpRequest) -> StreamingHttpResponse:
    return _file("activity.json", "application/json", write_json(_asked_for(request)))


def _asked_for(request: HttpRequest) -> Iterator[AuditEntry]:
    """Read while it is sent: a log can be long."""
    assert isinstance(request.user, User)
    return in_chunks(entries_of(request.user, Filters.read(request.GET.dict())))


def _file(name: str, kind: str, lines: Iterator[str]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chips(filters: Filters) -> list[dict[str, Any]]:
    """One for each kind, which keeps the other filters."""
    words = {"": gettext("Everything")} | {kind: words for kind, (words, _) in KINDS.items()}
    return [
        {
            "words": text,
            "query": urlencode({**filters.query, "kind": kind} if kind else _without_kind(filters)),
            "chosen": filters.kind == kind,
        }
        for kind, text in words.items()
    ]


def _without_kind(filters: Filters) -> dict[str, str]:
    return {name: value for name, value in filters.query.items() if name != "kind"}


def _present(entry: AuditEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "sign": SIGNS.get(Action(entry.action), "info"),
        "who": who(entry),
        "tone": _tone(Action(entry.action)),
    }


def _tone(action: Action) -> str:
    """The colour of what touches the two states of privacy, and of what needs a look."""
    if action == Action.CONSENT_ON:
        return "kept"
    if action in {Action.CONSENT_OFF, Action.IMAGE_ERASED, Action.IMAGE_EXPIRED}:
        return "erased"
    if action in {Action.SIGN_IN_FAILED, Action.STAFF_OPENED, Action.STAFF_VIEWED}:
        return "noted"
    return ""
