"""/privacy/: the facts in force, as a page and as JSON."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from processing.flows.facts import (
    cookies,
    facts_in_force,
    groups,
    kept_after_erasure,
    name_field,
    spell,
    summary,
)
from processing.views.errors import takes


@takes("GET", "HEAD")
def privacy(request: HttpRequest) -> HttpResponse:
    found = groups()
    context = {
        "summary": summary(),
        "groups": found,
        "facts": {fact.key: fact for _, facts in found for fact in facts},
        "cookies": [cookie | {"days": (cookie["seconds"] or 0) // 86_400} for cookie in cookies()],
        "alarm": spell(settings.BUDGET.alarm),
        "kept": [name_field(name) for name in kept_after_erasure()],
    }
    return render(request, "privacy.html", context)


@takes("GET", "HEAD")
def privacy_json(request: HttpRequest) -> HttpResponse:
    facts = {fact.key: fact.value for fact in facts_in_force()}
    return JsonResponse({"summary": summary(), **facts})
