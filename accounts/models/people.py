"""People, and the workspaces that own images."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user signs in by e-mail: an address is needed.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)  # Then nothing personal is left in this row.

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With the workspace that a signal makes for a new user, or not at all."""
        with transaction.atomic():
            super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"user {self.id}"  # Never the address: this ends up in logs.


class Workspace(models.Model):
    """The owner of images. Every user has a personal one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, models.PROTECT, related_name="owned_workspaces")
    personal = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # A life shorter than the site's, for what is uploaded from now on; null is the site's.
    retention_seconds = models.IntegerField(null=True)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="workspaces"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner"],
                condition=models.Q(personal=True),
                name="one_personal_workspace_each",
            ),
            models.CheckConstraint(
                name="retention_within_24_hours",
                condition=models.Q(retention_seconds__isnull=True)
                | models.Q(retention_seconds__gte=60, retention_seconds__lte=86_400),
            ),
        ]

    def __str__(self) -> str:
        return f"workspace {self.id}"


class Membership(models.Model):
    workspace = models.ForeignKey(Workspace, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "user"], name="a_member_once")
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"
