"""An entry of the audit log in words."""

import re

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Action, AuditEntry, Via

register = template.Library()

WHO = {
    "you": _("by you"),
    "member": _("by another member of the workspace"),
    "staff": _("by staff"),
    "system": _("by the system"),
    "visitor": _("by somebody with the link"),
    "nobody": _("by somebody who was not signed in"),
}
# What an entry's detail makes of its action.
CHANGES = {
    "password": _("Password changed"),
    "totp added": _("Authenticator app set up"),
    "totp removed": _("Authenticator app turned off"),
    "webauthn added": _("Passkey added"),
    "webauthn removed": _("Passkey removed"),
    "recovery_codes added": _("Recovery codes made"),
    "recovery_codes removed": _("Recovery codes removed"),
    "recovery_codes made anew": _("Recovery codes made anew"),
    "address added": _("E-mail address added"),
    "address removed": _("E-mail address removed"),
    "address changed": _("Primary e-mail address changed"),
}
# Why an image was erased, where it says so.
ERASED = {
    "deadline": _("Erased at its deadline"),
    "downloaded": _("Erased after its download"),
    "consent_withdrawn": _("Erased because the training opt-in was turned off"),
    "account_closed": _("Erased because the account was closed"),
}
REFUSED = {
    "password": _("Sign-in refused: wrong password"),
    "code": _("Sign-in refused: wrong code"),
}


# What else a detail can be, where it is a word and no name of a file: rows hold the English one.
DETAILS = {
    "another device": _("another device"),
    "new address": _("new address"),
    "resumed": _("resumed"),
    "added": _("added"),
    "removed": _("removed"),
    "download": _("download"),
    "site": _("site"),
    "life": _("life"),
    "password": _("password"),
    "download limit": _("download limit"),
    "formats": _("formats"),
    "sizes": _("sizes"),
    "originals": _("originals"),
    "names": _("names"),
    "erase after last": _("erase after last"),
    "full": _("full size"),
    "original": _("original"),
    "hd": "4 MP",
    "medium": _("1.5 MP"),
    "preview": _("0.25 MP"),
    "png": "PNG",
    "webp": "WebP",
    "avif": "AVIF",
    "jpg": "JPEG",
}
_VERSION = re.compile(r"version (\d+)")


def _word(word: str) -> str:
    if number := _VERSION.fullmatch(word):
        return gettext("version %(number)s") % {"number": number[1]}
    if word in DETAILS:
        return str(DETAILS[word])
    return " ".join(str(DETAILS.get(part, part)) for part in word.split(" "))


@register.filter
def what(entry: AuditEntry) -> str:
    words = str(entry.get_action_display())
    if entry.action == Action.SECURITY_CHANGED:
        return str(CHANGES.get(entry.detail, words))
    if entry.action == Action.SIGN_IN_FAILED:
        return str(REFUSED.get(entry.detail, words))
    if entry.action in {Action.IMAGE_ERASED, Action.IMAGE_EXPIRED}:
        return str(ERASED.get(entry.detail, words))
    if entry.via == Via.STAFF or not entry.detail:
        return words
    if entry.action in {Action.CONSENT_ON, Action.CONSENT_OFF}:
        wording = gettext("%(act)s (wording %(version)s)")
        return wording % {"act": words, "version": entry.detail}
    apart = " " if entry.action == Action.SHARE_DOWNLOADED else ", "  # There a format and a size.
    return f"{words}: {', '.join(_word(one) for one in entry.detail.split(apart))}"


@register.filter
def by_whom(who: str) -> str:
    return str(WHO[who])
