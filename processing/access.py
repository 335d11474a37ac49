"""Who may do what to an image. Every query for somebody's images starts here."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from processing.models import Image, ImageQuerySet, Life, Receipt, database_now


def images_of(user: User | AnonymousUser | Any) -> ImageQuerySet:
    """The images that a user can see now: live, not due, in a workspace of theirs."""
    images: ImageQuerySet = Image.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return images.none()
    return images.readable(database_now()).filter(workspace__members=user)


def find_image(user: User | AnonymousUser | Any, image_id: uuid.UUID) -> Image:
    """Raises Image.DoesNotExist alike for what never was, is gone, or is somebody else's.

    With the workspace's owner, who can read what is done to it.
    """
    return images_of(user).select_related("workspace__owner").get(pk=image_id)


def everything_of(user: User) -> ImageQuerySet:
    """All that is stored because of a user and not being erased yet, what is still arriving too."""
    images: ImageQuerySet = Image.objects.all()
    return images.because_of(user).exclude(life=Life.ERASING).select_related("workspace__owner")


def leaving_of(user: User | AnonymousUser | Any, now: datetime) -> ImageQuerySet:
    """The images in workspaces of theirs that nobody can read any more and that still have a row.

    Newest first, for saying how far erasing is: they have neither name nor content.
    """
    images: ImageQuerySet = Image.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return images.none()
    due = Q(purge_at__lte=now, kept=False)
    leaving = images.filter(Q(life=Life.ERASING) | due, workspace__members=user)
    return leaving.order_by("-received_at", "-id")


def receipts_of(user: User | AnonymousUser | Any) -> QuerySet[Receipt]:
    """The receipts of what was erased from workspaces of theirs."""
    receipts: QuerySet[Receipt] = Receipt.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return receipts.none()
    return receipts.filter(workspace__members=user)


def workspaces_of(user: User | AnonymousUser | Any) -> list[uuid.UUID]:
    """The ids of the workspaces that a user is in."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return list(Workspace.objects.filter(members=user).values_list("pk", flat=True))


def home_of(user: User) -> Workspace:
    """The workspace that a user uploads to."""
    return Workspace.objects.get(owner=user, personal=True)
