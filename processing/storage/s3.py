"""A bucket that can be reached with a wrong clock, too.

S3 refuses a request whose signature is more than 15 minutes away from its own time. A machine whose
clock was set wrong could then read nothing and erase nothing. Where the answer to a refusal says
that the times are apart, the request is signed anew with the store's, as are all that follow.
botocore has no such correction (botocore/auth.py signs with the wall clock alone).
"""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore import auth
from django.utils import timezone
from storages.backends.s3 import S3Storage

NEAR = timedelta(minutes=5)


class _Clock:
    """How far the store's time is ahead of this machine's, as far as anybody has noticed."""

    ahead = timedelta()


class StoreTimeAuth(auth.S3SigV4Auth):
    """Signs with the store's time."""

    def _modify_request_before_signing(self, request: Any) -> None:
        signed_at = timezone.now() + _Clock.ahead
        request.context["timestamp"] = signed_at.strftime(auth.SIGV4_TIMESTAMP)
        super()._modify_request_before_signing(request)  # type: ignore[misc]


auth.AUTH_TYPE_MAPS["s3v4"] = StoreTimeAuth


class BucketStorage(S3Storage):  # type: ignore[misc]
    def _create_session(self) -> Any:
        session = super()._create_session()
        session.events.register("needs-retry.s3", correct_clock)
        return session


def correct_clock(response: Any, attempts: int, **_: Any) -> int | None:
    """A handler of botocore's: after how many seconds the request is sent again, None for never."""
    if response is None or attempts > 1 or response[0].status_code != 403:
        return None
    told = response[0].headers.get("Date")
    if not told:
        return None
    ahead = parsedate_to_datetime(told) - timezone.now()
    if abs(ahead - _Clock.ahead) < NEAR:
        return None  # Refused for another reason.
    _Clock.ahead = ahead
    return 0
