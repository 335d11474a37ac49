"""Who may do what to an image. Every query for somebody's images starts here."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from processing.models import (
    Image,
    ImageQuerySet,
    Life,
    Receipt,
    Share,
    ShareItem,
    ShareQuerySet,
    database_now,
)


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


def find_upload(user: User | AnonymousUser | Any, image_id: uuid.UUID) -> Image:
    """An upload of theirs that is arriving in parts, or has arrived: for sending it on.

    Nobody else's, not even in a shared workspace. Raises Image.DoesNotExist, as `find_image`.
    """
    if not isinstance(user, User) or not user.is_active:
        raise Image.DoesNotExist
    now = database_now()
    arriving = Q(life=Life.RECEIVING, purge_at__gt=now, arrival__isnull=False)
    live = Q(life=Life.LIVE) & (Q(purge_at__gt=now) | Q(kept=True))
    images = Image.objects.select_related("workspace__owner", "arrival")
    return images.get(arriving | live, pk=image_id, uploaded_by=user, workspace__members=user)


def neighbours_of(user: User | AnonymousUser | Any, image: Image) -> dict[str, uuid.UUID | None]:
    """The ids of the images before and after it in the gallery, newest first."""
    at, pk = image.received_at, image.pk
    newer = Q(received_at__gt=at) | Q(received_at=at, pk__gt=pk)
    older = Q(received_at__lt=at) | Q(received_at=at, pk__lt=pk)
    ids = images_of(user).values_list("pk", flat=True)
    return {
        "newer": ids.filter(newer).order_by("received_at", "id").first(),
        "older": ids.filter(older).order_by("-received_at", "-id").first(),
    }


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


def shares_of(user: User | AnonymousUser | Any) -> ShareQuerySet:
    """The links of workspaces of theirs, newest first."""
    shares: ShareQuerySet = Share.objects.all()
    if not isinstance(user, User) or not user.is_active:
        return shares.none()
    theirs = shares.filter(workspace__members=user).select_related("workspace__owner")
    return theirs.order_by("-created_at", "-id")


def shared_items(share: Share, now: datetime) -> QuerySet[ShareItem]:
    """What can be read of a link's images now, in their order: for whoever has the link."""
    readable = Image.objects.readable(now)
    items = ShareItem.objects.filter(share=share, image__in=readable)
    return items.select_related("image").order_by("place")


def workspaces_of(user: User | AnonymousUser | Any) -> list[uuid.UUID]:
    """The ids of the workspaces that a user is in."""
    if not isinstance(user, User) or not user.is_active:
        return []
    return list(Workspace.objects.filter(members=user).values_list("pk", flat=True))


def home_of(user: User) -> Workspace:
    """The workspace that a user uploads to."""
    return Workspace.objects.get(owner=user, personal=True)
