"""What a link gives out and for how long: the words of forms and of JSON clients, read.

Only what is sent is read, so that the same words make a link and change one. A form sends an empty
value before its boxes: one that has none ticked differs from one that has no such boxes.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, TypedDict

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy

from processing.errors import BadShare
from processing.phrases import phrase

FORMATS = {"png": "PNG", "webp": "WebP", "avif": "AVIF", "jpg": "JPEG"}
SIZES = {
    "full": gettext_lazy("Full size"),
    "hd": "4 MP",
    "medium": gettext_lazy("1.5 MP"),
    "preview": gettext_lazy("0.25 MP"),
}
LIMITS = (1, 5, 20, 100)
LIVES: dict[str, timedelta | None] = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "erased": None,  # Until the first of the images is erased.
}
SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 128
_FLAGS = {"": False, "off": False, "false": False, "0": False, "on": True, "true": True, "1": True}
_SWITCHES = ("originals", "names", "erase_after_last")


class Terms(TypedDict, total=False):
    life: timedelta | None
    password: str  # Empty: none.
    download_limit: int | None
    formats: list[str]
    sizes: list[str]
    originals: bool
    names: bool
    erase_after_last: bool


AS_USUAL: Terms = {
    "life": None,
    "password": "",
    "download_limit": None,
    "formats": ["png", "webp", "jpg"],
    "sizes": ["full"],
    "originals": False,
    "names": False,
    "erase_after_last": False,
}


def read_terms(sent: "MultiValueDict[str, Any]") -> Terms:
    """Raises BadShare."""
    terms: Terms = {}
    if life := _last(sent, "expires"):  # Empty: as it is.
        terms["life"] = _one_of("expires", life, LIVES)
    if "downloads" in sent:
        limits: dict[str, int | None] = {str(limit): limit for limit in LIMITS}
        terms["download_limit"] = _one_of(
            "downloads", _last(sent, "downloads"), limits | {"none": None}
        )
    if "format" in sent:
        terms["formats"] = _some_of("format", sent.getlist("format"), FORMATS)
    if "size" in sent:
        terms["sizes"] = _some_of("size", sent.getlist("size"), SIZES)
    for name in _SWITCHES:
        if name in sent:
            terms[name] = _one_of(name, _last(sent, name), _FLAGS)  # type: ignore[literal-required]
    if password := _last(sent, "password"):
        terms["password"] = _password(password)
    elif _one_of("no_password", _last(sent, "no_password"), _FLAGS):
        terms["password"] = ""
    return terms


def _last(sent: "MultiValueDict[str, Any]", name: str) -> str:
    """Of a hidden field and the box after it the box, where it is ticked."""
    return str(sent.get(name) or "")


def _one_of(name: str, value: str, words: Mapping[str, Any]) -> Any:
    if value not in words:
        raise BadShare.named(name, listed([word for word in words if word]))
    return words[value]


def _some_of(name: str, values: list[str], words: Mapping[str, object]) -> list[str]:
    chosen = {value for value in values if value}
    if not chosen or not chosen <= set(words):
        raise BadShare.named(name, phrase("at least one of %(words)s", words=listed(list(words))))
    return [word for word in words if word in chosen]


def _password(text: str) -> str:
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        words = phrase(
            "%(least)s to %(most)s characters", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD
        )
        raise BadShare.named("password", words)
    return text


def listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return phrase("%(others)s or %(last)s", others=", ".join(words[:-1]), last=words[-1])
