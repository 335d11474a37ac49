"""/receipts/: what was erased, for its owner. The list, one certificate, the same as JSON."""

import uuid
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from processing.access import images_of, leaving_of, receipts_of
from processing.models import Image, Reason, Receipt, database_now
from processing.retention.certificates import certificate
from processing.views.certificate import (
    alive_as_json,
    as_text,
    leaving_as_json,
    present_certificate,
    present_leaving,
    present_receipt,
)
from processing.views.errors import answer, refuse, signed_in, takes, wants_json

PAGE_RECEIPTS = 50
MOST_LEAVING = 50


class ReceiptFilter(forms.Form):
    """Days are those of UTC, as on the receipts."""

    reason = forms.ChoiceField(
        required=False, choices=[("", _("Any reason")), *Reason.choices], label=_("Reason")
    )
    since = forms.DateField(
        required=False, label=_("Erased from (UTC)"), widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(
        required=False, label=_("Erased until (UTC)"), widget=forms.DateInput({"type": "date"})
    )
    image = forms.UUIDField(required=False, label=_("Image id"))

    def narrow(self, receipts: QuerySet[Receipt]) -> QuerySet[Receipt]:
        """Those that fit. Nothing does while a field is wrong."""
        if not self.is_valid():
            return receipts.none()
        chosen = self.cleaned_data
        if chosen["reason"]:
            receipts = receipts.filter(reason=chosen["reason"])
        if chosen["since"]:
            receipts = receipts.filter(erased_at__gte=_at(chosen["since"], time.min))
        if chosen["until"]:
            receipts = receipts.filter(erased_at__lte=_at(chosen["until"], time.max))
        if chosen["image"]:
            receipts = receipts.filter(image_id=chosen["image"])
        return receipts

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


@takes("GET", "HEAD")
@signed_in
def receipts(request: HttpRequest) -> HttpResponseBase:
    now = database_now()
    form = ReceiptFilter(request.GET)
    pages = Paginator(form.narrow(receipts_of(request.user)).order_by("-number"), PAGE_RECEIPTS)
    page: Any = pages.get_page(request.GET.get("page"))
    leaving = list(leaving_of(request.user, now)[:MOST_LEAVING])
    there = leaving_of(request.user, now).count() if len(leaving) == MOST_LEAVING else len(leaving)
    status = 200 if form.is_valid() else 400
    if wants_json(request):
        if status == 400:
            words = gettext("Check the filters: one cannot be used.")
            return answer(request, "bad_request", words, 400)
        return JsonResponse(_list_as_json(page, leaving) | {"erasing_count": there})
    page.object_list = [present_receipt(receipt) for receipt in page.object_list]
    context = {
        "page": page,
        "leaving": [present_leaving(image, now) for image in leaving],
        "leaving_more": there - len(leaving),
        "form": form,
        "query": _query_without_page(request),
    }
    return render(request, "receipts/list.html", context, status=status)


@takes("GET", "HEAD")
@signed_in
def receipt(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    """The certificate; before it can be written, how far erasing is; before that, where it is.

    The image is looked for first: it can go, and then the receipt is there.
    """
    now, user = database_now(), request.user
    context: dict[str, Any]
    if leaving := leaving_of(user, now).filter(pk=image_id).first():
        told, page = leaving_as_json(leaving), "receipts/leaving.html"
        context = {"image": present_leaving(leaving, now)}
    elif alive := images_of(user).filter(pk=image_id).first():
        told, page, context = alive_as_json(alive), "receipts/alive.html", {"image": alive}
    elif found := receipts_of(user).filter(image_id=image_id).first():
        told, page = certificate(found), "receipts/certificate.html"
        context = {"receipt": present_certificate(found)}
    else:
        return refuse(request, "not_found")
    return JsonResponse(told) if wants_json(request) else _page(request, page, context)


@takes("GET", "HEAD")
@signed_in
def receipt_json(request: HttpRequest, image_id: uuid.UUID) -> HttpResponseBase:
    here = leaving_of(request.user, database_now()) | images_of(request.user)
    if here.filter(pk=image_id).exists():
        return refuse(request, "no_receipt_yet")
    found = receipts_of(request.user).filter(image_id=image_id).first()
    if found is None:
        return refuse(request, "not_found")
    return HttpResponse(as_text(certificate(found)), content_type="application/json")


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    addresses = {
        name.replace("-", "_"): request.build_absolute_uri(reverse(name))
        for name in ("receipts-verify", "receipts-keys", "receipts-head")
    }
    return render(request, template, context | {"addresses": addresses})


def _list_as_json(page: Any, leaving: list[Image]) -> dict[str, Any]:
    return {
        "receipts": [certificate(receipt) for receipt in page.object_list],
        "erasing": [leaving_as_json(image) for image in leaving],
        "page": page.number,
        "pages": page.paginator.num_pages,
        "count": page.paginator.count,
    }


def _query_without_page(request: HttpRequest) -> str:
    """The filters, for the links to other pages of the list."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _at(day: Any, moment: time) -> datetime:
    return datetime.combine(day, moment, UTC)
