"""The audit log: who did what to whose things, for the owner to read.

An entry holds ids, numbers and words of fixed lists, never a name or content. It is kept for
AUDIT_DAYS and then forgotten.
"""

import hashlib
import ipaddress
import logging
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts.clock import entry_time
from accounts.models import Action, AuditEntry, User, Via

log = logging.getLogger(__name__)
BATCH = 1000
REMEMBERED = 20_000


@dataclass(frozen=True)
class Actor:
    """Who acts, by which way, from which network (never from which machine)."""

    user: User | None
    via: Via
    address: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Actor":
        user = request.user if isinstance(request.user, User) else None
        return cls(user, Via.PAGE, network_of(_client_address(request)))

    @classmethod
    def visiting(cls, request: HttpRequest, owner: User) -> "Actor":
        """Whoever has a link, signed in or not; only its owner is known by it."""
        found = cls.of(request)
        return found if found.user == owner else cls(None, Via.LINK, found.address)


SYSTEM = Actor(None, Via.SYSTEM)


def network_of(address: str) -> str:
    """The network of an address: /24, or /48 for IPv6; empty for what is no address."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.IPv6Address(int(found))  # Without its zone.
    width = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network((found, width), strict=False))


def note(
    action: Action,
    *,
    owner: User,
    by: Actor,
    image_id: uuid.UUID | None = None,
    share_id: uuid.UUID | None = None,
    count: int = 1,
    detail: str = "",
) -> None:
    """Notes an act, in the transaction of the act: neither is there without the other.

    Raises DatabaseError.
    """
    entry = _entry(action, owner, by, image_id, detail, count=count)
    entry.share_id = share_id
    entry.save(force_insert=True)


def note_often(
    action: Action,
    *,
    owner: User,
    by: Actor,
    image_id: uuid.UUID | None = None,
    share_id: uuid.UUID | None = None,
    detail: str = "",
) -> None:
    """Notes what happens often, once an hour for each person, image, act and detail; of what is
    done through a link, once for each network.

    What is noted here is reading: it goes on when the database takes no entry, with a line in the
    log. Not so for staff, who see nothing without leaving a trace: then it raises DatabaseError.
    """
    hour = timezone.now().strftime("%Y-%m-%dT%H")
    network = by.address if share_id else ""
    whose = (by.user and by.user.pk, by.via, network, owner.pk)
    parts = (*whose, image_id, share_id, action, detail, hour)
    once = hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()
    if _LATELY.knows(once):
        return
    try:
        with transaction.atomic():
            entry = _entry(action, owner, by, image_id, detail, once=once)
            entry.share_id = share_id
            AuditEntry.objects.bulk_create([entry], ignore_conflicts=True)
            transaction.on_commit(lambda: _LATELY.add(once))
    except DatabaseError as error:
        if by.via == Via.STAFF:
            raise
        log.warning("an act (%s) is not noted: %s", action, type(error).__name__)


def forget_old_entries(now: datetime) -> int:
    """Deletes the entries that are older than AUDIT_DAYS; how many there were."""
    old = AuditEntry.objects.filter(at__lt=now - timedelta(days=settings.AUDIT_DAYS))
    forgotten = 0
    # In batches, so that nobody who writes an entry waits long.
    while ids := list(old.order_by("at").values_list("pk", flat=True)[:BATCH]):
        forgotten += AuditEntry.objects.filter(pk__in=ids).delete()[0]
    return forgotten


def blank_addresses(user: User) -> int:
    """Takes the networks out of what a person did and had done; how many entries held one.

    With them the hash that notes an act once an hour: all else in it stands in the entry, and
    networks are few enough to try every one.
    """
    theirs = AuditEntry.objects.filter(Q(owner=user) | Q(actor=user)).exclude(address="")
    return theirs.update(address="", once=None)


class _Lately:
    """What this process has noted lately, so that reading on costs no statement."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, key: str) -> bool:
        return key in self._keys

    def add(self, key: str) -> None:
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)


_LATELY = _Lately(REMEMBERED)


def _entry(
    action: Action,
    owner: User,
    by: Actor,
    image_id: uuid.UUID | None,
    detail: str,
    *,
    count: int = 1,
    once: str | None = None,
) -> AuditEntry:
    return AuditEntry(
        at=entry_time(),
        owner=owner,
        actor=by.user,
        via=by.via,
        action=action,
        image_id=image_id,
        count=count,
        detail=detail,
        address=by.address,
        once=once,
    )


def _client_address(request: HttpRequest) -> str:
    """By allauth's rule: as many proxies are believed as the settings say."""
    try:
        found: str = get_adapter(request).get_client_ip(request)
    except (PermissionDenied, ImproperlyConfigured):
        return ""  # Nothing depends on it, and no act fails for the want of it.
    return found
