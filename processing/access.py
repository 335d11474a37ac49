"""Who may do what to an image. Every query for somebody's images starts here."""

import uuid
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import User, Workspace
from processing.models import Image, ImageQuerySet, database_now


def images_of(user: User | AnonymousUser | Any) -> ImageQuerySet:
    """The images that a user can see now: live, not due, in a workspace of theirs."""
    images: ImageQuerySet = Image.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return images.none()
    return images.readable(database_now()).filter(workspace__members=user)


def find_image(user: User | AnonymousUser | Any, image_id: uuid.UUID) -> Image:
    """Raises Image.DoesNotExist alike for what never was, is gone, or is somebody else's."""
    return images_of(user).get(pk=image_id)


def home_of(user: User) -> Workspace:
    """The workspace that a user uploads to."""
    return Workspace.objects.get(owner=user, personal=True)
