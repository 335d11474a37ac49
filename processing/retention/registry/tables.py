"""Every column of every table: ours, django-allauth's and Django's."""

from processing.retention.registry.kinds import Erased, Held

NOTHING, STAYS = Erased.NOTHING_PERSONAL, Erased.STAYS
AT_ERASING, WITH_IMAGE = Erased.AT_ERASING, Erased.WITH_IMAGE
BLANKED, DELETED = Erased.BLANKED_AT_CLOSING, Erased.DELETED_AT_CLOSING
AUDIT, BY_TIME = Erased.AFTER_AUDIT_DAYS, Erased.BY_TIME

_OF_SITE = "words and numbers of the program itself"

TABLES: dict[str, tuple[Held, ...]] = {
    "processing.Image": (
        Held("wrapped_key kept_key", "the photo's key, encrypted", AT_ERASING),
        Held("sealed_name", "the file's name, encrypted with the photo's key", AT_ERASING),
        Held("request_key", "a digest of a key that the sender chose", AT_ERASING),
        Held("workspace uploaded_by", "whose photo it is", WITH_IMAGE),
        Held("consent owner_consent kept withdrawn_at", "the opt-ins it came under", WITH_IMAGE),
        Held("kind size width height", "type and size of the photo", WITH_IMAGE),
        Held("received_at purge_at erase_after_download", "its times", WITH_IMAGE),
        Held("life erasing_since reason quiet_at shredded_at", "how far it is erased", WITH_IMAGE),
        Held("objects_deleted erase_tries look_again_at", "how far it is erased", WITH_IMAGE),
        Held("id prefix epoch request_index batch", "random and counted numbers", WITH_IMAGE),
        Held("version head", "which of its versions is shown", WITH_IMAGE),
    ),
    "processing.Edit": (
        Held("image id number base strokes picture", "which versions there are", WITH_IMAGE),
        Held("options", "how a version is shown, in words of lists", WITH_IMAGE),
        Held("fingerprint", "a hash of a version, made with the photo's key", WITH_IMAGE),
        Held("saved_at", "its time", WITH_IMAGE),
    ),
    "processing.Tag": (
        Held("sealed", "a tag's word, encrypted with the photo's key", WITH_IMAGE),
        Held("digest kept_digest", "the word's digests, by keys that die in time", WITH_IMAGE),
        Held("id image workspace", "which image has it", WITH_IMAGE),
    ),
    "processing.Blob": (
        Held("image kind generation size stored id", "which copies of it are stored", WITH_IMAGE),
    ),
    "processing.Arrival": (
        Held("image size heard_at", "how large a photo is that comes in parts", WITH_IMAGE),
        Held("model_asked", "words of the program's lists", WITH_IMAGE),
    ),
    "processing.Job": (
        Held(
            "image id state attempts lease_until little_found",
            "how far it is cut out, and whether nearly nothing was found",
            WITH_IMAGE,
        ),
        Held("queued_at started_at finished_at timings", "its times", WITH_IMAGE),
        Held(
            "error_code model_asked model model_version", "words of the program's lists", WITH_IMAGE
        ),
        Held("task options output", "which files were asked for, in words of lists", WITH_IMAGE),
    ),
    "processing.Share": (
        Held("password_hash", "a hash of a link's password", WITH_IMAGE),
        Held("token_hash", "a hash of the secret in a link's address", WITH_IMAGE),
        Held("id workspace created_by created_at expires_at", "whose link, until when", WITH_IMAGE),
        Held("paused_at revoked_at download_limit downloads", "how far it is open", WITH_IMAGE),
        Held("formats sizes originals names erase_after_last", "what it gives out", WITH_IMAGE),
    ),
    "processing.ShareItem": (Held("id share image place", "which images are in it", WITH_IMAGE),),
    "processing.ShareDownload": (
        Held("id share place format size", "which of its files was taken", WITH_IMAGE),
        Held("ends_at sent finished_at", "how far that download is", WITH_IMAGE),
    ),
    "processing.WorkerBeat": (
        Held("name seen_at model model_version provider serves load", _OF_SITE, NOTHING),
    ),
    "processing.Receipt": (
        Held("number image_id workspace", "ids", STAYS),
        Held("received_at due_at kept_until unreadable_at erased_at", "times", STAYS),
        Held("size copies objects_deleted reason", "numbers and words of lists", STAYS),
        Held("key previous_hash hash signature", "the proof", STAYS),
    ),
    "processing.ReceiptKey": (Held("id public_key first_used_at", _OF_SITE, NOTHING),),
    "processing.Pulse": (Held("name at facts", _OF_SITE, NOTHING),),
    "processing.VaultMark": (Held("alias mark made_at", _OF_SITE, NOTHING),),
    "processing.StaffAccess": (
        Held("reason", "why staff looked at an image, in their words", AUDIT),
        Held("id staff image_id opened_at ends_at", "who of the staff, when", AUDIT),
    ),
    "accounts.User": (
        Held("email", "the e-mail address", BLANKED),
        Held("password", "a hash of the password", BLANKED),
        Held("last_login date_joined", "when the person came and was last here", BLANKED),
        Held("is_active is_staff is_superuser groups user_permissions", "rights", BLANKED),
        Held("id closed_at", "a random number, and when it was closed", STAYS),
    ),
    "accounts.User_groups": (Held("id user group", "rights", DELETED),),
    "accounts.User_user_permissions": (Held("id user permission", "rights", DELETED),),
    "accounts.Workspace": (
        Held("retention_seconds members", "how long photos live, and who is in it", BLANKED),
        Held("id owner personal created_at", "whose workspace it was", STAYS),
    ),
    "accounts.Membership": (Held("id workspace user", "who is in which workspace", DELETED),),
    "accounts.AuditEntry": (
        Held("at owner actor via action image_id share_id count", "who did what, when", AUDIT),
        Held("detail", "a word of a list, or staff's reason", AUDIT),
        Held("address", "the network of an address, no machine", BLANKED),
        Held("id once", "numbers and hashes of the above", AUDIT),
    ),
    "accounts.ConsentEntry": (
        Held("number user on at how", "who turned the opt-in on or off, when", STAYS),
        Held("wording_version wording_hash", "which wording they saw", STAYS),
        Held("address", "the network of an address, no machine", STAYS),
        Held("previous_hash hash", "the proof", STAYS),
    ),
    "accounts.ChainHead": (Held("name number hash", _OF_SITE, NOTHING),),
    "account.EmailAddress": (
        Held("email", "e-mail addresses", DELETED),
        Held("id user verified primary", "whose, and whether confirmed", DELETED),
    ),
    "account.EmailConfirmation": (
        Held("id email_address created sent key", "links that confirm an address", DELETED),
    ),
    "mfa.Authenticator": (
        Held("data", "second-factor secrets, encrypted; public keys of passkeys", DELETED),
        Held("id user type created_at last_used_at", "whose, and when used", DELETED),
    ),
    "usersessions.UserSession": (
        Held("ip user_agent data", "address and browser of a signed-in device", DELETED),
        Held("id user session_key created_at last_seen_at", "whose, and when seen", DELETED),
    ),
    "sessions.Session": (
        Held("session_key session_data expire_date", "who is signed in; at most 14 days", BY_TIME),
    ),
    "auth.Permission": (Held("id name content_type codename", _OF_SITE, NOTHING),),
    "auth.Group": (Held("id name permissions", _OF_SITE, NOTHING),),
    "auth.Group_permissions": (Held("id group permission", _OF_SITE, NOTHING),),
    "contenttypes.ContentType": (Held("id app_label model", _OF_SITE, NOTHING),),
}


def fields_of(erased: Erased) -> dict[str, list[str]]:
    """Table to those of its columns that go that way."""
    chosen = {
        table: [name for one in held if one.erased is erased for name in one.fields.split()]
        for table, held in TABLES.items()
    }
    return {table: names for table, names in chosen.items() if names}


def tables_gone_at_closing() -> list[str]:
    """The tables of which nothing of a person is left once their account is closed."""
    return list(fields_of(Erased.DELETED_AT_CLOSING))
