"""Keeps the list of signed-in devices up to date without writing in every request."""

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

SEEN_EVERY = timedelta(minutes=5)


class SeenDevices:
    """Notes when a session was last seen, to five minutes.

    allauth's own middleware writes for every thumbnail of a gallery, and with SQLite every
    writer waits for every other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        if key and request.user.is_authenticated and not _seen_lately(key):
            UserSession.objects.create_from_request(request)
        return self.get_response(request)


def _seen_lately(session_key: str) -> bool:
    since = timezone.now() - SEEN_EVERY
    lately = UserSession.objects.filter(session_key=session_key, last_seen_at__gt=since)
    return bool(lately.exists())
