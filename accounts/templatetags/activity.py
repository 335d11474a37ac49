"""An entry of the audit log in words."""

from django import template

from accounts.models import Action, AuditEntry, Via

register = template.Library()

WHO = {
    "you": "by you",
    "member": "by another member of the workspace",
    "staff": "by staff",
    "system": "by the system",
    "visitor": "by somebody with the link",
    "nobody": "by somebody who was not signed in",
}
# What an entry's detail makes of its action.
CHANGES = {
    "password": "Password changed",
    "totp added": "Authenticator app set up",
    "totp removed": "Authenticator app turned off",
    "webauthn added": "Passkey added",
    "webauthn removed": "Passkey removed",
    "recovery_codes added": "Recovery codes made",
    "recovery_codes removed": "Recovery codes removed",
    "recovery_codes made anew": "Recovery codes made anew",
    "address added": "E-mail address added",
    "address removed": "E-mail address removed",
    "address changed": "Primary e-mail address changed",
}
# Why an image was erased, where it says so.
ERASED = {
    "deadline": "Erased at its deadline",
    "downloaded": "Erased after its download",
    "consent_withdrawn": "Erased because the training opt-in was turned off",
    "account_closed": "Erased because the account was closed",
}
REFUSED = {"password": "Sign-in refused: wrong password", "code": "Sign-in refused: wrong code"}


@register.filter
def what(entry: AuditEntry) -> str:
    words = entry.get_action_display()
    if entry.action == Action.SECURITY_CHANGED:
        return CHANGES.get(entry.detail, words)
    if entry.action == Action.SIGN_IN_FAILED:
        return REFUSED.get(entry.detail, words)
    if entry.action in {Action.IMAGE_ERASED, Action.IMAGE_EXPIRED}:
        return ERASED.get(entry.detail, words)
    if entry.via == Via.STAFF or not entry.detail:
        return words
    if entry.action in {Action.CONSENT_ON, Action.CONSENT_OFF}:
        return f"{words} (wording {entry.detail})"
    return f"{words}: {entry.detail}"


@register.filter
def by_whom(who: str) -> str:
    return WHO[who]
