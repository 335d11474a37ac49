"""Bodies of requests: only photos, and parts of photos, are large."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from bgerase_site.photos import is_for_photos
from processing.flows.edit import MOST_PICTURE_BYTES
from processing.views.errors import answer

EDITORS = re.compile(r"/images/([0-9a-f-]{36}/)?edit/")


class SmallBodies:
    """Refuses a long body at every address but those for photos and for pictures behind them,
    without reading it.

    Django's own limit leaves out files, and a file that nobody asked for is read to its end.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for_photos = is_for_photos(request.method or "", request.path_info)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        if request.method == "POST" and EDITORS.fullmatch(request.path_info):
            most += MOST_PICTURE_BYTES
        if for_photos or int(request.META.get("CONTENT_LENGTH") or 0) <= most:
            return self.get_response(request)
        sentence = gettext(
            "This request is larger than %(size)s MB. Only photos can be larger."
        ) % {"size": most // 1_000_000}
        return answer(request, "too_large", sentence, 413)
