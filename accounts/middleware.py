"""Keeps the list of signed-in devices up to date, and a lost SECRET_KEY from failing pages."""

import logging
from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from accounts.second_factor import SecretUnreadable

log = logging.getLogger(__name__)

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
            _note(request)
        return self.get_response(request)


class UnreadableCodes:
    """Recovery codes that cannot be read any more can be made anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, SecretUnreadable):
            return None
        messages.warning(request, gettext("Your recovery codes work no longer. Make new ones."))
        return render(request, "mfa/recovery_codes/generate.html", {"unused_code_count": 0})


def _note(request: HttpRequest) -> None:
    """A database that is full or locked can still be read: the page does not depend on this."""
    try:
        with transaction.atomic():
            UserSession.objects.create_from_request(request)
    except DatabaseError as error:
        log.warning("a device's visit is not noted: %s", type(error).__name__)


def _seen_lately(session_key: str) -> bool:
    since = timezone.now() - SEEN_EVERY
    lately = UserSession.objects.filter(session_key=session_key, last_seen_at__gt=since)
    return bool(lately.exists())
