"""Walks the chain of receipts, or checks one receipt or claim ticket that somebody brings."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from processing.models import Receipt
from processing.retention import receipts
from processing.retention.certificates import certificate, public_keys
from processing.retention.documents import Unreadable, read
from processing.retention.proof import Proof, check_certificate, check_head, check_ticket, match
from processing.retention.walk import check_place


class Command(BaseCommand):
    help = (
        "Verifies the whole chain of receipts: hashes, links, signatures, and where it ends. "
        "Exits with 1 and the first number that does not hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--json", metavar="FILE", help="verify this receipt instead")
        one.add_argument("--ticket", metavar="FILE", help="verify this claim ticket instead")
        one.add_argument(
            "--head",
            metavar="FILE",
            help="a head.json that was saved earlier: the chain still has to lead through it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self._tell(_of_receipt(_read(options["json"])))
        elif options["ticket"]:
            self._tell(_of_ticket(_read(options["ticket"])))
        else:
            self._walk(_witness(options["head"]))

    def _walk(self, witness: dict[str, Any] | None) -> None:
        walked = receipts.verify_all(witness)
        if walked.broken:
            raise CommandError(f"{walked.says} The {walked.count} before it hold.", returncode=1)
        seen = f" It leads through the head at {witness['number']}." if witness else ""
        self.stdout.write(f"{walked.count} receipts hold; the chain ends at {walked.hash}.{seen}")

    def _tell(self, proof: Proof) -> None:
        for check in proof.checks:
            sign = {True: "holds", False: "FAILS", None: "open "}[check.holds]
            self.stdout.write(f"{sign}  {check.says}")
        if not proof.holds:
            raise CommandError("It does not hold.", returncode=1)


def _of_receipt(content: dict[str, Any]) -> Proof:
    proof = check_certificate(content, public_keys())
    return proof + Proof((check_place(content),)) if proof.holds else proof


def _of_ticket(content: dict[str, Any]) -> Proof:
    """With the receipt of its image, once there is one."""
    proof = check_ticket(content, public_keys())
    receipt = Receipt.objects.filter(image_id=content["image"]).first() if proof.holds else None
    return proof + match(content, certificate(receipt)) if receipt else proof


def _witness(path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    head = _read(path)
    failure = check_head(head, public_keys()).failure
    if failure:
        raise CommandError(failure.says, returncode=1)
    return head


def _read(path: str) -> dict[str, Any]:
    try:
        return read(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        raise CommandError(
            f"{path} cannot be read as a receipt or a claim ticket: {error}"
        ) from None
