from accounts.models.append_only import AppendOnly, AppendOnlyQuerySet
from accounts.models.audit import Action, AuditEntry, Via
from accounts.models.chain import ChainHead
from accounts.models.consent import ConsentEntry, How
from accounts.models.people import Membership, User, UserManager, Workspace

__all__ = [
    "Action",
    "AppendOnly",
    "AppendOnlyQuerySet",
    "AuditEntry",
    "ChainHead",
    "ConsentEntry",
    "How",
    "Membership",
    "User",
    "UserManager",
    "Via",
    "Workspace",
]
