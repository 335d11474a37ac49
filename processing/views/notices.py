"""What a page says after an act, with where to read on."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from processing.models import Image


def say_erased(request: HttpRequest, count: int) -> None:
    if not count:
        messages.info(request, gettext("There was nothing to erase."))
        return
    words = ngettext("%(number)s image erased.", "%(number)s images erased.", count)
    address, link = reverse("receipts"), ngettext("See the receipt", "See the receipts", count)
    messages.success(
        request, format_html('{} <a href="{}">{}</a>', words % {"number": count}, address, link)
    )


def say_shortened(request: HttpRequest, image: Image) -> None:
    if image.erase_after_download:
        messages.success(
            request, gettext("This image is erased once a result of it was downloaded.")
        )
        return
    at = f"{image.purge_at:%H:%M} UTC"
    words = gettext("This image is erased by %(time)s, and not kept for training.")
    messages.success(request, words % {"time": at})
