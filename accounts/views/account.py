"""The account page. Changing things is allauth's, at /accounts/…."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import consent
from accounts.audit import Actor
from accounts.flows.sign_out import sign_out_device
from accounts.models import User, Workspace
from accounts.second_factor import SecretUnreadable


@login_required
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    opt_in = consent.latest(user)
    return render(
        request,
        "account.html",
        {
            "workspace": Workspace.objects.get(owner=user, personal=True),
            "authenticators": _authenticators(user),
            "devices": UserSession.objects.purge_and_list(user),
            "held": opt_in if opt_in and opt_in.on else None,
            "wording": consent.current(),
            "entries": consent.history(user).count() if opt_in else 0,
            "audit_days": settings.AUDIT_DAYS,
            "emails": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        },
    )


@login_required
@require_POST
def sign_out(request: HttpRequest, device_id: int) -> HttpResponse:
    assert isinstance(request.user, User)
    if sign_out_device(request.user, device_id, Actor.of(request)):
        messages.success(request, gettext("That device is signed out."))
    return redirect("/account/#devices")


def _authenticators(user: User) -> dict[str, bool | int]:
    kinds = Authenticator.Type
    found = list(Authenticator.objects.filter(user=user))
    codes = [RecoveryCodes(entry) for entry in found if entry.type == kinds.RECOVERY_CODES]
    return {
        "totp": any(entry.type == kinds.TOTP for entry in found),
        "recovery_codes_left": sum(map(_count, codes)),
        "passkeys": sum(entry.type == kinds.WEBAUTHN for entry in found),
    }


def _count(codes: RecoveryCodes) -> int:
    try:
        return len(codes.get_unused_codes())
    except SecretUnreadable:
        return 0
