"""Whoever has claimed a job, and goes on with it whatever becomes of the claim."""

from processing.jobs import results
from processing.jobs.claim import Claim
from processing.models import Task, kind_at
from tests.promises.machine.household import Photo


class Worker:
    def __init__(self, claim: Claim, key: bytes, photo: Photo) -> None:
        self.claim, self.photo, self._key = claim, photo, key
        assert claim.job.started_at
        self.began_at = claim.job.started_at
        edits = claim.job.task == Task.EDIT
        self.version = int(claim.job.output.removeprefix("v")) if edits else 0
        self._left = [kind_at(self.version, kind) for kind in results.RESULT_KINDS[:2]]

    def write(self) -> None:
        if len(self._left) == 2:
            results.reserve(self.claim, self._left)
        if self._left:
            results.store(self.claim, self._key, self._left.pop(), b"result")

    def finish(self) -> None:
        if self.version:
            results.finish_version(self.claim, self.version)
        else:
            results.finish(self.claim, 8, 8)

    def fail(self) -> None:
        results.fail(self.claim, "engine_failed")

    def give_back(self) -> None:
        results.give_back(self.claim)
