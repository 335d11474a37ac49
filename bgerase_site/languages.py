"""Which language an answer is in: the reader's for pages, English for programs."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

ENGLISH = "en"
# What the site's own scripts say when they ask for JSON whose sentences they will show.
PAGE_HEADER = "X-Page-Language"
# Files that programs read, whoever fetches them.
DATA = (".json", ".csv")


class ReadersLanguage:
    """The choice in the cookie, else what the browser asks for, else BGERASE_LANGUAGE.

    Where JSON is asked for, or a file that programs read, sentences are English: what a program
    compares or logs does not depend on whose machine it runs on. Unlike Django's own middleware
    this one leaves its thread as it was.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = language_for(request)
        with translation.override(language):
            response = self.get_response(request)
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind in {"text/html", "application/json"}:
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept", "Accept-Language", "Cookie", PAGE_HEADER))
        return response


def language_for(request: HttpRequest) -> str:
    said = request.headers.get(PAGE_HEADER, "")
    if said in dict(settings.LANGUAGES):
        return said
    wanted = request.get_preferred_type(["text/html", "application/json"])
    if wanted == "application/json" or request.path.endswith(DATA):
        return ENGLISH
    return translation.get_language_from_request(request)
