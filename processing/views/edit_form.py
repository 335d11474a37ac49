"""What a form with the editor's options sends; a picture in it is held in memory alone."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_protect

from processing.engine.errors import PhotoError, TooManyStrokes
from processing.errors import Interrupted
from processing.models import Image
from processing.storage import KeyGone
from processing.views.errors import refuse, refuse_photo
from processing.views.pictures import HoldPicture

GONE = (Image.DoesNotExist, KeyGone)
_UNREADABLE = (MultiPartParserError, TooManyFieldsSent, TooManyFilesSent)
_NO_OPTIONS = {
    *("csrfmiddlewaretoken", "base", "strokes", "picture", "background", "id"),
    *("of", "next", "word", "act"),
}
_BACKGROUNDS = ("bg_color", "bg_gradient", "bg_blur", "bg_image")


def with_picture(
    request: HttpRequest, read: Callable[[HttpRequest, HoldPicture], HttpResponseBase]
) -> HttpResponseBase:
    """For views that are csrf_exempt: `read` is asked once the token is checked, and the token is
    read from a form whose picture has a place to go already."""
    handler = HoldPicture(request)
    request.upload_handlers = [handler]

    @csrf_protect
    def checked(request: HttpRequest) -> HttpResponseBase:
        return read(request, handler)

    try:
        return checked(request)
    except RequestDataTooBig:
        return refuse_photo(request, TooManyStrokes())
    except UnreadablePostError:
        return refuse_photo(request, Interrupted())
    except _UNREADABLE:
        return refuse(request, "bad_request")
    except GONE:
        return refuse(request, "not_found")
    except PhotoError as error:
        return refuse_photo(request, error)


def read_options(request: HttpRequest) -> dict[str, str]:
    """What the form has chosen. Its field `background` says which of the backgrounds counts."""
    sent = {name: str(value) for name, value in request.POST.items() if name not in _NO_OPTIONS}
    if (chosen := request.POST.get("background")) is not None:
        sent = {
            name: value
            for name, value in sent.items()
            if name not in _BACKGROUNDS or name == chosen
        }
    if sent.get("crop_margin", "").isdigit():
        sent["crop_margin"] += "%"  # A slider has no unit.
    return sent


def read_base(request: HttpRequest) -> int | None:
    """The number of a version, from the field `base`; None where it is none."""
    base = request.POST.get("base", "")
    return int(base) if base.isascii() and base.isdigit() and len(base) < 10 else None


def take_picture(request: HttpRequest, handler: HoldPicture) -> bytes | None:
    """The picture, where it is what is behind the subject. Raises TooLarge, Interrupted."""
    wanted = request.POST.get("background", "bg_image")  # The body is read here, or was before.
    picture = handler.take()
    return picture if wanted == "bg_image" else None
