"""The ledger of the training opt-in: who turned it on or off, when, on which wording."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import AppendOnly
from accounts.models.people import User


class How(models.TextChoices):
    PAGE = "page", _("on the account page")
    CLOSING = "closing", _("by closing the account")


class ConsentEntry(AppendOnly):
    """Hash-chained; the latest entry of a user is what holds now. See accounts/consent.py."""

    number = models.BigIntegerField(primary_key=True)  # Its place in the chain, from 1.
    user = models.ForeignKey(User, models.PROTECT, related_name="consent_entries")
    on = models.BooleanField()
    wording_version = models.CharField(max_length=16)
    wording_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    how = models.CharField(max_length=8, choices=How.choices)
    address = models.CharField(max_length=45, blank=True)  # Truncated: a network, no machine.
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-number"], name="consent_of_user")]

    def __str__(self) -> str:
        return f"consent {self.number}"
