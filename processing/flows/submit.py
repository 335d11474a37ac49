"""Submitting a photo: sealed while it arrives, known to the sweeper before it is stored.

Nothing is stored of a file that its first bytes already disqualify. What breaks off later leaves a
row with a deadline, and is erased at once where this process still lives, by the sweeper otherwise.
"""

import errno
import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Action, User, Workspace
from processing import tasks
from processing.engine import HEAD_BYTES, EmptyFile, Header, PhotoError, TooLarge, check_head
from processing.errors import Interrupted, RequestInProgress, StorageFull
from processing.flows.erase import delete_bytes
from processing.flows.shorten import AS_USUAL, Shorter, life_in_force
from processing.limits import photo_limits
from processing.models import Blob, Image, ImageQuerySet, Job, Life, Reason, database_now
from processing.retention import deadlines, erase, gates
from processing.storage import (
    BlobWriter,
    KeyGone,
    digest_under_epoch,
    digests_alive,
    free_bytes,
)
from processing.training.agreed import agreed

log = logging.getLogger(__name__)
NAME_CHARACTERS = 200


@dataclass(frozen=True)
class Sender:
    """Who submits, into which workspace, under which key of theirs for this request, since when,
    for how long if that is shorter than usual, for which model if not for the site's own, and in
    which batch."""

    user: User
    workspace: Workspace
    request_key: str = ""
    began_at: datetime | None = None
    shorter: Shorter = AS_USUAL
    model: str = ""
    batch: UUID = field(default_factory=uuid4)
    by: Actor = field(kw_only=True)  # The user, and by which way.

    def life(self) -> timedelta:
        """The shortest of what the site, the workspace and the sender say."""
        usual = life_in_force(self.workspace)
        return min(usual, self.shorter.life or usual)

    def chose_shorter(self) -> bool:
        """Nothing that came with a life of its own is kept for training."""
        return bool(self.shorter) or life_in_force(self.workspace) < settings.RETENTION

    def stored_key(self, epoch: int) -> str | None:
        """Of an image of that epoch: as a digest whose key dies with it. A sender's key can be
        anything, a file name too, and a plain hash would let whoever has a backup guess at it.

        Raises KeyGone.
        """
        if not self.request_key:
            return None
        return digest_under_epoch(self.request_key, self._place(), epoch)

    def stored_keys(self) -> list[str]:
        """As it is stored with any image that is here."""
        if not self.request_key:
            return []
        return digests_alive(self.request_key, self._place(), ())

    def _place(self) -> bytes:
        """Nothing that a tag's digest could be taken for."""
        return b"request " + self.workspace.pk.bytes


def read_batch(text: str) -> UUID:
    """The number that a sender has made for what belongs together; a new one where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


def find_earlier(sender: Sender, index: int) -> Image | None:
    """The image that this very file of this very request has become already.

    None once it is due. One that is still arriving is erased: whoever sends a request again has
    given up on the first, whose connection can hang for long before its server learns of it.
    """
    image = _sent_before(sender, index).first()
    if image is None:
        return None
    if not erase.condemn(image, database_now(), None, spare_live=True):
        with suppress(Image.DoesNotExist):  # Erased since: it came all the same.
            image.refresh_from_db()  # It may have gone live this moment.
        return image
    delete_bytes(image)
    return None


def _sent_before(sender: Sender, index: int) -> ImageQuerySet:
    """The image of this file of this request, under whichever epoch it is."""
    images: ImageQuerySet = Image.objects.filter(
        workspace=sender.workspace, request_key__in=sender.stored_keys(), request_index=index
    )
    return images


class Upload:
    """One photo arriving: `add` for each piece, then `finish`, or `abandon` at any time."""

    def __init__(self, sender: Sender, name: str, index: int = 0) -> None:
        """Raises StorageFull when there is too little room to begin, Paused when it is not certain
        that the photo would be erased on time."""
        gates.check_open(database_now())
        check_room()
        self._sender, self._index = sender, index
        self._name = bare_name(name)
        # The promise counts from the first byte, of the request even: nothing can be earlier.
        self._received_at = sender.began_at or database_now()
        self._head = bytearray()
        self._header: Header | None = None
        self._size = 0
        self._image: Image | None = None
        self._writer: BlobWriter | None = None

    def add(self, content: bytes) -> None:
        """Raises PhotoError as soon as it is clear that the photo cannot be taken."""
        self._size += len(content)
        if self._size > settings.MAX_UPLOAD_BYTES:
            raise TooLarge.over(settings.MAX_UPLOAD_BYTES)
        if self._writer is not None:
            self._write(content)
            return
        self._head += content
        if len(self._head) >= HEAD_BYTES:
            self._begin()

    def finish(self) -> Image:
        """The image, live, with its job waiting. Raises PhotoError."""
        if not self._size:
            raise EmptyFile
        if self._writer is None:
            self._begin()
        assert self._image is not None
        assert self._writer is not None
        try:
            self._writer.finish()
            self._go_live(self._image)
        except Exception as error:
            raise self._explain(error) from error
        return self._image

    def abandon(self) -> None:
        """Erases what was stored of it."""
        if self._writer is not None:
            self._writer.abandon()
        if self._image is not None:
            discard(self._image)

    def _begin(self) -> None:
        self._header = check_head(bytes(self._head), photo_limits())
        try:
            self._image = self._promise(self._header)
            self._writer = BlobWriter(self._image.open_key(), self._image.prefix, 0, "original")
        except (OSError, OperationalError) as error:
            raise refusal_of(error) from error
        self._write(bytes(self._head))
        self._head.clear()

    def _promise(self, header: Header) -> Image:
        """Commits the row with the deadline and the key, and the row of the original."""

        def record(image: Image) -> None:
            image.kind, image.width, image.height = header.kind, header.width, header.height
            image.save(force_insert=True)
            Blob.objects.create(image=image, kind="original", generation=0)

        return promise(self._sender, self._name, self._received_at, self._index, record)

    def _write(self, content: bytes) -> None:
        assert self._writer is not None
        try:
            self._writer.write(content)
        except Exception as error:
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> Exception:
        """What was erased under the sender's hands broke off, whatever the storage says of it: a
        bucket refuses the next part of an upload that was taken away."""
        if self._image is None or isinstance(error, PhotoError | OperationalError):
            return refusal_of(error)
        arriving = Image.objects.filter(pk=self._image.pk, life=Life.RECEIVING).exists()
        return refusal_of(error) if arriving else Interrupted()

    def _go_live(self, image: Image) -> None:
        sender = self._sender
        go_live(image, self._size, 0, sender.model, sender.by)


def bare_name(name: str) -> str:
    """A file's name without its path, whichever system it is of, and not too long."""
    return PurePosixPath(name.replace("\\", "/")).name[:NAME_CHARACTERS]


