"""Rules: photos arrive, wholly, half, or not at all."""

from datetime import timedelta

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from processing.errors import Interrupted, Paused
from processing.flows.shorten import AS_USUAL, Shorter
from processing.flows.submit import Upload
from processing.models import Image, Life
from processing.retention import gates
from tests import cast
from tests.promises.machine.house import ANY, KILL, House, let_go
from tests.promises.machine.household import PHOTO, PLACES
from tests.promises.machine.simulation import Killed

SHORT = (Shorter(timedelta(minutes=10)), Shorter(timedelta(hours=1)))
LIVES = st.sampled_from([AS_USUAL, AS_USUAL, AS_USUAL, *SHORT])
PLACE = st.sampled_from(PLACES)


class Uploads(House):
    @rule(place=PLACE, life=LIVES, late=st.booleans(), kill=KILL)
    def upload(self, place: tuple[int, int], life: Shorter, late: bool, kill: int | None) -> None:
        before = len(self.arriving)
        self.begin(place, life, late, None)
        if len(self.arriving) > before:
            self.finish_upload(before, kill)

    @rule(place=PLACE, life=LIVES, late=st.booleans(), kill=KILL)
    def begin(self, place: tuple[int, int], life: Shorter, late: bool, kill: int | None) -> None:
        user, space = self.people[place[0]], self.homes[place[1]]
        began = self.clock.now - timedelta(minutes=2 * late)
        gates.start_watching(self.clock.now)  # That the sweeper is silent has a test of its own.
        sender = cast.sender_of(user, workspace=space, began_at=began, shorter=life)
        try:
            upload = Upload(sender, "photo.png")
        except Paused:
            assert self.home.overdue(settings.BUDGET.alarm)
            return
        assert not self.home.forgotten(settings.BUDGET.alarm)
        upload.add(PHOTO)
        died = isinstance(self.attempt(kill, upload._begin), Killed)
        if upload._image and Image.objects.filter(pk=upload._image.pk).exists():
            photo = self.home.adopt(upload._image, place, may_be_kept=not life)
            if not died:
                self.arriving.append((upload, photo))

    @precondition(lambda self: self.arriving)
    @rule(which=ANY, kill=KILL)
    def finish_upload(self, which: int, kill: int | None) -> None:
        upload, photo = self.arriving.pop(which % len(self.arriving))
        try:
            answer = self.attempt(kill, upload.finish, photo)
        except Interrupted:
            assert not Image.objects.filter(pk=photo.pk, life=Life.LIVE).exists()
            upload.abandon()
            return
        if isinstance(answer, Killed):
            let_go(upload)
        else:
            photo.whole = True

    @precondition(lambda self: self.arriving)
    @rule(which=ANY, silently=st.booleans(), kill=KILL)
    def break_off(self, which: int, silently: bool, kill: int | None) -> None:
        upload, photo = self.arriving.pop(which % len(self.arriving))
        let_go(upload)
        if not silently:
            self.attempt(kill, upload.abandon, photo)
