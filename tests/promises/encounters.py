"""What a deletion meets: see tests/promises/test_interleavings.py.

Each encounter is an image, its deletion, and what others do with it meanwhile.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from typing import cast as as_type
from uuid import uuid4

from django.conf import settings as site
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import StreamingHttpResponse
from django.test import RequestFactory

from accounts.models import User
from processing.access import images_of
from processing.engine import Options
from processing.errors import BadEraseAfter, Interrupted
from processing.flows.close_account import close_account
from processing.flows.edit import Wanted, save
from processing.flows.erase import erase_all, erase_images
from processing.flows.reading import ReadOn
from processing.flows.render import ask
from processing.flows.shorten import Shorter, shorten_from_now
from processing.flows.submit import Upload, find_earlier
from processing.jobs import run
from processing.models import Blob, Image, Job, JobState, Life, database_now
from processing.retention.sweeper import sweep
from processing.storage import BlobWriter, KeyGone, read_blob, stored_names
from processing.training.eligible import eligible
from processing.views import image as image_view
from tests import cast, photos
from tests.promises.turns import Played, pause

CONTENT = photos.pad(photos.draw(), 150_000)  # Three pieces to read.
RENDERED = Options(format="webp", size="preview")
STROKES = '[{"tool": "erase", "size": 0.2, "hardness": 1, "smart": false, "points": [[0.5, 0.5]]}]'
GONE = (Image.DoesNotExist, KeyGone)  # An answer to whoever comes too late.


@dataclass
class Encounter:
    user: User
    image: Image
    acts: dict[str, Callable[[], Any]] = field(default_factory=dict)
    more: list[Image] = field(default_factory=list)
    may_raise: tuple[type[Exception], ...] = ()
    another_round: bool = False  # What a sweeper passed over, because it was locked, is the next's.
    # Moments, counted: when somebody was told that it is erased, when somebody began to read it,
    # and when each piece of it came.
    told_at: int | None = None
    began_at: int = 0
    pieces: list[int] = field(default_factory=list)
    moments: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def erase(self) -> None:
        """What the page's "Erase" does."""
        found = images_of(self.user).filter(pk=self.image.pk)
        if erase_images(found, cast.at_page(self.user)):
            self.told_at = next(self.moments)

    def erase_all(self) -> None:
        if self.image in erase_all(self.user, cast.at_page(self.user)):
            self.told_at = next(self.moments)

    def close(self) -> None:
        close_account(self.user, cast.at_page(self.user))
        self.told_at = self.told_at or next(self.moments)

    def sweep(self) -> None:
        """A round at the deadline, after which nobody can read it, whoever deletes the bytes."""
        sweep(self.image.purge_at)
        self.told_at = self.told_at or next(self.moments)

    def shorten(self) -> None:
        found = images_of(self.user).get(pk=self.image.pk)
        shorten_from_now(found, Shorter(timedelta(hours=1)), cast.at_page(self.user))

    def flip(self) -> None:
        """Out and in again, which brings nothing back."""
        cast.opt_out(self.user)
        pause("between out and in")
        cast.opt_in(self.user)

    def read(self) -> None:
        self.began_at = next(self.moments)
        request = RequestFactory().get("/?download", headers=cast.JSON)
        request.user = as_type("User | AnonymousUser", self.user)
        response = image_view.content(request, self.image.pk, "original")
        if isinstance(response, StreamingHttpResponse):
            for _ in response:
                self.pieces.append(next(self.moments))

    def violations(self, played: Played) -> list[str]:
        """What is not as it has to be, now that everybody has ended."""
        if self.another_round:
            sweep(self.image.purge_at + site.BUDGET.swept)
        found = [
            f"{name} raised {outcome.error!r}"
            for name, outcome in played.outcomes.items()
            if outcome.error and not isinstance(outcome.error, self.may_raise)
        ]
        if self.told_at is None:
            return [*found, "nobody was told"]
        if images_of(self.user).filter(pk=self.image.pk).exists():
            found.append("it is still found")
        if Image.objects.filter(pk=self.image.pk).exclude(life=Life.ERASING).exists():
            found.append("its row lives")
        with transaction.atomic():
            if eligible(database_now()).filter(pk=self.image.pk).exists():
                found.append("it is there to be trained on")
        # What had ended before they met (it never started here) goes with the rows.
        able = Job.objects.filter(image_id=self.image.pk)
        able = able.exclude(state=JobState.DONE, started_at=None)
        if able.exists():
            found.append("a job of it is still there")
        if stored_names(self.image.prefix):
            found.append("there are still bytes of it")
        late = [moment for moment in self.pieces if moment > self.told_at]
        # The piece that was under way is no longer ours to hold back.
        if len(late) > (1 if self.began_at < self.told_at else 0):
            found.append("it was read after that")
        return found


