"""Whether an upload may be kept for training: only if everybody it belongs to has opted in."""

from datetime import datetime

from accounts import consent
from accounts.models import ConsentEntry, User, Workspace


def agreed(
    uploader: User, workspace: Workspace, received_at: datetime
) -> tuple[ConsentEntry, ConsentEntry] | None:
    """The opt-ins of the uploader and of the workspace's owner, held until the transaction ends.

    None where either is off, or was when the first byte came. Needs a transaction. Nobody waits
    for a lock where it is off.
    """
    people = {uploader.pk, workspace.owner_id}
    if consent.grants().filter(user__in=people).count() < len(people):
        return None
    held = consent.lock_grants([uploader, workspace.owner])
    if len(held) < len(people) or any(entry.at > received_at for entry in held.values()):
        return None  # Turned off this moment, or on since the first byte.
    return held[uploader.pk], held[workspace.owner_id]
