"""One shape for every refusal: {"error": {"code", "message"}} as JSON, or a page in plain words."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import get_template
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from processing.engine.errors import PhotoError
from processing.views.words import said

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

SENTENCES = {
    "bad_request": (
        400,
        _("This request cannot be understood. Check its fields and send it again."),
    ),
    "not_signed_in": (401, _("You are signed out. Sign in and try again.")),
    "csrf_failed": (403, _("This page is out of date. Reload it and try again.")),
    "forbidden": (403, _("This is not yours to open. Go to the gallery for what is.")),
    "not_found": (
        404,
        _(
            "There is nothing at this address: erased, or never there. Check it, or open the"
            " gallery."
        ),
    ),
    "no_receipt_yet": (
        404,
        _("This image is not erased yet, so it has no receipt. Try again when it is."),
    ),
    "unreadable_receipt": (
        400,
        _("This is not the JSON of a receipt. Save it anew from its page, and send it whole."),
    ),
    "unreadable_ticket": (
        400,
        _(
            "This is not the JSON of a claim ticket. Open the file that was saved, and send it"
            " whole."
        ),
    ),
    "wrong_method": (
        405,
        _("This address does not take that method. Use one of its Allow header."),
    ),
    "rate_limited": (429, _("There were too many attempts. Wait a few minutes and try again.")),
    "export_running": (
        429,
        _("Your data is being downloaded already. Try again when that has ended."),
    ),
    "engine_failed": (500, _("This failed on our side and is in the log. Try again.")),
}

# Where a person at a page needs other words than a program.
ON_PAGES = {
    "bad_request": _(
        "Some part of it is missing or damaged. Go back, reload the page and try again."
    ),
    "request_in_progress": _("This very upload is arriving already. Open the studio to see it."),
    "too_many_files": _(
        "These are more photos than can be sent at once. Send the others after them."
    ),
}


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def refuse(request: HttpRequest, code: str) -> HttpResponse:
    status, sentence = SENTENCES[code]
    return answer(request, code, str(sentence), status)


def answer(request: HttpRequest, code: str, sentence: str, status: int) -> HttpResponse:
    """`sentence` is in the reader's language already."""
    if wants_json(request):
        return JsonResponse({"error": {"code": code, "message": sentence}}, status=status)
    page = "403_csrf.html" if code == "csrf_failed" else f"{_page_for(status)}.html"
    particular = code in SENTENCES and sentence != str(SENTENCES[code][1])
    words = sentence if particular else str(ON_PAGES.get(code, sentence))
    return render(request, page, {"message": words, "status": status}, status=status)


def refuse_photo(request: HttpRequest, error: PhotoError) -> HttpResponse:
    return come_again(answer(request, error.code, said(error.sentence), error.status), error)


def come_again(response: R, error: PhotoError) -> R:
    """Says in the header when another go is worth it, where that is known."""
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def signed_in(view: View[P]) -> View[P]:
    """Only for people who are signed in: JSON gets 401, a page leads to sign-in and back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if wants_json(request):
            return refuse(request, "not_signed_in")
        back = request.get_full_path() if request.method == "GET" else "/"
        return redirect(f"/accounts/login/?{urlencode({'next': back})}")

    return guarded


def takes(*methods: str) -> Callable[[View[P]], View[P]]:
    """Only for these methods; Django's own decorator answers without a word."""

    def only(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method in methods:
                return view(request, *args, **kwargs)
            response = refuse(request, "wrong_method")
            response["Allow"] = ", ".join(methods)
            return response

        return guarded

    return only


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, "bad_request")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, "forbidden")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refuse(request, "not_found")


def rate_limited(request: HttpRequest) -> HttpResponse:
    return refuse(request, "rate_limited")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the context processors: they ask the database, which can be what failed."""
    if wants_json(request):
        return refuse(request, "engine_failed")
    return HttpResponse(get_template("500.html").render(), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refuse(request, "csrf_failed")


def _page_for(status: int) -> int:
    return status if status in {400, 403, 404, 405, 410, 413, 429, 500, 503} else 400
