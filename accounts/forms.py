"""The sign-up form, for two that arrive at once."""

from typing import Any

from allauth.account import app_settings
from allauth.account.forms import SignupForm as AllauthSignupForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """A button pressed twice sends two forms. The second finds an account that was not there when
    it was checked, and is answered like any form with a known address.
    """

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        try:
            return self._try(request)
        except IntegrityError:
            if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.MANDATORY:
                return None, redirect("account_login")
            self.account_already_exists = True
            return self._try(request)

    def _try(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        tried: tuple[Any, HttpResponse | None] = super().try_save(request)
        return tried
