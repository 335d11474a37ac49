"""What accounts tells the rest of the site, and what it hears from Django and allauth."""

import logging
from typing import Any, NamedTuple

from allauth.account import signals as account
from allauth.account.utils import filter_users_by_email
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import DatabaseError, transaction
from django.db.models.signals import post_save
from django.dispatch import Signal, receiver
from django.http import HttpRequest

from accounts.audit import Actor, note
from accounts.models import Action, Membership, User, Via, Workspace

log = logging.getLogger(__name__)

# Sent in the transaction that turns the opt-in off, with `user` and `at`, the time of the entry.
# Who keeps anything because of it lets go of it then, and answers with a Freed.
consent_withdrawn = Signal()


class Freed(NamedTuple):
    """How many photos are not kept any more: past their deadline, and before it."""

    due: int
    later: int


@receiver(post_save, sender=User, dispatch_uid="personal_workspace")
def make_personal_workspace(*, instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        workspace = Workspace.objects.create(owner=instance, personal=True)
        Membership.objects.create(workspace=workspace, user=instance)


@receiver(account.user_logged_in, dispatch_uid="note_signed_in")
def note_signed_in(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Action.SIGNED_IN, owner=user, by=_as(user, request))


@receiver(user_logged_out, dispatch_uid="note_signed_out")
def note_signed_out(*, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    # Whoever has closed the account is signed out by that, and leaves no network behind.
    if user is not None and User.objects.filter(pk=user.pk, closed_at=None).exists():
        note(Action.SIGNED_OUT, owner=user, by=_as(user, request))


@receiver(user_login_failed, dispatch_uid="note_refused_password")
def note_refused_password(
    *, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """To the owner of the account; an address that has none leaves no trace."""
    address = credentials.get("email")
    if not address or request is None:
        return
    for owner in filter_users_by_email(address, is_active=True):
        _note_refused(owner, request, "password")


@receiver(mfa.authentication_failed, dispatch_uid="note_refused_code")
def note_refused_code(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    _note_refused(user, request, "code")


@receiver(
    [account.password_set, account.password_changed, account.password_reset],
    dispatch_uid="note_password",
)
def note_password(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Action.SECURITY_CHANGED, owner=user, by=_as(user, request), detail="password")


@receiver(account.email_changed, dispatch_uid="note_address_changed")
def note_address_changed(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Action.SECURITY_CHANGED, owner=user, by=_as(user, request), detail="address changed")


@receiver(account.email_added, dispatch_uid="note_address_added")
def note_address_added(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Action.SECURITY_CHANGED, owner=user, by=_as(user, request), detail="address added")


@receiver(account.email_removed, dispatch_uid="note_address_removed")
def note_address_removed(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    note(Action.SECURITY_CHANGED, owner=user, by=_as(user, request), detail="address removed")


@receiver(mfa.authenticator_added, dispatch_uid="note_factor_added")
def note_factor_added(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _note_factor(request, user, authenticator, "added")


@receiver(mfa.authenticator_removed, dispatch_uid="note_factor_removed")
def note_factor_removed(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _note_factor(request, user, authenticator, "removed")


@receiver(mfa.authenticator_reset, dispatch_uid="note_factor_reset")
def note_factor_reset(
    *, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _note_factor(request, user, authenticator, "made anew")


def _note_factor(request: HttpRequest, user: User, authenticator: Authenticator, what: str) -> None:
    detail = f"{authenticator.type} {what}"
    note(Action.SECURITY_CHANGED, owner=user, by=_as(user, request), detail=detail)


def _note_refused(owner: User, request: HttpRequest, detail: str) -> None:
    """By nobody: that somebody knows an address does not make them its owner.

    The refusal is the answer, also when the database takes no entry.
    """
    nobody = Actor(None, Via.PAGE, Actor.of(request).address)
    try:
        with transaction.atomic():
            note(Action.SIGN_IN_FAILED, owner=owner, by=nobody, detail=detail)
    except DatabaseError as error:
        log.warning("a refused sign-in is not noted: %s", type(error).__name__)


def _as(user: User, request: HttpRequest) -> Actor:
    """The person whose session begins, ends or changes in this request."""
    return Actor(user, Via.PAGE, Actor.of(request).address)
