"""Checks receipts, claim tickets and heads of the chain. Pure: no clock, no database, no Django.

Whoever has the site's public keys can run this far away from the site (docs/receipts.md). Every
check says in one sentence what it found; what could not be checked, because an earlier one failed,
is listed too.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from processing.phrases import phrase
from processing.retention.documents import HEAD, RECEIPT, TICKET, Document, canonical, is_time

Content = Mapping[str, Any]
Keys = Mapping[str, str]  # Of the site: id to public key, 32 bytes in base64.


@dataclass(frozen=True)
class Check:
    code: str
    says: str
    holds: bool | None  # None: not checked, because an earlier check failed.


@dataclass(frozen=True)
class Proof:
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)

    @property
    def failure(self) -> Check | None:
        """The first check that failed."""
        return next((check for check in self.checks if not check.holds), None)

    def __add__(self, other: "Proof") -> "Proof":
        return Proof(self.checks + other.checks)


def check_certificate(certificate: Content, keys: Keys) -> Proof:
    """Whether this is a receipt as one of these keys signed it."""
    return Proof(tuple(_in_turn(certificate, keys, RECEIPT)))


def check_ticket(ticket: Content, keys: Keys) -> Proof:
    """Whether this is a claim ticket as one of these keys signed it."""
    return Proof(tuple(_in_turn(ticket, keys, TICKET)))


def check_head(head: Content, keys: Keys) -> Proof:
    """Whether this is an end of the chain as one of these keys signed it."""
    return Proof(tuple(_in_turn(head, keys, HEAD)))


def match(ticket: Content, certificate: Content, sha256: str | None = None) -> Proof:
    """Whether ticket and receipt speak of the same image, and the ticket of this very file.

    Both are to be checked by themselves too: this compares what they say.
    """
    pairs = {name: (ticket.get(name), certificate.get(name)) for name in ("image", "size")}
    arrivals = (ticket.get("received_at"), certificate.get("received_at"))
    checks = [
        _equal("image", pairs["image"], phrase("the same image")),
        _equal("size", pairs["size"], phrase("a photo of the same size")),
        _equal("received", arrivals, phrase("the same arrival")),
        _ordered(
            "due",
            (certificate.get("due_at"), ticket.get("due_at")),
            phrase("The receipt's deadline is the ticket's, or earlier."),
            phrase("The receipt's deadline is later than the ticket's: a life was lengthened."),
        ),
        _ordered(
            "issued",
            (ticket.get("issued_at"), certificate.get("unreadable_at")),
            phrase("The ticket was issued while the image could still be read."),
            phrase("The ticket was issued when the image could no longer be read."),
        ),
    ]
    if sha256 is not None:
        checks.append(check_file(ticket, sha256))
    return Proof(tuple(checks))


def check_file(ticket: Content, sha256: str) -> Check:
    if ticket.get("sha256") == sha256.strip().lower():
        return Check(
            "file", phrase("The file is the one that the ticket was issued for."), holds=True
        )
    return Check(
        "file", phrase("The file is not the one that the ticket was issued for."), holds=False
    )


def key_id(public_key: bytes) -> str:
    return hashlib.sha256(public_key).hexdigest()[:16]


def _in_turn(content: Content, keys: Keys, document: Document) -> Iterator[Check]:
    sound = True
    for code, unchecked, step in _STEPS:
        if code == "hash" and "hash" not in document.unsigned:
            continue  # Only what is a link of the chain carries its own hash.
        if not sound:
            yield Check(code, phrase("Not checked: %(what)s.", what=unchecked), holds=None)
            continue
        sound, says = step(content, keys, document)
        yield Check(code, says, holds=sound)


def _check_form(content: Content, keys: Keys, document: Document) -> tuple[bool, str]:
    fault = document.fault(content)
    return not fault, fault or phrase(
        "It has every field of a %(document)s, and no other.", document=document.words
    )


def _check_key(content: Content, keys: Keys, document: Document) -> tuple[bool, str]:
    name = content["key"]
    try:
        known = key_id(base64.b64decode(keys[name])) == name
    except (KeyError, ValueError):
        known = False
    if not known:
        return False, phrase("The key %(key)s is none of this site's.", key=name)
    return True, phrase("The key %(key)s is one of this site's.", key=name)


def _check_hash(content: Content, keys: Keys, document: Document) -> tuple[bool, str]:
    signed = canonical(document.signed_part(content))
    if hashlib.sha256(signed).hexdigest() != content["hash"]:
        return False, phrase("The hash is not that of what it says: something was changed.")
    return True, phrase("The hash is that of what it says.")


def _check_signature(content: Content, keys: Keys, document: Document) -> tuple[bool, str]:
    signed = canonical(document.signed_part(content))
    try:
        public_key(keys[content["key"]]).verify(base64.b64decode(content["signature"]), signed)
    except InvalidSignature:
        return False, phrase(
            "The signature is not that of the key: something was changed, or forged."
        )
    return True, phrase("The signature is that of the key: nothing was changed since.")


_Step = Callable[[Content, Keys, Document], tuple[bool, str]]
_STEPS: tuple[tuple[str, str, _Step], ...] = (
    ("form", phrase("whether it has the fields that it should"), _check_form),
    ("key", phrase("whether it names a key of this site"), _check_key),
    ("hash", phrase("whether its hash fits"), _check_hash),
    ("signature", phrase("whether the signature fits"), _check_signature),
)


@lru_cache(maxsize=64)
def public_key(base64_text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(base64_text))


def _equal(code: str, values: tuple[Any, Any], what: str) -> Check:
    if values[0] is not None and values[0] == values[1]:
        return Check(code, phrase("Ticket and receipt name %(what)s.", what=what), holds=True)
    return Check(code, phrase("Ticket and receipt do not name %(what)s.", what=what), holds=False)


def _ordered(code: str, times: tuple[Any, Any], right: str, wrong: str) -> Check:
    holds = is_time(times[0]) and is_time(times[1]) and times[0] <= times[1]
    return Check(code, right if holds else wrong, holds=holds)
