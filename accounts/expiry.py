"""Sessions that have ended: nobody asks for them again, so nothing else deletes them."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef


def forget_expired_sessions(now: datetime) -> int:
    """Deletes sessions past their end, and devices (address and browser) whose session is gone.

    Returns how many rows there were.
    """
    sessions: int = Session.objects.filter(expire_date__lte=now).delete()[0]
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    devices: int = UserSession.objects.filter(~Exists(alive)).delete()[0]
    return sessions + devices
