"""Taking one picture out of a form: held in memory, never in a file."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers

from processing.engine import TooLarge
from processing.errors import Interrupted
from processing.flows.edit import MOST_PICTURE_BYTES

FIELD = "picture"


class HoldPicture(FileUploadHandler):
    """The first file of the field `picture`; any other file is read past."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._content: bytearray | None = None
        self._begun = self._ended = self._too_large = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, *args, **kwargs)
        self._begun = True
        if field_name != FIELD or self._content is not None:
            raise SkipFile
        self._content = bytearray()
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        assert self._content is not None
        if len(self._content) + len(raw_data) > MOST_PICTURE_BYTES:
            self._too_large = True
            self._content.clear()
            raise SkipFile
        self._content += raw_data
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return None

    def upload_complete(self) -> None:
        self._ended = True

    def take(self) -> bytes | None:
        """What has come, once the form is read. Raises TooLarge, Interrupted."""
        if self._too_large:
            raise TooLarge.over(MOST_PICTURE_BYTES)
        if self._begun and not self._ended:
            raise Interrupted  # Django's check of the token passes over that in silence.
        return None if self._content is None else bytes(self._content)