def _meeting(user: User, **acts: str) -> Encounter:
    meeting = Encounter(user, cast.submit(user, CONTENT))
    meeting.acts = {"deletion": meeting.erase}
    meeting.acts |= {name: getattr(meeting, act) for name, act in acts.items()}
    return meeting


def _somebody_who_opted_in() -> User:
    user = cast.make_user(f"{uuid4().hex}@example.org")
    cast.opt_in(user)
    return user


def a_running_job(user: User) -> Encounter:
    meeting = _meeting(user)
    meeting.acts["worker"] = run.run_next
    return meeting


def a_running_rendering(user: User) -> Encounter:
    meeting = _of_something_done(user)
    ask(meeting.image, RENDERED)
    meeting.acts["worker"] = run.run_next
    return meeting


def a_rendering_that_is_asked_for(user: User) -> Encounter:
    """And made, by the same hand: the job comes while the image goes."""
    meeting = _of_something_done(user)

    def ask_and_work() -> None:
        ask(meeting.image, RENDERED)
        run.run_next()

    meeting.acts["visitor"] = ask_and_work
    meeting.may_raise = GONE
    return meeting


def an_edit(user: User) -> Encounter:
    """Its strokes are stored and its job comes while the image goes."""
    meeting = _of_something_done(user)
    meeting.acts["editor"] = lambda: save(
        meeting.image, Wanted({}, strokes=STROKES), cast.at_page(user)
    )
    meeting.may_raise = GONE
    return meeting


def _of_something_done(user: User) -> Encounter:
    """Its cut-out is behind it: the rows and bytes of what a rendering is made from are there."""
    meeting = _meeting(user)
    image = meeting.image
    Job.objects.filter(image=image).update(state=JobState.DONE, attempts=1)
    with BlobWriter(image.open_key(), image.prefix, 1, "mask.png") as writer:
        writer.write(b"mask")
    Blob.objects.create(image=image, kind="mask.png", generation=1, stored=True, size=4)
    return meeting


def a_shortening(user: User) -> Encounter:
    meeting = _meeting(user, shortening="shorten")
    meeting.may_raise = (*GONE, BadEraseAfter)
    return meeting


def a_reader(user: User) -> Encounter:
    meeting = _meeting(user, reader="read")
    meeting.may_raise = (ReadOn,)
    return meeting


def a_consent_flip(user: User) -> Encounter:
    owner = _somebody_who_opted_in()
    meeting = _meeting(owner, owner="flip")
    assert meeting.image.kept
    return meeting


def two_sweepers(user: User) -> Encounter:
    meeting = _meeting(user, sweeper="sweep", second="sweep")
    meeting.another_round = True
    return meeting


def another_deletion(user: User) -> Encounter:
    return _meeting(user, second="erase_all")


def a_closing(user: User) -> Encounter:
    return _meeting(_somebody_who_opted_in(), closing="close")


def a_closing_with_more(user: User) -> Encounter:
    """Several photos, all of which are erased by somebody else at the same time."""
    meeting = a_closing(user)
    for _ in range(3):
        meeting.more.append(cast.submit(meeting.user, photos.draw()))
    meeting.acts["deletion"] = meeting.erase_all
    return meeting


def an_upload(user: User) -> Encounter:
    """It goes live while everything is erased."""
    upload = Upload(cast.sender_of(user), "photo.png")
    upload.add(photos.pad(CONTENT, 300_000))
    assert upload._image is not None
    meeting = Encounter(user, upload._image, may_raise=(Interrupted,))

    def finish() -> None:
        try:
            upload.finish()
        except Interrupted:
            upload.abandon()
            raise

    meeting.acts = {"deletion": meeting.erase_all, "upload": finish}
    return meeting


def a_request_sent_again(user: User) -> Encounter:
    """The sender had no answer, and looks for what has become of the photo."""
    sender = cast.sender_of(user, uuid4().hex)
    upload = Upload(sender, "photo.png")
    upload.add(CONTENT)
    meeting = Encounter(user, upload.finish())
    meeting.acts = {"deletion": meeting.erase, "sender": lambda: find_earlier(sender, 0)}
    return meeting


def read_in_pieces(*args: Any) -> Iterator[bytes]:
    """The vault's reading, with a pause before each piece."""
    pause("before opening")
    for piece in read_blob(*args):
        pause("before a piece")
        yield piece


EVERY = (
    a_running_job,
    a_running_rendering,
    a_rendering_that_is_asked_for,
    an_edit,
    a_shortening,
    a_reader,
    a_consent_flip,
    two_sweepers,
    another_deletion,
    a_closing,
    an_upload,
    a_request_sent_again,
)
