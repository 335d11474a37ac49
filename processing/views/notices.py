"""What a page says after an act, with where to read on."""

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from processing.models import Image


def say_erased(request: HttpRequest, count: int) -> None:
    if not count:
        messages.info(request, "There was nothing to erase.")
        return
    words = f"{count} image{'' if count == 1 else 's'} erased."
    address, link = reverse("receipts"), "See the receipt" if count == 1 else "See the receipts"
    messages.success(request, format_html('{} <a href="{}">{}</a>', words, address, link))


def say_shortened(request: HttpRequest, image: Image) -> None:
    if image.erase_after_download:
        messages.success(request, "This image is erased once a result of it was downloaded.")
        return
    at = f"{image.purge_at:%H:%M} UTC"
    messages.success(request, f"This image is erased by {at}, and not kept for training.")
