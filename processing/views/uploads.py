"""Taking files out of a request: each is sealed while it arrives, none becomes a temporary file."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopFutureHandlers
from django.http import HttpRequest

from processing.engine.errors import PhotoError
from processing.errors import Interrupted, TooManyFiles
from processing.flows.shorten import let_go
from processing.flows.submit import Sender, Upload, discard, find_earlier
from processing.models import Image

FIELD = "image_file"


@dataclass
class Taken:
    """What became of the files of one request, in their order."""

    images: list[Image] = field(default_factory=list)
    errors: list[tuple[int, PhotoError]] = field(default_factory=list)
    fresh: list[Image] = field(default_factory=list)

    def take_back(self) -> None:
        """Erases what this request brought: it turned out not to be allowed, or broke off."""
        for image in self.fresh:
            discard(image)
        self.images, self.fresh = [], []

    def broke_off(self) -> bool:
        """The body ended before one of its files did, and so before what follows them."""
        return any(isinstance(error, Interrupted) for _, error in self.errors)

    def let_go(self) -> None:
        """What was chosen for them may never have been read: none is kept for training."""
        for image in self.fresh:
            let_go(image)


class RefuseFiles(FileUploadHandler):
    """The handler of every other address: a file that nobody asked for is read past, not kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return None


class SealFiles(FileUploadHandler):
    """Hands each file of the field `image_file` to `flows.submit`, piece by piece.

    One file that is refused is read to its end and does not touch the others.
    """

    def __init__(self, request: HttpRequest, sender: Sender) -> None:
        super().__init__(request)
        self.taken = Taken()
        self._sender = sender
        self._index = -1
        self._upload: Upload | None = None
        self._begun = self._ended = False

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        self._begun = True
        if field_name != FIELD:
            raise SkipFile
        self._index += 1
        try:
            self._start(file_name)
        except PhotoError as error:
            self._refuse(error)
        if self._upload is None:
            raise SkipFile
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        assert self._upload is not None
        try:
            self._upload.add(raw_data)
        except PhotoError as error:
            self._refuse(error)
            raise SkipFile from error
        return None

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        if self._upload is None:
            return None
        try:
            image = self._upload.finish()
        except PhotoError as error:
            self._refuse(error)
            return None
        self._upload = None
        self.taken.images.append(image)
        self.taken.fresh.append(image)
        return None

    def upload_interrupted(self) -> None:
        """The body ended before its last file did."""
        if self._upload is not None:
            self._refuse(Interrupted())

    def upload_complete(self) -> None:
        self._ended = True

    def broke_off(self) -> bool:
        """Reading failed half-way. Django's check of the token passes over that in silence."""
        return self._begun and not self._ended

    def drop(self) -> None:
        """Erases the file that is arriving."""
        upload, self._upload = self._upload, None
        if upload is not None:
            upload.abandon()

    def _start(self, file_name: str) -> None:
        if self._index >= settings.MAX_FILES:
            raise TooManyFiles.over(settings.MAX_FILES)
        earlier = find_earlier(self._sender, self._index)
        if earlier is not None:
            self.taken.images.append(earlier)
        else:
            self._upload = Upload(self._sender, file_name, self._index)

    def _refuse(self, error: PhotoError) -> None:
        self.taken.errors.append((self._index, error))
        self.drop()
