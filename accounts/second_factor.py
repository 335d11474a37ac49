"""How the secrets of authenticator apps and recovery codes stand in the database.

They are encrypted by a key made from SECRET_KEY. With another SECRET_KEY nobody reads them any
more: no code opens then, while passwords and passkeys, which need no secret of ours, go on.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy


class SecretUnreadable(ValidationError):
    """The secret was encrypted under another SECRET_KEY. A form takes it for a wrong code."""

    silent_variable_failure = True  # A template shows nothing in its place.

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy(
                "Codes of this account can no longer be checked here. Sign in with a passkey, "
                "or ask the people who run this site."
            ),
            code="secret_unreadable",
        )


def seal(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises SecretUnreadable."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def _cipher() -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"bgerase second factor").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(urlsafe_b64encode(key))
