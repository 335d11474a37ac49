"""Signing out one device from another."""

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Action, User


def sign_out_device(user: User, device_id: int, by: Actor) -> bool:
    """Ends the session of one of the user's devices; False when it is gone or somebody else's."""
    device = UserSession.objects.filter(user=user, pk=device_id).first()
    if device is None:
        return False
    with transaction.atomic():
        device.end()
        audit.note(Action.SIGNED_OUT, owner=user, by=by, detail="another device")
    return True
