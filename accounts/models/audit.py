"""Who did what: readable by the owner of what it was done to, and kept for a stated time."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User


class Action(models.TextChoices):
    """Dotted names, stable: they are what exports and programs see."""

    IMAGE_UPLOADED = "image.uploaded", _("Uploaded")
    IMAGE_VIEWED = "image.viewed", _("Viewed")
    IMAGE_DOWNLOADED = "image.downloaded", _("Downloaded")
    IMAGE_TAGGED = "image.tagged", _("Tags changed")
    IMAGE_EDITED = "image.edited", _("Edited")
    IMAGE_SHORTENED = "image.shortened", _("Given a shorter life")
    IMAGE_ERASED = "image.erased", _("Erased on request")
    IMAGE_EXPIRED = "image.expired", _("Erased at its deadline")
    TICKET_SAVED = "image.ticket_saved", _("Claim ticket saved")
    SHARE_CREATED = "share.created", _("Link made")
    SHARE_CHANGED = "share.changed", _("Link changed")
    SHARE_PAUSED = "share.paused", _("Link paused")
    SHARE_REVOKED = "share.revoked", _("Link ended")
    SHARE_VIEWED = "share.viewed", _("Viewed through a link")
    SHARE_DOWNLOADED = "share.downloaded", _("Downloaded through a link")
    CONSENT_ON = "consent.on", _("Training opt-in turned on")
    CONSENT_OFF = "consent.off", _("Training opt-in turned off")
    RETENTION_CHANGED = "workspace.retention_changed", _("Life of new photos changed")
    DATA_EXPORTED = "account.data_exported", _("Data downloaded")
    ACCOUNT_CLOSED = "account.closed", _("Account closed")
    SIGNED_IN = "account.signed_in", _("Signed in")
    SIGNED_OUT = "account.signed_out", _("Signed out")
    SIGN_IN_FAILED = "account.sign_in_failed", _("Sign-in refused")
    SECURITY_CHANGED = "account.security_changed", _("Password or second factor changed")
    STAFF_OPENED = "staff.opened", _("Opened by staff")
    STAFF_VIEWED = "staff.viewed", _("Viewed by staff")


class Via(models.TextChoices):
    PAGE = "page", _("a page")
    API = "api", _("the API")
    LINK = "link", _("a shared link")
    SYSTEM = "system", _("the system")
    STAFF = "staff", _("staff")


class AuditEntry(models.Model):
    """One act. Never a name, never content: ids, numbers and words of fixed lists."""

    at = models.DateTimeField()
    # No index of its own: `audit_of_owner` begins with it.
    owner = models.ForeignKey(User, models.PROTECT, related_name="audit_entries", db_index=False)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    via = models.CharField(max_length=8, choices=Via.choices)
    action = models.CharField(max_length=32, choices=Action.choices)
    image_id = models.UUIDField(null=True)  # No key: the entry outlives the image.
    share_id = models.UUIDField(null=True)  # The same: of the link that it was done with or to.
    count = models.IntegerField(default=1)
    detail = models.CharField(max_length=200, blank=True)  # A word of a list; staff: the reason.
    address = models.CharField(max_length=45, blank=True)  # Truncated: a network, no machine.
    # What happens often is noted once: the same act, by the same person, in the same hour.
    once = models.CharField(max_length=64, null=True)  # noqa: DJ001  Unique where given.

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "-at", "-id"], name="audit_of_owner"),
            models.Index(fields=["at"], name="audit_by_age"),
            models.Index(
                fields=["share_id", "-at"],
                condition=models.Q(share_id__isnull=False),
                name="audit_of_share",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["once"], condition=models.Q(once__isnull=False), name="noted_once"
            )
        ]

    def __str__(self) -> str:
        return f"audit entry {self.pk}"
