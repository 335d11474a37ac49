"""The training opt-in: its wordings, and the ledger of who turned it on or off.

The latest entry of a user is what holds. An entry is written by accounts/flows/consent.py, with the
user's row locked and then the end of the chain, in this order everywhere; whoever relies on an
opt-in in a transaction locks the user's row too, so that turning it off waits for that transaction.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import get_language

from accounts import chain
from accounts.models import ChainHead, ConsentEntry, User

CHAIN = "consent"


@dataclass(frozen=True)
class Wording:
    """What somebody agrees to, exactly as it is shown: paragraphs with an empty line between."""

    version: str
    text: str
    language: str = "en"

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


# A wording is never changed and never removed: entries point at it by its hash. A new one goes to
# the end, and whoever had turned the opt-in on under an older one stays with that. A translation is
# a wording of its own: what somebody agrees to is what they read, in the language they read it in.
WORDINGS = (
    Wording(
        "1",
        "Photos that I upload while this is on, and what is made from them, are kept beyond 24"
        " hours: until I turn it off or erase them.\n\n"
        "They are used to train background-removal models, on this site’s own machines. What a"
        " model has learned from them stays in it.\n\n"
        "I can turn it off at any time, and it works at once: nothing is used for training from"
        " then on, what is past its deadline is erased at the next sweep, and the rest at its own"
        " deadline.\n\n"
        "Nothing that I uploaded earlier is covered, and turning it on again brings nothing back.",
    ),
    Wording(
        "1-de",
        "Fotos, die ich hochlade, während dies eingeschaltet ist, und alles, was daraus entsteht,"
        " werden länger als 24 Stunden behalten: bis ich es ausschalte oder sie lösche.\n\n"
        "Sie dienen dazu, Modelle zum Freistellen von Bildern zu trainieren, auf den eigenen"
        " Rechnern dieser Website. Was ein Modell aus ihnen gelernt hat, bleibt in ihm.\n\n"
        "Ich kann es jederzeit ausschalten, und das wirkt sofort: Von da an wird nichts mehr fürs"
        " Training verwendet; was seine Löschfrist überschritten hat, wird beim nächsten Lauf des"
        " Löschdienstes gelöscht, alles Übrige zu seiner eigenen Frist.\n\n"
        "Was ich vorher hochgeladen habe, ist nicht erfasst, und erneutes Einschalten bringt nichts"
        " zurück.",
        "de",
    ),
)


def in_force() -> dict[str, Wording]:
    """By language: what can be agreed to now."""
    return {wording.language: wording for wording in WORDINGS}


def current() -> Wording:
    """What is shown to whoever reads now; the English one where their language has none."""
    wordings = in_force()
    return wordings.get(get_language() or "en", wordings["en"])


def wording_of(version: str) -> Wording:
    """Raises KeyError for a version that never was."""
    return {wording.version: wording for wording in WORDINGS}[version]


def latest(user: User) -> ConsentEntry | None:
    return history(user).first()


def is_on(user: User) -> bool:
    entry = latest(user)
    return entry is not None and entry.on


def history(user: User) -> QuerySet[ConsentEntry]:
    """Newest first."""
    return ConsentEntry.objects.filter(user=user).order_by("-number")


def grants() -> QuerySet[ConsentEntry]:
    """The entries that hold: the latest of their users, and on. Read anew whenever it is used."""
    later = ConsentEntry.objects.filter(user=OuterRef("user"), number__gt=OuterRef("number"))
    return ConsentEntry.objects.filter(~Exists(later), on=True)


def lock_grants(users: Iterable[User]) -> dict[uuid.UUID, ConsentEntry]:
    """The entries of these users that hold, by the user's id, until the transaction ends.

    Needs a transaction. Locks the users' rows in the order of their ids.
    """
    ids = lock_users(user.pk for user in users)
    return {entry.user_id: entry for entry in grants().filter(user__in=ids)}


def lock_users(ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """The ids of those that are there. Needs a transaction."""
    assert transaction.get_connection().in_atomic_block
    rows = User.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))


def as_entry(entry: ConsentEntry) -> dict[str, Any]:
    """What is hashed. `at` has microseconds always, and its zone is UTC."""
    return {
        "number": entry.number,
        "user": str(entry.user_id),
        "on": entry.on,
        "wording_version": entry.wording_version,
        "wording_hash": entry.wording_hash,
        "at": entry.at.isoformat(timespec="microseconds"),
        "how": str(entry.how),
        "address": entry.address,
        "previous_hash": entry.previous_hash,
    }


def verify_ledger() -> int:
    """The number of the first entry that does not hold; 0 when all do.

    An entry holds when its hash is that of what it says, it is linked to the one before it, and its
    wording is one that was shown. Nobody adds to the chain meanwhile.
    """
    with transaction.atomic():
        chain.lock_head(CHAIN)
        head = ChainHead.objects.get(pk=CHAIN)
        known = {(wording.version, wording.hash) for wording in WORDINGS}
        entries = ConsentEntry.objects.order_by("number")
        strange = (
            entry.number
            for entry in entries.iterator()
            if (entry.wording_version, entry.wording_hash) not in known
        )
        broken = chain.broken_at(((as_entry(e), e.hash) for e in entries.iterator()), head)
        found = [number for number in (broken, next(strange, 0)) if number]
    return min(found, default=0)
