"""Rules: what people make of photos that are there: versions, links, tags."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from processing.access import images_of, workspaces_of
from processing.engine.errors import EngineFailed
from processing.errors import (
    BadShare,
    NotCutOut,
    NotReady,
    RenderingsWaiting,
    ShareEnded,
    ShareGone,
    ShareTooLong,
)
from processing.flows import edit, share, share_download, tags
from processing.flows.share_terms import Terms
from processing.flows.share_visit import Visit, visit
from processing.flows.shorten import AS_USUAL
from processing.models import Edit, Image, Job, JobState, Share, Task
from processing.storage import KeyGone
from tests import cast
from tests.promises.machine.house import ANY, ANYBODY, KILL
from tests.promises.machine.household import PHOTO, Photo
from tests.promises.machine.links import Link
from tests.promises.machine.people import SEES
from tests.promises.machine.simulation import Killed
from tests.promises.machine.uploads import PLACE
from tests.promises.machine.work import Work

STROKES = '[{"tool": "erase", "size": 0.3, "hardness": 1, "smart": false, "points": [[0.4, 0.4]]}]'
VERSIONS = st.sampled_from(
    [
        edit.Wanted({"bg_color": "white"}),
        edit.Wanted({}, strokes=STROKES),
        edit.Wanted({"bg_color": "black"}, strokes=STROKES),
        edit.Wanted({}, picture=PHOTO),
    ]
)
TERMS = st.fixed_dictionaries(
    {
        "life": st.sampled_from([None, timedelta(hours=1)]),
        "download_limit": st.sampled_from([1, 5]),
        "erase_after_last": st.booleans(),
    }
)
SOME = st.lists(ANY, min_size=1, max_size=3)
WORDS = st.sampled_from(["lamp", "chair"])
ORIGINAL = share_download.ORIGINAL
MOST_LINKS = 3  # Each is opened after every step.


class Derived(Work):
    @initialize(
        places=st.lists(PLACE, min_size=1, max_size=3), on=st.sets(ANYBODY), cut_out=st.booleans()
    )
    def move_in(self, places: list[tuple[int, int]], on: set[int], cut_out: bool) -> None:
        for person in sorted(on):
            self.home.turn_on(person)
        for place in places:
            self.upload(place, AS_USUAL, late=False, kill=None)
            if cut_out:
                self.work_off(None)

    # Versions.

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, wanted=VERSIONS, kill=KILL)
    def save_version(self, which: int, wanted: edit.Wanted, kill: int | None) -> None:
        photo, by = self.pick(which), cast.at_page(self.people[0])
        row = Image.objects.filter(pk=photo.pk).first()
        if row is None or not photo.made:  # No page offers it.
            return
        try:
            saved = self.attempt(kill, lambda: edit.save(row, wanted, by), photo)
        except (Image.DoesNotExist, KeyGone):
            assert not self.home.readable(photo)
        except RenderingsWaiting:
            waiting = Job.objects.filter(image=row, task=Task.EDIT).exclude(state=JobState.DONE)
            assert waiting.count() >= edit.MOST_WAITING
        else:
            photo.strays |= isinstance(saved, Killed)
            if isinstance(saved, Edit):
                assert self.home.readable(photo)
                self.acts["versions saved"] += 1
                photo.head = saved.number
                photo.version = photo.head if photo.head in photo.made else photo.version

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, wanted=VERSIONS, kill=KILL)
    def make_version(self, which: int, wanted: edit.Wanted, kill: int | None) -> None:
        self.save_version(which, wanted, None)
        self.work_off(kill)

    @precondition(lambda self: self.home.photos)
    @rule(which=ANY, number=st.integers(0, 3), kill=KILL)
    def choose_version(self, which: int, number: int, kill: int | None) -> None:
        photo, by = self.pick(which), cast.at_page(self.people[0])
        row = Image.objects.filter(pk=photo.pk).first()
        if row is None:
            return
        try:
            answer = self.attempt(kill, lambda: edit.choose(row, number, by), photo)
        except (Image.DoesNotExist, NotReady, EngineFailed):
            assert not self.home.readable(photo) or number not in photo.made
        else:
            if not isinstance(answer, Killed):
                assert self.home.readable(photo)
                assert number in {0, *photo.made}
                self.acts["versions chosen"] += 1
                photo.head = photo.version = number

    # Links.

    @precondition(lambda self: self.home.photos and len(self.home.links) < MOST_LINKS)
    @rule(which=ANY, terms=TERMS, kill=KILL)
    def link_to_one(self, which: int, terms: Terms, kill: int | None) -> None:
        before = len(self.home.links)
        self.make_link(self.pick(which).people[1], [which], terms, None)
        if len(self.home.links) > before:
            self.download(before, kill)

    @precondition(lambda self: self.home.photos and len(self.home.links) < MOST_LINKS)
    @rule(person=ANYBODY, chosen=SOME, terms=TERMS, kill=KILL)
    def make_link(self, person: int, chosen: list[int], terms: Terms, kill: int | None) -> None:
        photos = {photo.pk: photo for photo in map(self.pick, chosen)}
        user, ids = self.people[person], list(photos)
        terms = {**terms, "originals": True}
        try:
            made = self.attempt(
                kill, lambda: share.create(user, ids, terms, cast.at_page(user)), *photos.values()
            )
        except Image.DoesNotExist:
            assert not all(self._sees(person, photo) for photo in photos.values())
            return
        except NotCutOut:
            assert not all(photo.made for photo in photos.values())
            return
        except BadShare:
            assert len({photo.people[1] for photo in photos.values()}) > 1
            return
        except ShareTooLong:
            last = min(one.purge_at for one in photos.values() if not self.home.kept(one))
            assert self.clock.now + timedelta(hours=1) > last
            return
        if isinstance(made, share.Made):
            assert all(self._sees(person, photo) and photo.made for photo in photos.values())
            self.home.links.append(self._link(made, person, ids))
            self.acts["links made"] += 1

    def _link(self, made: share.Made, person: int, ids: list[UUID]) -> Link:
        row = Share.objects.get(pk=made.share.pk)
        for photo in map(self.home.photos.__getitem__, ids):
            assert row.expires_at <= photo.purge_at or self.home.kept(photo)
        began_at, ends_at, left = row.created_at, row.expires_at, row.download_limit
        erases = row.erase_after_last
        return Link(self.clock, row.pk, made.token, person, ids, began_at, ends_at, left, erases)

    @precondition(lambda self: self.home.links)
    @rule(
        which=ANY, act=st.sampled_from(["pause", "resume", "renew", "revoke", "forget"]), kill=KILL
    )
    def change_link(self, which: int, act: str, kill: int | None) -> None:
        link = self.home.links[which % len(self.home.links)]
        if act == "forget":  # Whoever had it looks at it no more.
            self.home.links.remove(link)
            return
        user = self.people[link.by]
        step = getattr(share, act)
        try:
            answer = self.attempt(kill, lambda: step(user, link.pk, cast.at_page(user)))
        except ShareEnded:
            assert link.is_over()
            return
        except Share.DoesNotExist:
            assert not Image.objects.filter(pk__in=link.photos).exists() or link.is_over()
            return
        if not isinstance(answer, Killed):
            link.paused = act == "pause" or (link.paused and act != "resume")
            link.revoked |= act == "revoke"
            link.token = answer.token if act == "renew" else link.token

    @precondition(lambda self: self.home.links)
    @rule(which=ANY, kill=KILL)
    def download(self, which: int, kill: int | None) -> None:
        link = self.home.links[which % len(self.home.links)]
        photos = [self.home.photos[pk] for pk in link.photos]
        readable = [photo for photo in photos if self.home.readable(photo)]
        try:
            opened = visit(link.token, "")
        except ShareGone:
            assert not link.is_open() or not readable
            return
        assert link.is_open()
        if isinstance(self.attempt(kill, lambda: self._take(opened), *photos), Killed):
            link.learn()
            return
        self.acts["downloads"] += 1
        link.left = link.left - 1 if link.left else link.left
        if link.erases and link.left == 0 and not self._begun(link):
            self._told_erased([photo for photo in readable if photo.whole])

    def _take(self, opened: Visit) -> None:
        item, by = opened.items[0], cast.at_page(self.people[0])
        wanted = share_download.Wanted(item.place, ORIGINAL)
        share_download.check_allowed(opened, wanted)
        counted = share_download.count(opened, wanted, by)
        blob = share_download.find_blob(item.image, ORIGINAL)
        given = [item.image_id]
        sending = share_download.Sending(opened, counted, blob.size, given, by)
        content = b"".join(sending.send(share_download.open_blob(item.image, blob)))
        assert len(content) == blob.size

    def _begun(self, link: Link) -> bool:
        """Somebody who died has a download that can still be gone on with."""
        row = Share.objects.filter(pk=link.pk).first()
        return row is not None and row.taken.filter(finished_at__isnull=True).exists()

    # Tags.

    @precondition(lambda self: self.home.photos)
    @rule(person=ANYBODY, chosen=SOME, word=WORDS, on=st.booleans(), kill=KILL)
    def tag(self, person: int, chosen: list[int], word: str, on: bool, kill: int | None) -> None:
        photos = {photo.pk: photo for photo in map(self.pick, chosen)}
        user, step = self.people[person], tags.tag if on else tags.untag
        images = list(images_of(user).filter(pk__in=photos))
        theirs = [photos[image.pk] for image in images]
        answer = self.attempt(kill, lambda: step(images, word, cast.at_page(user)), *theirs)
        if not isinstance(answer, Killed):
            assert set(answer.done) == {photo.pk for photo in theirs}
            self.acts["tags changed"] += len(theirs)
            for photo in theirs:
                photo.tags = photo.tags | {word} if on else photo.tags - {word}

    @rule(person=ANYBODY, word=WORDS)
    def find(self, person: int, word: str) -> None:
        user = self.people[person]
        found = tags.with_tag(images_of(user), word, workspaces_of(user))
        expected = {
            photo.pk
            for photo in self.home.photos.values()
            if self._sees(person, photo) and word in photo.tags
        }
        assert set(found.values_list("pk", flat=True)) == expected

    def _sees(self, person: int, photo: Photo) -> bool:
        return self.home.readable(photo) and photo.people[1] in SEES[person]
