"""Rules: what people decide, and what they can read."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from processing import storage
from processing.access import find_image
from processing.errors import BadEraseAfter
from processing.flows.erase import erase_all, erase_images
from processing.flows.shorten import Shorter, shorten_from_now
from processing.models import Image, Life
from tests import cast
from tests.promises.machine.house import ANY, ANYBODY, KILL
from tests.promises.machine.household import ADA, BEN, OptIn, Photo
from tests.promises.machine.parts import Parts
from tests.promises.machine.simulation import Killed

SEES = {ADA: {ADA}, BEN: {ADA, BEN}}  # Whose workspaces.


class People(Parts):
    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, minutes=st.sampled_from([1, 7, 90]), kill=KILL)
    def shorten(self, which: int, minutes: int, kill: int | None) -> None:
        photo = self.pick(which)
        image = Image.objects.filter(pk=photo.pk).first()
        if image is None or image.life == Life.ERASING:
            return
        choice, by = Shorter(timedelta(minutes=minutes)), cast.at_page(self.people[ADA])
        assert choice.life
        until = self.clock.now + choice.life
        try:
            answer = self.attempt(kill, lambda: shorten_from_now(image, choice, by), photo)
        except BadEraseAfter:
            assert until >= photo.purge_at
            return
        if not isinstance(answer, Killed):
            self.home.shorten(photo, until)
            self.home.free(photo)

    @rule(person=ANYBODY, on=st.booleans(), kill=KILL)
    def turn(self, person: int, on: bool, kill: int | None) -> None:
        user = self.people[person]
        if not on and not isinstance(self.attempt(kill, lambda: cast.opt_out(user)), Killed):
            self.home.turn(person, None)
        if on:
            entry = self.attempt(kill, lambda: cast.opt_in(user))
            if not isinstance(entry, Killed):
                self.home.turn(person, OptIn(entry.number, entry.at))

    @precondition(lambda self: self.home.photos)
    @rule(chosen=st.sets(ANY, min_size=1, max_size=3), kill=KILL)
    def erase(self, chosen: set[int], kill: int | None) -> None:
        self.erase_now([self.pick(which) for which in sorted(chosen)], kill)

    def erase_now(self, chosen: list[Photo], kill: int | None) -> None:
        found = {photo.pk: photo for photo in chosen}
        images = list(Image.objects.filter(pk__in=found).exclude(life=Life.ERASING))
        asked = [found[image.pk] for image in images]
        by = cast.at_page(self.people[ADA])
        if not isinstance(self.attempt(kill, lambda: erase_images(images, by), *asked), Killed):
            self._told_erased(asked)

    @rule(person=ANYBODY, kill=KILL)
    def erase_everything(self, person: int, kill: int | None) -> None:
        user = self.people[person]
        there = Image.objects.exclude(life=Life.ERASING).values_list("pk", flat=True)
        asked = [self.home.photos[pk] for pk in there if person in self.home.photos[pk].people]
        by = cast.at_page(user)
        if not isinstance(self.attempt(kill, lambda: erase_all(user, by), *asked), Killed):
            self._told_erased(asked)

    def _told_erased(self, asked: list[Photo]) -> None:
        objects = self.home.objects()
        for photo in asked:
            photo.erased = True
            assert photo.prefix not in objects

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, person=ANYBODY)
    def read(self, which: int, person: int) -> None:
        photo = self.pick(which)
        try:
            image = find_image(self.people[person], photo.pk)
        except Image.DoesNotExist:
            assert not (self.home.readable(photo) and photo.people[1] in SEES[person])
            return
        assert self.home.readable(photo)
        original = image.blobs.get(kind="original", stored=True)
        content = storage.read_blob(
            image.open_key(), image.prefix, original.generation, original.kind
        )
        assert b"".join(content) == photo.content
