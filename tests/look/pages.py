"""Every page of the site and every state of it that looks different: one line for each.

`make screenshots` photographs them, tests/browser/test_accessibility.py holds them to its rules.
A page that has an address needs a line here, or a reason in NOT_PAGES; a test sees to that.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.look import acts
from tests.look.people import Cast, Who

Act = Callable[[Page], None]


@dataclass(frozen=True)
class State:
    """`path` may name facts of the cast in braces; `act` leads from the page to its state."""

    name: str
    who: Who
    path: str
    act: Act | None = None

    def reach(self, page: Page, cast: Cast) -> None:
        """Leads there in a browser of `who`."""
        acts.open_page(page, cast.site.url + self.path.format(**cast.facts))
        if self.act:
            self.act(page)


ERRORS = ("400", "403", "403_csrf", "404", "405", "410", "413", "429", "500", "503")

STATES = (
    State("landing", Who.VISITOR, "/"),
    State("privacy", Who.VISITOR, "/privacy/"),
    # ---- in and out ----
    State("sign-in", Who.VISITOR, "/accounts/login/"),
    State("sign-in-wrong", Who.VISITOR, "/accounts/login/", acts.sign_in_wrongly),
    State("sign-in-second-step", Who.VISITOR, "/accounts/login/", acts.sign_in_as_guarded),
    State("sign-up", Who.VISITOR, "/accounts/signup/"),
    State("sign-up-wrong", Who.VISITOR, "/accounts/signup/", acts.sign_up_wrongly),
    State("sign-out", Who.NEWCOMER, "/accounts/logout/"),
    State("account-inactive", Who.VISITOR, "/accounts/inactive/"),
    State("reset", Who.VISITOR, "/accounts/password/reset/"),
    State("reset-sent", Who.VISITOR, "/accounts/password/reset/done/"),
    State("reset-key", Who.VISITOR, "{reset_link}"),
    State("reset-key-stale", Who.VISITOR, "/accounts/password/reset/key/1-junk/"),
    State("reset-done", Who.VISITOR, "/accounts/password/reset/key/done/"),
    State("confirm-sent", Who.VISITOR, "/accounts/confirm-email/"),
    State("confirm-email", Who.VISITOR, "{confirm_link}"),
    State("confirm-email-stale", Who.VISITOR, "/accounts/confirm-email/junk/"),
    State("reauthenticate", Who.NEWCOMER, "/accounts/reauthenticate/"),
    State("reauthenticate-guarded", Who.GUARDED, "/accounts/reauthenticate/"),
    State("reauthenticate-by-code", Who.GUARDED, "/accounts/2fa/reauthenticate/"),
    State("reauthenticate-by-passkey", Who.GUARDED, "/accounts/2fa/webauthn/reauthenticate/"),
    # ---- photos ----
    State("studio-empty", Who.NEWCOMER, "/"),
    State("studio-drag-over", Who.NEWCOMER, "/", acts.hold_a_photo_over_the_page),
    State("studio-uploading", Who.CONFIRMED, "/", acts.drop_over_a_very_slow_line),
    State("studio-refused", Who.NEWCOMER, "/", acts.drop_what_is_no_photo),
    State("studio-photos", Who.OWNER, "/"),
    State("studio-menu", Who.OWNER, "/", acts.open_a_menu),
    State("studio-kept", Who.CONTRIBUTOR, "/"),
    State("gallery-empty", Who.NEWCOMER, "/gallery/"),
    State("gallery", Who.OWNER, "/gallery/"),
    State("gallery-selected", Who.OWNER, "/gallery/", acts.select_two),
    State("gallery-confirm", Who.OWNER, "/gallery/", acts.ask_to_erase_the_selected),
    State("gallery-kept", Who.CONTRIBUTOR, "/gallery/?show=kept"),
    State("gallery-none-kept", Who.NEWCOMER, "/gallery/?show=kept"),
    State("image", Who.OWNER, "/images/{image}/"),
    State("image-compared", Who.OWNER, "/images/{image}/", acts.compare),
    State("image-keys", Who.OWNER, "/images/{image}/", acts.open_the_keys),
    State("editor", Who.OWNER, "/images/{image}/edit/"),
    State("edit-many", Who.OWNER, "/images/edit/new/?id={image}"),
    State(
        "edit-many-refused", Who.OWNER, "/images/edit/new/?id={image}", acts.edit_without_picture
    ),
    State("gallery-nothing-found", Who.OWNER, "/gallery/?name=nothing-is-called-so"),
    State("shares-empty", Who.NEWCOMER, "/shares/"),
    State("shares", Who.OWNER, "/shares/"),
    State("share-new", Who.OWNER, "/shares/new/?id={image}"),
    State("share-made", Who.OWNER, "/shares/new/?id={image}", acts.make_a_link),
    State("share", Who.OWNER, "/shares/{share}/"),
    State("shared", Who.VISITOR, "/s/{token}/"),
    State("shared-locked", Who.VISITOR, "/s/{locked}/"),
    State("shared-locked-wrong", Who.VISITOR, "/s/{locked}/", acts.open_a_link_wrongly),
    State("shared-trouble", Who.VISITOR, "/s/{token}/", acts.take_what_is_not_given_out),
    State("shared-gone", Who.VISITOR, "/s/a-link-that-never-was/"),
    State("image-failed", Who.OWNER, "/images/{failed}/"),
    State("image-kept", Who.CONTRIBUTOR, "/images/{kept}/"),
    # ---- account ----
    State("account", Who.NEWCOMER, "/account/"),
    State("account-photos", Who.OWNER, "/account/"),
    State("account-training-on", Who.CONTRIBUTOR, "/account/"),
    State("account-training-asked", Who.NEWCOMER, "/account/", acts.press_the_switch),
    State("account-guarded", Who.GUARDED, "/account/"),
    State("training", Who.NEWCOMER, "/account/training/"),
    State("training-agreed", Who.CONTRIBUTOR, "/account/training/"),
    State("training-history", Who.CONTRIBUTOR, "/account/training/history/"),
    State("training-history-empty", Who.NEWCOMER, "/account/training/history/"),
    State("activity", Who.OWNER, "/account/activity/"),
    State("activity-nothing-found", Who.OWNER, "/account/activity/?image={unknown}"),
    State("data", Who.OWNER, "/account/data/"),
    State("erase-all", Who.OWNER, "/account/erase-all/"),
    State("erase-all-nothing", Who.NEWCOMER, "/account/erase-all/"),
    State("close", Who.CONTRIBUTOR, "/account/close/"),
    State("close-wrong-word", Who.OWNER, "/account/close/", acts.type_another_word),
    State("closed", Who.VISITOR, "{closed_link}"),
    State("closed-long-ago", Who.VISITOR, "/account/closed/"),
    State("email", Who.NEWCOMER, "/accounts/email/"),
    State("password-change", Who.NEWCOMER, "/accounts/password/change/"),
    State("devices", Who.OWNER, "/accounts/sessions/"),
    State("second-factor", Who.NEWCOMER, "/accounts/2fa/"),
    State("second-factor-guarded", Who.GUARDED, "/accounts/2fa/"),
    State("authenticator-add", Who.CONFIRMED, "/accounts/2fa/totp/activate/"),
    State("authenticator-remove", Who.GUARDED, "/accounts/2fa/totp/deactivate/"),
    State("recovery-codes", Who.GUARDED, "/accounts/2fa/recovery-codes/"),
    State("recovery-codes-new", Who.GUARDED, "/accounts/2fa/recovery-codes/generate/"),
    State("passkeys", Who.GUARDED, "/accounts/2fa/webauthn/"),
    State("passkey-add", Who.CONFIRMED, "/accounts/2fa/webauthn/add/"),
    State("passkey-edit", Who.GUARDED, "/accounts/2fa/webauthn/keys/{passkey}/edit/"),
    State("passkey-remove", Who.GUARDED, "/accounts/2fa/webauthn/keys/{passkey}/remove/"),
    # ---- receipts ----
    State("receipts", Who.OWNER, "/receipts/"),
    State("receipts-empty", Who.NEWCOMER, "/receipts/"),
    State("receipt", Who.OWNER, "/receipts/{erased}/"),
    State("receipt-not-yet", Who.OWNER, "/receipts/{image}/"),
    State("receipt-genuine", Who.OWNER, "/receipts/{erased}/", acts.verify_it),
    State("verify", Who.VISITOR, "/receipts/verify/"),
    State("verify-unreadable", Who.VISITOR, "/receipts/verify/", acts.verify_nonsense),
    # ---- staff ----
    State("staff", Who.GUARDED, "/staff/"),
    State("staff-image", Who.GUARDED, "/staff/images/{image}/"),
    State("staff-image-failed", Who.GUARDED, "/staff/images/{failed}/"),
    State("staff-unguarded", Who.CONFIRMED, "/staff/"),
    # ---- refusals ----
    State("nowhere", Who.VISITOR, "/nothing"),
    *(State(f"refusal-{name}", Who.NEWCOMER, f"/refusals/{name}/") for name in ERRORS),
)

ANSWERS_A_PROGRAM = "answers a program, not a person"
A_FILE = "a file to save"
NO_PAGE = "takes what a page's form or script sends, and shows no page of its own"
NOT_PAGES = {
    "healthz": ANSWERS_A_PROGRAM,
    "readyz": ANSWERS_A_PROGRAM,
    "metrics": ANSWERS_A_PROGRAM,
    "privacy-json": ANSWERS_A_PROGRAM,
    "set_language": NO_PAGE,
    "receipts-keys": ANSWERS_A_PROGRAM,
    "receipts-head": ANSWERS_A_PROGRAM,
    "images": ANSWERS_A_PROGRAM,
    "image-render-state": ANSWERS_A_PROGRAM,
    "image-version": ANSWERS_A_PROGRAM,
    "uploads": ANSWERS_A_PROGRAM,
    "upload": ANSWERS_A_PROGRAM,
    "upload-part": ANSWERS_A_PROGRAM,
    "upload-finish": ANSWERS_A_PROGRAM,
    "shared-state": ANSWERS_A_PROGRAM,
    "mfa_login_webauthn": ANSWERS_A_PROGRAM,
    "training-history-json": A_FILE,
    "activity-csv": A_FILE,
    "activity-json": A_FILE,
    "account-closed-receipts": A_FILE,
    "receipt-json": A_FILE,
    "image-content": A_FILE,
    "image-render": A_FILE,
    "image-version-file": A_FILE,
    "images-download": A_FILE,
    "shared-preview": A_FILE,
    "shared-download": A_FILE,
    "staff-image-content": A_FILE,
    "mfa_download_recovery_codes": A_FILE,
    "device-sign-out": NO_PAGE,
    "training-off": NO_PAGE,
    "account-retention": NO_PAGE,
    "images-erase": NO_PAGE,
    "images-tags": NO_PAGE,
    "images-edit": NO_PAGE,
    "share-pause": NO_PAGE,
    "share-resume": NO_PAGE,
    "share-revoke": NO_PAGE,
    "share-renew": NO_PAGE,
    "shared-unlock": NO_PAGE,
    "shared-language": NO_PAGE,
    "shared-language-below": NO_PAGE,
    "shared-take": NO_PAGE,
    "image-erase": NO_PAGE,
    "image-ticket": NO_PAGE,
    "image-shorten": NO_PAGE,
    "staff-image-open": NO_PAGE,
    "account_confirm_login_code": "nobody signs in by a code that is mailed",
    "account_set_password": "everybody has a password: only who has none is let in",
    "mfa_authenticate": "the second step of signing in: the state sign-in-second-step",
}
