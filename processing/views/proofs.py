"""/receipts/verify/ and the public keys: for everybody, without signing in.

Nothing that is sent here is kept, and no file is: of a file only its SHA-256, which the browser
computes.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from processing.models import ReceiptKey, database_now
from processing.retention.certificates import public_keys, signed_head
from processing.retention.documents import Unreadable, read
from processing.retention.proof import (
    Check,
    Proof,
    check_certificate,
    check_file,
    check_ticket,
    match,
)
from processing.retention.signing import signer
from processing.retention.walk import check_place
from processing.views.certificate import certificate_facts
from processing.views.errors import SENTENCES, answer, takes, wants_json
from processing.views.words import said

SHA256 = re.compile(r"[0-9a-f]{64}")
TITLES = {
    "receipt": _("The receipt"),
    "ticket": _("The claim ticket"),
    "match": _("Both together"),
}


@dataclass(frozen=True)
class Sent:
    receipt: dict[str, Any] | None
    ticket: dict[str, Any] | None
    sha256: str | None


class Refused(Exception):
    """What was sent cannot be checked at all: a code and a sentence."""

    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence or str(SENTENCES[code][1])


@csrf_exempt  # It changes nothing, and programs have no token.
@takes("GET", "HEAD", "POST")
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "receipts/verify.html", {"sent": {}})
    texts: dict[str, Any] = {}
    try:
        texts = _what_was_sent(request)
        sent = _read(texts)
        proofs = _prove(sent)
    except Refused as refused:
        if wants_json(request):
            return answer(request, refused.code, refused.sentence, 400)
        context = {"sent": _texts_of(texts), "problem": refused.sentence, "code": refused.code}
        return render(request, "receipts/verify.html", context, status=400)
    if wants_json(request):
        holds = all(proof.holds for proof in proofs.values())
        return JsonResponse({"holds": holds, "checks": _as_json(proofs)})
    return render(
        request, "receipts/verify.html", {"sent": _texts_of(texts)} | _result(sent, proofs)
    )


@takes("GET", "HEAD")
def keys(request: HttpRequest) -> HttpResponse:
    """Every key that ever signed, and the one in force, which may not have signed yet."""
    used = {key.id: key.first_used_at for key in ReceiptKey.objects.all()}
    return JsonResponse(
        {
            "keys": [
                {
                    "id": key,
                    "algorithm": "Ed25519",
                    "public_key": public,
                    "first_used_at": used.get(key),
                    "in_force": key == signer().id,
                }
                for key, public in public_keys().items()
            ]
        }
    )


@takes("GET", "HEAD")
def head(request: HttpRequest) -> HttpResponse:
    return JsonResponse(signed_head(database_now()))


def _texts_of(texts: dict[str, Any]) -> dict[str, str]:
    """For the form, which is shown again as it was sent."""
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _what_was_sent(request: HttpRequest) -> dict[str, Any]:
    """Receipt, ticket and SHA-256, each text or object; from a form or as JSON."""
    if request.content_type != "application/json":
        return {name: request.POST.get(name, "") for name in ("receipt", "ticket", "sha256")}
    try:
        return read(request.body.decode())
    except (Unreadable, UnicodeDecodeError):
        raise Refused("bad_request") from None


def _read(texts: dict[str, Any]) -> Sent:
    """Raises Refused."""
    sent = Sent(
        _document(texts.get("receipt"), "unreadable_receipt"),
        _document(texts.get("ticket"), "unreadable_ticket"),
        _hash(texts.get("sha256")),
    )
    if sent.receipt is None and sent.ticket is None:
        raise Refused(
            "bad_request", gettext("Paste a receipt, a claim ticket or both, and send them.")
        )
    if sent.sha256 and sent.ticket is None:
        raise Refused(
            "bad_request",
            gettext(
                "A receipt knows no file. Send the claim ticket too, to compare the file with it."
            ),
        )
    return sent


def _prove(sent: Sent) -> dict[str, Proof]:
    """What was found, by the document that it was found on."""
    known, proofs = public_keys(), {}
    if sent.receipt is not None:
        proofs["receipt"] = check_certificate(sent.receipt, known)
        if proofs["receipt"].holds:
            proofs["receipt"] += Proof((check_place(sent.receipt),))
    if sent.ticket is not None:
        proofs["ticket"] = check_ticket(sent.ticket, known)
    if sent.receipt is not None and sent.ticket is not None:
        proofs["match"] = match(sent.ticket, sent.receipt, sent.sha256)
    elif sent.ticket is not None and sent.sha256:
        proofs["ticket"] += Proof((check_file(sent.ticket, sent.sha256),))
    return proofs


def _document(sent: Any, code: str) -> dict[str, Any] | None:
    if isinstance(sent, dict):
        return sent
    if not isinstance(sent, str | None):
        raise Refused(code)
    if not sent or not sent.strip():
        return None
    try:
        return read(sent)
    except Unreadable:
        raise Refused(code) from None


def _hash(sent: Any) -> str | None:
    text = str(sent or "").strip().lower()
    if text and not SHA256.fullmatch(text):
        words = gettext("A SHA-256 has 64 hexadecimal digits. Check it and try again.")
        raise Refused("bad_request", words)
    return text or None


def _as_json(proofs: dict[str, Proof]) -> list[dict[str, Any]]:
    return [
        {"document": document, "code": check.code, "holds": check.holds, "says": said(check.says)}
        for document, proof in proofs.items()
        for check in proof.checks
    ]


def _result(sent: Sent, proofs: dict[str, Proof]) -> dict[str, Any]:
    """What a receipt or ticket says is shown when it is genuine, and then only."""
    failures = [proof.failure for proof in proofs.values() if proof.failure]
    genuine = {name for name, proof in proofs.items() if proof.holds}
    facts = certificate_facts(sent.receipt) if sent.receipt and "receipt" in genuine else None
    return {
        "judged": True,
        "holds": not failures,
        "failure": _in_words(failures[0]) if failures else None,
        "groups": [
            (TITLES[name], [_in_words(check) for check in proof.checks])
            for name, proof in proofs.items()
        ],
        "facts": facts,
        "ticket": sent.ticket if "ticket" in genuine else None,
        "compared": sent.sha256 is not None,
    }


def _in_words(check: Check) -> Check:
    return replace(check, says=said(check.says))
