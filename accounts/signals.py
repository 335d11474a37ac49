from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Membership, User, Workspace


@receiver(post_save, sender=User, dispatch_uid="personal_workspace")
def make_personal_workspace(*, instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    if created and not raw:
        workspace = Workspace.objects.create(owner=instance, personal=True)
        Membership.objects.create(workspace=workspace, user=instance)
