"""/images/<id>/ticket/: a claim ticket, made and given out; nothing of it stays."""

import uuid
from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from accounts.audit import Actor
from processing.access import find_image
from processing.errors import TicketMismatch
from processing.flows.ticket import issue_ticket
from processing.models import Image
from processing.storage import KeyGone
from processing.views.certificate import as_text
from processing.views.errors import refuse, refuse_photo, signed_in, takes


@takes("POST")
@signed_in
def ticket(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """`sha256` is the browser's, or empty where it could not compute one."""
    sha256 = request.POST.get("sha256", "")
    try:
        content = issue_ticket(find_image(request.user, image_id), Actor.of(request), sha256)
    except (Image.DoesNotExist, KeyGone, FileNotFoundError):
        return refuse(request, "not_found")
    except TicketMismatch as error:
        return refuse_photo(request, error)
    response = HttpResponse(as_text(content), content_type="application/json")
    response["Content-Disposition"] = _disposition(content["name"])
    response["Cache-Control"] = "private, no-store"
    return response


def _disposition(name: str) -> str:
    stem = "".join(mark for mark in PurePosixPath(name).stem if mark.isprintable()) or "photo"
    file_name = f"{stem}-claim-ticket.json"
    return content_disposition_header(as_attachment=True, filename=file_name) or "attachment"
