"""Why an image was erased: what its receipt says."""

from django.db import models


class Reason(models.TextChoices):
    DEADLINE = "deadline", "Its time had come"
    ASKED_FOR = "asked_for", "Somebody asked for it"
    DOWNLOADED = "downloaded", "It was to go after its download"
    CONSENT_WITHDRAWN = "consent_withdrawn", "The training opt-in was turned off"
    ACCOUNT_CLOSED = "account_closed", "The account was closed"
    BROKEN_OFF = "broken_off", "The upload broke off or was refused"
