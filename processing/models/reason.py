"""Why an image was erased: what its receipt says."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    DEADLINE = "deadline", _("Its time had come")
    ASKED_FOR = "asked_for", _("Its owner erased it")
    DOWNLOADED = "downloaded", _("It was to go after its download")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("The training opt-in was turned off")
    ACCOUNT_CLOSED = "account_closed", _("The account was closed")
    BROKEN_OFF = "broken_off", _("The upload broke off or was refused")
