"""How large a photo can be: the same for the door that takes it and the worker that opens it."""

from django.conf import settings

from processing.engine import Limits


def photo_limits() -> Limits:
    return Limits(max_bytes=settings.MAX_UPLOAD_BYTES, max_pixels=settings.MAX_PIXELS)
