"""Hash chains: each entry is linked to the one before, so that none is changed or left out unseen.

An entry's hash is the SHA-256 of its canonical JSON, which holds the number of the entry and the
hash of the one before it (64 zeros for the first). The form is that of RFC 8785 for what occurs
here: keys sorted, no blanks, UTF-8, no floats.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.models import ChainHead

ORIGIN = "0" * 64


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed, and signed where there is a signature."""
    return json.dumps(
        entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def hash_of(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


def lock_head(name: str) -> ChainHead:
    """The end of a chain, locked until the transaction ends. Needs a transaction."""
    assert transaction.get_connection().in_atomic_block
    ChainHead.objects.bulk_create([ChainHead(name=name)], ignore_conflicts=True)
    return ChainHead.objects.select_for_update(no_key=True).get(pk=name)


def link(head: ChainHead, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with its number and its link, and the head moved on to it (save it at the end)."""
    linked = {**entry, "number": head.number + 1, "previous_hash": head.hash}
    head.number, head.hash = head.number + 1, hash_of(linked)
    return linked


def broken_at(entries: Iterable[tuple[Mapping[str, Any], str]], head: ChainHead | None) -> int:
    """The number of the first place where a chain does not hold; 0 when it holds.

    `entries`: each linked entry with the hash that is stored beside it, from the first on.
    """
    number, previous = 0, ORIGIN
    for entry, stored in entries:
        number += 1
        linked = entry["number"] == number and entry["previous_hash"] == previous
        if not linked or hash_of(entry) != stored:
            return number
        previous = stored
    ends_here = (number, previous) == ((head.number, head.hash) if head else (0, ORIGIN))
    return 0 if ends_here else number + 1
