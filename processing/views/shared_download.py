"""/s/<token>/get/<ticket>/: the bytes of a download that was counted, whole or in pieces."""

import uuid
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from accounts.audit import Actor
from processing.engine.sniff import MEDIA_TYPES
from processing.flows import share_download
from processing.flows.share_visit import Visit
from processing.models import Blob, ShareDownload, ShareItem, version_of
from processing.views.image import PATIENCE, RESULT_TYPES, protect
from processing.views.ranges import NotThere, Part, read_range
from processing.views.shared import for_visitors


@for_visitors("GET", "HEAD")
def download(request: HttpRequest, token: str, ticket: uuid.UUID) -> HttpResponseBase:
    """For whoever has the ticket: what goes on with a broken download has no cookie to show."""
    opened, found = share_download.find_download(token, ticket)
    by = Actor.visiting(request, opened.share.workspace.owner)
    if found.place is None:
        return _archive(request, opened, found, by)
    item = opened.item(found.place)
    wanted = share_download.wanted_by(found)
    kind = share_download.prepare(item.image, wanted, PATIENCE)
    return _file(request, opened, found, share_download.find_blob(item.image, kind), by)


def _archive(
    request: HttpRequest, opened: Visit, found: ShareDownload, by: Actor
) -> HttpResponseBase:
    """Made while it is sent: it has no parts, and after a break begins again."""
    share_download.check_rest(found, 0, 0)
    response = HttpResponse() if request.method == "HEAD" else StreamingHttpResponse()
    if request.method == "GET":
        share_download.check_beginning(found)
        given: list[uuid.UUID] = []
        pieces = share_download.bundle_of(opened, share_download.wanted_by(found), given)
        sending = share_download.Sending(opened, found, None, given, by)
        _fill(response, sending.send(pieces))
    response["Content-Type"] = "application/zip"
    protect(response, attachment=True, name="images.zip")
    return response


def _file(
    request: HttpRequest, opened: Visit, found: ShareDownload, blob: Blob, by: Actor
) -> HttpResponseBase:
    item = opened.item(found.place or 0)
    # What is edited meanwhile is another file: nobody goes on with half of the one before.
    tag = f'"{found.pk}.{version_of(blob.kind)}"'
    try:
        part = _part(request, blob.size, tag)
    except NotThere:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{blob.size}"
        return refused
    asked = part or Part(0, blob.size - 1)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    else:
        share_download.check_rest(found, asked.first, blob.size)
        if asked.first == 0:
            share_download.check_beginning(found)
        chunks = share_download.open_blob(item.image, blob, asked.first, asked.last)
        response = StreamingHttpResponse(status=206 if part else 200)
        given = [item.image_id]
        sending = share_download.Sending(opened, found, blob.size, given, by)
        _fill(response, sending.send(chunks))
        if part:
            response["Content-Range"] = f"bytes {part.first}-{part.last}/{blob.size}"
    response["Content-Type"] = _type_of(item, blob)
    response["Content-Length"] = str(asked.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    protect(response, attachment=True, name=_name_of(opened, item, blob))
    return response


def _part(request: HttpRequest, size: int, tag: str) -> Part | None:
    """HEAD describes the whole file; a part of another file than this is no part of it."""
    if request.method == "HEAD" or request.headers.get("If-Range", tag) != tag:
        return None
    return read_range(request.headers.get("Range", ""), size)


def _fill(response: HttpResponseBase, pieces: Iterator[bytes]) -> None:
    assert isinstance(response, StreamingHttpResponse)
    response.streaming_content = pieces


def _type_of(item: ShareItem, blob: Blob) -> str:
    if blob.kind == share_download.ORIGINAL:
        return MEDIA_TYPES[item.image.kind]
    return RESULT_TYPES[PurePosixPath(blob.kind).suffix]


def _name_of(opened: Visit, item: ShareItem, blob: Blob) -> str:
    stem = share_download.stem_of(item, shown=opened.share.names)
    if blob.kind == share_download.ORIGINAL:
        return f"{stem}.{item.image.kind}"
    return f"{stem}{PurePosixPath(blob.kind).suffix}"
