"""What a receipt, a claim ticket and the head of the chain look like as JSON. Pure: no Django.

Each has exactly these fields. What is signed is the canonical JSON of all of them but the
signature, and but the hash of a receipt, which is the SHA-256 of those same bytes.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from processing.phrases import phrase

MOST_CHARACTERS = 20_000  # A receipt has about 900, a ticket 700.
VERSION = 1

Fits = Callable[[Any], bool]


class Unreadable(Exception):
    """A text that is no JSON object; the message says what is wrong with it."""


@dataclass(frozen=True)
class Document:
    """A kind of document: what people call it, its `type`, what each field has to be."""

    words: str
    type: str
    fields: Mapping[str, Fits]
    unsigned: frozenset[str]

    def fault(self, content: Mapping[str, Any]) -> str:
        """What is wrong with the form of `content`, in a sentence; empty when nothing is."""
        for name in content:
            if name not in self.fields:
                return phrase(
                    "A %(document)s has no field “%(field)s”.",
                    document=self.words,
                    field=str(name)[:40],
                )
        for name, fits in self.fields.items():
            if name not in content:
                return phrase(
                    "The field “%(field)s” of a %(document)s is missing.",
                    field=name,
                    document=self.words,
                )
            if not fits(content[name]):
                return phrase(
                    "The field “%(field)s” is not what a %(document)s has there.",
                    field=name,
                    document=self.words,
                )
        return ""

    def signed_part(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in content.items() if name not in self.unsigned}


def read(text: str) -> dict[str, Any]:
    """The JSON object that a text holds. Raises Unreadable."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable("is too long")
    try:
        content = json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("is not JSON") from None
    if not isinstance(content, dict):
        raise Unreadable("is JSON of something else")
    return content


def canonical(content: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: RFC 8785 for what occurs here, no floats among it."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def is_time(value: Any) -> bool:
    """2026-03-04T05:06:07.089Z: to the millisecond, in UTC. Two of them compare as text."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_number(value: Any, least: int = 0) -> bool:
    return type(value) is int and least <= value < 2**53  # What every program reads exactly.


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def _is_text(value: Any) -> bool:
    """Half of a surrogate pair is what JSON can say and UTF-8 cannot."""
    try:
        return isinstance(value, str) and bool(value.encode() or not value)
    except UnicodeEncodeError:
        return False


def _is_copies(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _KIND.fullmatch(kind) and _is_number(number, 1) for kind, number in value.items()
    )


def _is_signature(value: Any) -> bool:
    """Base64 in its one canonical spelling: others decode to the same bytes."""
    try:
        raw = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        return False
    return len(raw) == 64 and base64.b64encode(raw).decode() == value


def _one_of(pattern: str) -> Fits:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and bool(compiled.fullmatch(value))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that stands there twice, every program takes another one."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name stands there twice")
    return content


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_KIND = re.compile(r"[a-z0-9._-]{1,32}")
_HASH = _one_of(r"[0-9a-f]{64}")
_SIGNED: dict[str, Fits] = {
    "v": lambda value: type(value) is int and value == VERSION,
    "key": _one_of(r"[0-9a-f]{16}"),
    "signature": _is_signature,
}

RECEIPT = Document(
    phrase("receipt"),
    "receipt",
    _SIGNED
    | {
        "type": _one_of("receipt"),
        "number": lambda value: _is_number(value, 1),
        "previous_hash": _HASH,
        "image": _is_id,
        "workspace": _is_id,
        "received_at": is_time,
        "due_at": is_time,
        "kept_until": lambda value: value is None or is_time(value),
        "unreadable_at": is_time,
        "erased_at": is_time,
        "size": _is_number,
        "copies": _is_copies,
        "objects_deleted": _is_number,
        "reason": _one_of(r"[a-z_]{1,32}"),
        "hash": _HASH,
    },
    frozenset({"signature", "hash"}),
)
TICKET = Document(
    phrase("claim ticket"),
    "ticket",
    _SIGNED
    | {
        "type": _one_of("ticket"),
        "image": _is_id,
        "name": _is_text,
        "sha256": _HASH,
        "size": _is_number,
        "received_at": is_time,
        "due_at": is_time,
        "issued_at": is_time,
    },
    frozenset({"signature"}),
)
HEAD = Document(
    "head of the chain",
    "head",
    _SIGNED | {"type": _one_of("head"), "number": _is_number, "hash": _HASH, "at": is_time},
    frozenset({"signature"}),
)
