"""/gallery/: all that is there, newest first, and what somebody looks for in it."""

import unicodedata
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import ensure_csrf_cookie

from processing.flows.gallery import (
    KEPT,
    ONCE,
    STATES,
    Page,
    Spot,
    Wanted,
    latest_batches,
    look_for,
    numbers_of,
)
from processing.flows.tags import MOST_CHARACTERS, latest_words
from processing.jobs.reap import worker_up
from processing.models import database_now
from processing.views.errors import signed_in, takes, wants_json
from processing.views.present import as_json, present_all, with_parts

SHOWN = {
    "waiting": _("In the queue"),
    "running": _("Being cut out"),
    "done": _("Cut out"),
    "failed": _("Not cut out"),
    ONCE: _("Erased once downloaded"),
    KEPT: _("Kept for training"),
}
# What an archive of many takes of each: file, words, what it is like.
ARCHIVES = (
    ("cutout.png", "PNG", _("full size, transparent")),
    ("cutout.webp", "WebP", _("small, transparent")),
    ("cutout.jpg", "JPEG", _("on white")),
    ("mask.png", _("Masks"), _("PNG, grey")),
    ("original", _("Originals"), _("as you sent them")),
)
BUSY = {"queued", "running"}
MOST_NAME = 200
FARTHEST = 14 * 60  # Minutes: the zones are not farther from UTC.


@takes("GET", "HEAD")
@ensure_csrf_cookie
@signed_in
def gallery(request: HttpRequest) -> HttpResponseBase:
    """With `?part=cards` only the cards, for a page that has the others already."""
    wanted = read_wanted(request.GET)
    older, newer = (Spot.read(request.GET.get(name, "")) for name in ("older", "newer"))
    page = look_for(request.user, wanted, with_parts, older, newer)
    context = _page(page, wanted)
    if wants_json(request):
        return JsonResponse(_as_json(context))
    if request.GET.get("part") == "cards":
        return render(request, "_fragments/gallery_days.html", context)
    return render(request, "gallery.html", context | _surroundings(request.user, wanted))


def read_wanted(asked: QueryDict) -> Wanted:
    """What is no choice is none: an address that somebody kept shows all rather than nothing."""
    show = asked.get("show", "")
    day, batch = None, None
    with suppress(ValueError):
        found = date.fromisoformat(asked.get("day", ""))
        day = found if date.min < found < date.max else None  # There is a day on each side of it.
    with suppress(ValueError):
        batch = uuid.UUID(asked.get("batch", ""))
    return Wanted(
        show=show if show in STATES or show in {KEPT, ONCE} else "",
        day=day,
        zone=_zone(asked.get("zone", "")) if day else timedelta(0),
        batch=batch,
        tag=_line(asked.get("tag", ""), MOST_CHARACTERS),
        name=_line(asked.get("name", ""), MOST_NAME),
    )


def _zone(minutes: str) -> timedelta:
    with suppress(ValueError):
        if abs(int(minutes)) <= FARTHEST:
            return timedelta(minutes=int(minutes))
    return timedelta(0)


def _line(text: str, most: int) -> str:
    plain = unicodedata.normalize("NFC", text).replace("\x00", "")
    return " ".join(plain.split())[:most]


def _page(page: Page, wanted: Wanted) -> dict[str, Any]:
    asked = _asked(wanted)
    cards = present_all(page.images)
    return {
        "cards": cards,
        "waiting": sum(card["state"] in BUSY or card["making"] is not None for card in cards),
        "older": _address(asked | {"older": page.older}) if page.older else "",
        "newer": _address(asked | {"newer": page.newer}) if page.newer else "",
    }


def _as_json(page: dict[str, Any]) -> dict[str, Any]:
    here = reverse("gallery")
    beside = {way: f"{here}{page[way]}" if page[way] else None for way in ("older", "newer")}
    return {"images": [as_json(card) for card in page["cards"]], **beside}


def _surroundings(user: Any, wanted: Wanted) -> dict[str, Any]:
    now = database_now()
    return {
        "numbers": numbers_of(user),
        "wanted": wanted,
        "archives": ARCHIVES,
        "filters": _filters(wanted),
        "states": [
            _choice(wanted, str(words), show=show) for show, words in SHOWN.items() if show != KEPT
        ],
        "days": [_choice(wanted, words, day=day) for words, day in _days(now)],
        "tags": [_choice(wanted, word, tag=word) for word in latest_words(user)],
        "batches": [_choice(wanted, "", batch=one["batch"]) | one for one in latest_batches(user)],
        "hidden": _hidden(wanted),
        "worker_up": worker_up(now),
    }


def _days(now: datetime) -> list[tuple[str, date]]:
    today = now.astimezone(UTC).date()
    return [(gettext("Today"), today), (gettext("Yesterday"), today - timedelta(days=1))]


def _choice(wanted: Wanted, words: str, **change: Any) -> dict[str, Any]:
    chosen = replace(wanted, **change)
    return {"words": words, "address": _address(_asked(chosen)), "chosen": chosen == wanted}


def _filters(wanted: Wanted) -> list[dict[str, str]]:
    """What is looked for, each with the address without it."""
    found = {
        "show": str(SHOWN.get(wanted.show, "")),
        "day": date_format(wanted.day, gettext("j F")) if wanted.day else "",
        "batch": gettext("One drop") if wanted.batch else "",
        "tag": wanted.tag,
        "name": gettext("“%(name)s”") % {"name": wanted.name} if wanted.name else "",
    }
    empty = Wanted()
    return [
        {
            "kind": kind,
            "words": words,
            "without": _address(_asked(replace(wanted, **{kind: getattr(empty, kind)}))),
        }
        for kind, words in found.items()
        if words
    ]


def _hidden(wanted: Wanted) -> dict[str, dict[str, str]]:
    """For each form of the page what else is looked for, so that it stays."""
    asked = _asked(wanted)
    own = {"name": {"name"}, "day": {"day", "zone"}, "tag": {"tag"}}
    return {
        form: {key: text for key, text in asked.items() if key not in names}
        for form, names in own.items()
    }


def _asked(wanted: Wanted) -> dict[str, str]:
    """As it stands in an address."""
    asked = {
        "show": wanted.show,
        "day": wanted.day.isoformat() if wanted.day else "",
        "zone": str(wanted.zone // timedelta(minutes=1)) if wanted.day and wanted.zone else "",
        "batch": str(wanted.batch or ""),
        "tag": wanted.tag,
        "name": wanted.name,
    }
    return {key: text for key, text in asked.items() if text}


def _address(asked: dict[str, Any]) -> str:
    return f"?{urlencode(asked)}"
