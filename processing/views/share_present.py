"""A link as its owner sees it: one dictionary for pages and for JSON."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.activity import who
from accounts.models import AuditEntry, User
from processing.flows.share_terms import FORMATS, LIMITS, LIVES, SIZES
from processing.models import Image, Share, ShareItem, ShareQuerySet
from processing.views.present import iso

THUMBNAILS = 4
MOST_VISITS = 100
FOR_PAGES = {"created_time", "end_time", "thumbnails", "limit_words", "gives"}
STATES = {
    "open": pgettext_lazy("state of a link", "Open"),
    "paused": _("Paused"),
    "used_up": _("Used up"),
    "ended": _("Ended"),
    "revoked": _("Ended by you"),
}


def with_parts(shares: ShareQuerySet, now: datetime) -> ShareQuerySet:
    """The links with what `present_share` needs, in one more query, however many they are."""
    items = ShareItem.objects.filter(image__in=Image.objects.readable(now)).order_by("place")
    return shares.annotate(
        readable=Count("items", filter=Q(items__image__in=Image.objects.readable(now)))
    ).prefetch_related(Prefetch("items", items[:THUMBNAILS], to_attr="first_items"))


def present_share(share: Share, now: datetime) -> dict[str, Any]:
    """Takes a link from `with_parts`."""
    first: list[ShareItem] = share.first_items  # type: ignore[attr-defined]
    return {
        "id": str(share.pk),
        "url": reverse("share", args=[share.pk]),
        "state": state_of(share, now),
        "images": share.readable,  # type: ignore[attr-defined]
        "created_at": iso(share.created_at),
        "ends_at": iso(share.expires_at),
        "downloads": share.downloads,
        "download_limit": share.download_limit,
        "password": bool(share.password_hash),
        "formats": share.formats,
        "sizes": share.sizes,
        "originals": share.originals,
        "names": share.names,
        "erase_after_last": share.erase_after_last,
        "created_time": share.created_at,
        "end_time": share.expires_at,
        "thumbnails": [
            reverse("image-content", args=[item.image_id, "thumbnail.webp"]) for item in first
        ],
        "gives": [
            *(FORMATS[one] for one in share.formats),
            *([gettext("originals")] * share.originals),
        ],
    }


def state_of(share: Share, now: datetime) -> str:
    if share.revoked_at is not None:
        return "revoked"
    if share.expires_at <= now or not share.readable:  # type: ignore[attr-defined]
        return "ended"
    if share.download_limit is not None and share.downloads >= share.download_limit:
        return "used_up"
    return "paused" if share.paused_at is not None else "open"


def as_json(card: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in card.items() if key not in FOR_PAGES}


def visits_of(user: User, share: Share) -> list[dict[str, Any]]:
    """What was done with a link, newest first, for the owner of its images."""
    entries = AuditEntry.objects.filter(owner=user, share_id=share.pk)
    return [{"entry": one, "who": who(one)} for one in entries.order_by("-at", "-id")[:MOST_VISITS]]


def visits_as_json(visits: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "at": iso(visit["entry"].at),
            "action": visit["entry"].action,
            "by": visit["who"],
            "count": visit["entry"].count,
            "detail": visit["entry"].detail,
            "network": visit["entry"].address,
        }
        for visit in visits
    ]


def offered(latest: datetime, now: datetime, *, keep: bool = False) -> list[dict[str, Any]]:
    """The lives that a form offers: what ends before the images do."""
    words = {
        "1h": gettext("1 hour"),
        "6h": gettext("6 hours"),
        "erased": gettext("Until the first image is erased"),
    }
    lives = [
        {"value": name, "words": words[name], "until": latest if life is None else None}
        for name, life in LIVES.items()
        if life is None or now + life <= latest
    ]
    return [{"value": "", "words": gettext("As it is"), "until": None}, *lives] if keep else lives


def choices(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """What the boxes of a form are called, and which are ticked."""
    limits = [
        (
            str(limit),
            ngettext("%(number)s download", "%(number)s downloads", limit) % {"number": limit},
        )
        for limit in LIMITS
    ]
    return {
        "limits": [("none", gettext("No limit")), *limits],
        "formats": FORMATS,
        "sizes": SIZES,
        "chosen": chosen,
    }


def chosen_of(share: Share) -> dict[str, Any]:
    limit = share.download_limit
    return {
        "expires": "",
        "downloads": "none" if limit is None else str(limit),
        "formats": share.formats,
        "sizes": share.sizes,
        "originals": share.originals,
        "names": share.names,
        "erase_after_last": share.erase_after_last,
    }


def chosen_in(sent: "MultiValueDict[str, Any]") -> dict[str, Any]:
    """What somebody had chosen before one of their choices was refused."""
    switches = ("originals", "names", "erase_after_last")
    return {
        "expires": sent.get("expires"),
        "downloads": sent.get("downloads"),
        "formats": sent.getlist("format"),
        "sizes": sent.getlist("size"),
        **{name: sent.get(name) == "on" for name in switches},
    }
