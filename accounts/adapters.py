"""What allauth asks us: this site's words, its mail, and second factors stored encrypted."""

import logging
from itertools import count
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.second_factor import seal, unseal

log = logging.getLogger(__name__)

UNCONFIRMED = _("Confirm your e-mail address first.")
WRONG_CODE = _("This code is not right. Enter the one shown now.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed. Ask the people who run this site."),
        "cannot_remove_primary_email": _(
            "Make another address primary before you remove this one."
        ),
        "duplicate_email": _("This address is already one of yours."),
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "email_taken": _("There is an account with this address already. Sign in to it."),
        "enter_current_password": _("This is not your current password. Type it once more."),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("This is not your password. Type it once more."),
        "invalid_or_expired_key": _("This link has been used or has expired. Have a new one sent."),
        "invalid_login": _("The e-mail address or the password is wrong."),
        "invalid_password_reset": _("This link has been used or has expired. Have a new one sent."),
        "max_email_addresses": _("An account has %d addresses at most. Remove one first."),
        "rate_limited": _("There were too many attempts. Try again in a few minutes."),
        "same_as_current": _("This is what it is already. Choose another one."),
        "select_only_one": _("Choose one of them."),
        "too_many_login_attempts": _("There were too many attempts. Try again in a few minutes."),
        "unknown_email": _("No account has this address."),
        "unverified_primary_email": _("Confirm an address before you make it primary."),
    }

    def is_safe_url(self, url: str | None) -> bool:
        """Only addresses of this site: a link that signs in must not lead away."""
        return url is not None and url.startswith("/") and super().is_safe_url(url)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that refuses or is away ends nothing: what the mail is about has happened,
        and every page that waits for a link can have it sent again."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as error:
            # The kind alone: its text holds the address.
            log.error("%s could not be sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400
            _say_that_no_mail_comes()

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        message: str | None = None,
        **more: Any,
    ) -> None:
        """Leaves out what the page that comes next says itself."""
        resetting = request.path.startswith("/accounts/password/reset/")
        changed = message_template == "account/messages/password_changed.txt"
        if message != str(UNCONFIRMED) and not (resetting and changed):
            super().add_message(request, level, message_template, *args, message=message, **more)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery-code seeds in the database open nothing without SECRET_KEY."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "add_email_blocked": _(
            "Turn off two-step sign-in before you add an address, then set it up again."
        ),
        "cannot_delete_authenticator": _("Two-step sign-in stays on for this account."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a passkey first."),
        "incorrect_code": WRONG_CODE,
        "unverified_email": UNCONFIRMED,
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """ "Passkey", then "Passkey 2" and so on: the first that is free.

        In the language of who makes it: from then on it is theirs, like a name they type."""
        keys = Authenticator.objects.filter(user=user, type=type)
        taken = {key.data.get("name") for key in keys}
        first, more = gettext("Passkey"), gettext("Passkey %(number)s")
        names = (more % {"number": number} if number > 1 else first for number in count(1))
        return next(name for name in names if name not in taken)


def _say_that_no_mail_comes() -> None:
    if context.request is not None:
        messages.warning(
            context.request,
            gettext(
                "The e-mail about this could not be sent. If you need its link, "
                "have it sent again in a few minutes."
            ),
            fail_silently=True,
        )
