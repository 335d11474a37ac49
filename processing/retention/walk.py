"""Walks the chain of receipts: whether it is whole, and whether a receipt has its place in it.

Each receipt has to be the next number, hold the hash of the one before it, hash to its own, and
bear the signature of a key of this site; the last one has to be the chain's head. A receipt that
was changed, left out, added or cut off shows at its number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.chain import ORIGIN
from processing.models import Receipt
from processing.phrases import phrase
from processing.retention.certificates import certificate, head, public_keys
from processing.retention.proof import Check, check_certificate

ROWS_PER_QUERY = 1000
NOT_READABLE = (ValueError, TypeError, AttributeError)  # SQLite takes anything into any column.


@dataclass(frozen=True)
class Walked:
    """`count` receipts hold, from the first on; `broken` is the number that does not, or 0."""

    count: int
    hash: str
    broken: int = 0
    says: str = ""


def verify_all(witness: Mapping[str, Any] | None = None) -> Walked:
    """Walks the whole chain, in batches. `witness`: a signed head that was seen earlier."""
    keys, walked = public_keys(), Walked(0, ORIGIN)
    while True:
        for number, found in _certificates_after(walked.count):
            fault = _fault(found, number, walked, keys) or _unseen(found, witness)
            if fault:
                return Walked(walked.count, walked.hash, walked.count + 1, fault)
            assert found is not None
            walked = Walked(walked.count + 1, found["hash"])
        # Read after the rows: those of a transaction that ended meanwhile come with its head.
        end = head()
        grown = end[0] > walked.count and Receipt.objects.filter(number__gt=walked.count).exists()
        if not grown:
            break
    fault = _fault_of_end(end, walked, witness)
    return Walked(walked.count, walked.hash, walked.count + 1 if fault else 0, fault)


def check_place(signed: Mapping[str, Any]) -> Check:
    """Whether a sound certificate is the one at its number, and its neighbours link to it."""
    number = signed["number"]
    rows = Receipt.objects.filter(number__in=[number - 1, number, number + 1])
    links = {row: (own, before) for row, own, before in rows.values_list(*_LINK)}
    end = head()
    before = links[number - 1][0] if number - 1 in links else ORIGIN if number == 1 else ""
    after = links[number + 1][1] if number + 1 in links else end[1] if number == end[0] else ""
    own = (signed["hash"], signed["previous_hash"])
    if links.get(number) == own and before == own[1] and after == own[0]:
        return Check(
            "chain",
            phrase("It is number %(number)s in this site's chain.", number=number),
            holds=True,
        )
    return Check(
        "chain",
        phrase("It is not number %(number)s in this site's chain.", number=number),
        holds=False,
    )


_LINK = ("number", "hash", "previous_hash")


def _fault(
    found: dict[str, Any] | None, number: Any, walked: Walked, keys: Mapping[str, str]
) -> str:
    expected = walked.count + 1
    if number != expected:
        return f"Receipt {expected} is not there."
    if found is None:
        return f"Receipt {expected} holds what no receipt can."
    if found["previous_hash"] != walked.hash:
        return f"Receipt {expected} is not linked to the one before it."
    failure = check_certificate(found, keys).failure
    return f"Receipt {expected}: {failure.says}" if failure else ""


def _unseen(found: dict[str, Any] | None, witness: Mapping[str, Any] | None) -> str:
    """The chain can have been written anew as a whole; not for who has seen its head."""
    if found is None or witness is None or found["number"] != witness["number"]:
        return ""
    if found["hash"] == witness["hash"]:
        return ""
    return f"Receipt {found['number']} is not the one that the witnessed head names."


def _fault_of_end(end: tuple[int, str], walked: Walked, witness: Mapping[str, Any] | None) -> str:
    if end != (walked.count, walked.hash):
        return f"The chain ends at receipt {walked.count}, but its head names receipt {end[0]}."
    if witness is not None and witness["number"] > walked.count:
        return f"The chain ends at receipt {walked.count}; it was at {witness['number']} before."
    return ""


def _certificates_after(last: int) -> Iterator[tuple[Any, dict[str, Any] | None]]:
    """Number and certificate of each row, in order; None for a row that cannot be read as one."""
    rows = Receipt.objects.order_by("number")
    seen: Any = last or None  # At the beginning also what has a number below the first.
    while True:
        following = rows if seen is None else rows.filter(number__gt=seen)
        numbers = list(following.values_list("number", flat=True)[:ROWS_PER_QUERY])
        if not numbers:
            return
        try:
            batch = {row.number: row for row in rows.filter(number__in=numbers)}
        except NOT_READABLE:
            batch = {}
        for number in numbers:
            yield number, _read(number, batch.get(number))
        seen = numbers[-1]


def _read(number: Any, row: Receipt | None) -> dict[str, Any] | None:
    try:
        row = row or Receipt.objects.get(number=number)
        return certificate(row) if _is_whole(row) else None
    except (*NOT_READABLE, Receipt.DoesNotExist):
        return None


def _is_whole(row: Receipt) -> bool:
    """A fraction of a millisecond is not signed, and never written."""
    times = [row.received_at, row.due_at, row.unreadable_at, row.erased_at]
    return all(at.microsecond % 1000 == 0 for at in [*times, row.kept_until or row.erased_at])
