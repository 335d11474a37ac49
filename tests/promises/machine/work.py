"""Rules: workers on time, late and lost."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from processing.jobs import reap, results
from processing.jobs.claim import Claim, ClaimLost, claim_next
from processing.models import Job, JobState
from tests.promises.machine.house import ANY, KILL, WAITS
from tests.promises.machine.people import People
from tests.promises.machine.simulation import Killed
from tests.promises.machine.worker import Worker


class Work(People):
    @rule(at_once=st.booleans(), kill=KILL)
    def claim(self, at_once: bool, kill: int | None) -> None:
        answer = self.attempt(kill, lambda: claim_next(self.clock.now))
        if isinstance(answer, Claim):
            photo = self.home.photos[answer.image.pk]
            assert self.home.readable(photo)
            self.workers.append(Worker(answer, answer.image.open_key(), photo))
            if at_once:
                self.write(len(self.workers) - 1, None)

    @rule(kill=KILL)
    def work_off(self, kill: int | None) -> None:
        """The next job from its claim to its end, at which somebody may die."""
        before = len(self.workers)
        self.claim(at_once=True, kill=None)
        if len(self.workers) > before:
            self.write(before, None)
            self.end(before, "finish", kill)

    @precondition(lambda self: self.workers)
    @rule(which=ANY, kill=KILL)
    def write(self, which: int, kill: int | None) -> None:
        worker = self.workers[which % len(self.workers)]
        self._work(worker, worker.write, kill)

    @precondition(lambda self: self.workers)
    @rule(which=ANY, end=st.sampled_from(["finish", "fail", "give_back", "vanish"]), kill=KILL)
    def end(self, which: int, end: str, kill: int | None) -> None:
        worker = self.workers.pop(which % len(self.workers))
        if end != "vanish" and self._work(worker, getattr(worker, end), kill) and end == "finish":
            photo = worker.photo
            photo.made.add(worker.version)
            self.acts["versions made"] += bool(worker.version)
            photo.version = worker.version if photo.head == worker.version else photo.version

    def _work(self, worker: Worker, step: Callable[[], None], kill: int | None) -> bool:
        """Whether it is done, and nobody has died."""

        def run() -> bool:
            try:
                step()
            except ClaimLost:
                self.acts["claims lost"] += 1
                results.discard(worker.claim)
                return False
            return True

        answer = self.attempt(kill, run, worker.photo)
        worker.photo.strays |= isinstance(answer, Killed)
        if answer is not True and worker in self.workers:
            self.workers.remove(worker)
        return answer is True

    @rule(kill=KILL)
    def reap(self, kill: int | None) -> None:
        running = list(
            Job.objects.filter(state=JobState.RUNNING).values_list("image_id", flat=True)
        )
        if isinstance(self.attempt(kill, lambda: reap.reap(self.clock.now)), Killed):
            for pk in running:
                self.home.photos[pk].strays = True

    @precondition(lambda self: self.workers)
    @rule(which=ANY, kill=KILL)
    def overtake(self, which: int, kill: int | None) -> None:
        """It is silent for too long: another has its job, and it goes on all the same."""
        worker = self.workers[which % len(self.workers)]
        self.pass_time(WAITS[1])
        self.reap(None)
        self.claim(at_once=True, kill=None)
        self._work(worker, worker.write, kill)

    @precondition(lambda self: self.workers)
    @rule(which=ANY, kill=st.integers(0, 9))
    def pull_away(self, which: int, kill: int) -> None:
        """Its image goes while it works, and it dies with a file half recorded, or does not."""
        worker = self.workers[which % len(self.workers)]
        self.erase_now([worker.photo], None)
        self._work(worker, worker.write, kill)