def promise(
    sender: Sender,
    name: str,
    received_at: datetime,
    index: int,
    record: Callable[[Image], object],
) -> Image:
    """An image with its deadline and its key; `record` saves it, and what else belongs to it.

    All of it is committed before a byte is stored. Raises Interrupted, RequestInProgress.
    """
    image = Image(
        workspace=sender.workspace,
        uploaded_by=sender.user,
        received_at=received_at,
        purge_at=deadlines.purge_at(received_at, sender.life()),
        erase_after_download=sender.shorter.after_download,
        request_index=index,
        batch=sender.batch,
    )
    if image.purge_at <= database_now():
        raise Interrupted  # It took so long that the key's epoch has ended.
    image.give_key(name)
    try:
        image.request_key = sender.stored_key(image.epoch)
        with transaction.atomic():
            _check_accounts(sender)
            _check_twin(sender, index)
            _keep(image, sender)
            record(image)
    except IntegrityError as error:
        raise RequestInProgress from error  # Its twin was first by a moment.
    except KeyGone as error:
        raise Interrupted from error  # As above: its epoch ended this moment.
    return image


def go_live(image: Image, size: int, generation: int, model: str, by: Actor) -> None:
    """The original of that generation is whole: it can be read, and a job waits.

    Its workspace's owner has to be known. Raises Interrupted for an image that is not arriving
    any more.
    """
    with transaction.atomic():
        now = database_now()
        live = Image.objects.filter(pk=image.pk, life=Life.RECEIVING, purge_at__gt=now).update(
            life=Life.LIVE, size=size
        )
        if not live:
            raise Interrupted  # It took so long that the sweeper has erased it.
        original = Blob.objects.filter(image=image, kind="original", generation=generation)
        original.update(stored=True, size=size)
        Job.objects.create(image=image, queued_at=now, model_asked=model)
        owner = image.workspace.owner
        audit.note(Action.IMAGE_UPLOADED, owner=owner, by=by, image_id=image.pk)
        transaction.on_commit(lambda: tasks.ring(model))
    image.refresh_from_db()


def _check_accounts(sender: Sender) -> None:
    """A request can outlive its account: nothing begins in one that was closed meanwhile."""
    ids = {sender.user.pk, sender.workspace.owner_id}
    locked = User.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    if any(locked.values_list("closed_at", flat=True)):
        raise Interrupted


def _check_twin(sender: Sender, index: int) -> None:
    """The database refuses a second image of one request in one epoch; that of a twin can be
    another. Whoever sends into the same workspace waits for its owner's row, and then sees it.

    Raises RequestInProgress.
    """
    if _sent_before(sender, index).exists():
        raise RequestInProgress


def _keep(image: Image, sender: Sender) -> None:
    """Keeps it for training if everybody agreed, who cannot turn back before the commit."""
    if sender.chose_shorter():
        return
    if opt_ins := agreed(sender.user, sender.workspace, image.received_at):
        try:
            image.keep(*opt_ins)
        except KeyGone:
            log.warning("%s is not kept: the secret of its opt-in was destroyed", image)


def discard(image: Image) -> None:
    """Erases an image that is not to be; a storage that refuses is left to the sweeper."""
    try:
        now = database_now()
        erase.begin(image, now, Reason.BROKEN_OFF, by_uploader=True)
        # While a worker can be writing for it the row stays, for the sweeper to look again.
        erase.finish(image, now)
    except Exception:  # The answer to the sender stays the reason why it was refused.
        log.exception("%s could not be discarded now; the sweeper will", image)


def check_room() -> None:
    """Raises StorageFull. The database needs room as well as the photo, perhaps on another disk."""
    free = [shutil.disk_usage(settings.DATA_DIR).free, free_bytes()]
    if any(room is not None and room < settings.MIN_FREE_BYTES for room in free):
        raise StorageFull


def refusal_of(error: Exception) -> Exception:
    """A full disk is the sender's to know; anything else is ours."""
    full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    if full or "disk is full" in str(error):
        return StorageFull()
    return error
