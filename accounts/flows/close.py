"""Closing an account: everything personal is taken out of it, and what is left is an id."""

from dataclasses import replace
from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.audit import Actor
from accounts.clock import entry_time
from accounts.consent import lock_users
from accounts.flows.consent import turn_off
from accounts.models import Action, How, Membership, User, Workspace


def close(user: User, by: Actor) -> None:
    """Turns the opt-in off, then blanks what is personal; all of it or nothing.

    The rows of the user and of their workspaces stay: the ledger and the receipts point at them.
    May run again for an account that is closed already.
    """
    nowhere = replace(by, address="")  # What is noted here is not to be blanked again.
    with transaction.atomic():
        lock_users([user.pk])
        user.refresh_from_db()
        if user.closed_at is not None:
            return
        turn_off(user, nowhere, How.CLOSING)
        _sign_out_everywhere(user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        _leave_workspaces(user)
        _blank(user)
        audit.blank_addresses(user)
        audit.note(Action.ACCOUNT_CLOSED, owner=user, by=nowhere)


def _sign_out_everywhere(user: User) -> None:
    """Their sessions open nothing any more in any case: the password's hash is part of them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for device in UserSession.objects.filter(user=user):
        store(device.session_key).delete()
    UserSession.objects.filter(user=user).delete()


def _leave_workspaces(user: User) -> None:
    Membership.objects.filter(Q(user=user) | Q(workspace__owner=user)).delete()
    Workspace.objects.filter(owner=user).update(retention_seconds=None)


def _blank(user: User) -> None:
    user.email = f"closed-{user.pk}@invalid"  # Unique, and no address: that name leads nowhere.
    user.set_unusable_password()
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.closed_at = user.date_joined = entry_time()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()
