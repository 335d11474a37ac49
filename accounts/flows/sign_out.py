"""Signing out one device from another."""

from allauth.usersessions.models import UserSession

from accounts.models import User


def sign_out_device(user: User, device_id: int) -> bool:
    """Ends the session of one of the user's devices; False when it is gone or somebody else's."""
    device = UserSession.objects.filter(user=user, pk=device_id).first()
    if device is None:
        return False
    device.end()
    return True
