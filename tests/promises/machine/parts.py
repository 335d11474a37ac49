"""Rules: photos that arrive in parts."""

from django.conf import settings
from hypothesis.stateful import precondition, rule

from processing.access import find_upload
from processing.engine import HEAD_BYTES
from processing.errors import Incomplete, Paused
from processing.flows import parts, whole
from processing.flows.arriving import received
from processing.flows.shorten import Shorter
from processing.models import Image, Life
from processing.retention import gates
from tests import cast, photos
from tests.promises.machine.house import ANY, KILL
from tests.promises.machine.household import PHOTO, Photo
from tests.promises.machine.simulation import Killed
from tests.promises.machine.uploads import LIVES, PLACE, Uploads

LARGE = photos.pad(PHOTO, HEAD_BYTES + 1_000)  # Two parts.


class Parts(Uploads):
    @rule(place=PLACE, life=LIVES, kill=KILL)
    def begin_in_parts(self, place: tuple[int, int], life: Shorter, kill: int | None) -> None:
        user, space = self.people[place[0]], self.homes[place[1]]
        gates.start_watching(self.clock.now)
        sender = cast.sender_of(user, workspace=space, shorter=life)
        try:
            self.attempt(kill, lambda: parts.begin(sender, "photo.png", len(LARGE)))
        except Paused:
            assert self.home.overdue(settings.BUDGET.alarm)
            return
        for image in Image.objects.exclude(pk__in=self.home.photos):
            photo = self.home.adopt(image, place, may_be_kept=not life)
            photo.content, photo.heard_at = LARGE, self.clock.now
            self.in_parts.append(photo)

    @rule(place=PLACE, life=LIVES, kill=KILL)
    def send_in_parts(self, place: tuple[int, int], life: Shorter, kill: int | None) -> None:
        before = len(self.in_parts)
        self.begin_in_parts(place, life, None)
        if len(self.in_parts) > before:
            for step in (self.add_part, self.add_part, self.finish_parts):
                step(before, kill if step == self.finish_parts else None)

    @precondition(lambda self: self.in_parts)
    @rule(which=ANY, kill=KILL)
    def add_part(self, which: int, kill: int | None) -> None:
        photo, image = self._sending(which)
        if image is None or image.life == Life.LIVE:
            return
        offset = received(image)
        length = min(HEAD_BYTES, len(LARGE) - offset)
        gates.start_watching(self.clock.now)
        if length:
            piece = LARGE[offset : offset + length]
            try:
                answer = self.attempt(
                    kill, lambda: parts.add(image, offset, length, [piece]), photo
                )
            except Paused:
                assert self.home.overdue(settings.BUDGET.alarm)
                return
            assert isinstance(answer, Killed) or answer == offset + length
            photo.heard_at = photo.heard_at if isinstance(answer, Killed) else self.clock.now

    @precondition(lambda self: self.in_parts)
    @rule(which=ANY, kill=KILL)
    def finish_parts(self, which: int, kill: int | None) -> None:
        photo, image = self._sending(which)
        if image is None:
            return
        by = cast.at_page(self.people[photo.people[0]])
        try:
            answer = self.attempt(kill, lambda: whole.finish(image, by), photo)
        except Incomplete:
            assert received(image) < len(LARGE)
            return
        photo.strays |= isinstance(answer, Killed)
        photo.whole |= not isinstance(answer, Killed)
        self.acts["sent in parts"] += photo.whole

    @precondition(lambda self: self.in_parts)
    @rule(which=ANY, kill=KILL)
    def cancel_parts(self, which: int, kill: int | None) -> None:
        photo, image = self._sending(which)
        if image is not None:
            by = cast.at_page(self.people[photo.people[0]])
            if not isinstance(self.attempt(kill, lambda: parts.cancel(image, by), photo), Killed):
                photo.erased = True

    def _sending(self, which: int) -> tuple[Photo, Image | None]:
        """None where its sender is told that it is not there any more."""
        photo = self.in_parts[which % len(self.in_parts)]
        try:
            return photo, find_upload(self.people[photo.people[0]], photo.pk)
        except Image.DoesNotExist:
            assert not self.home.readable(photo)
            return photo, None
