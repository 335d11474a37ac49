"""Whoever has claimed a job, and goes on with it whatever becomes of the claim."""

from processing.jobs import results
from processing.jobs.claim import Claim
from tests.promises.machine.household import Photo


class Worker:
    def __init__(self, claim: Claim, key: bytes, photo: Photo) -> None:
        self.claim, self.photo, self._key = claim, photo, key
        assert claim.job.started_at
        self.began_at = claim.job.started_at
        self._left = list(results.RESULT_KINDS[:2])

    def write(self) -> None:
        if len(self._left) == 2:
            results.reserve(self.claim, self._left)
        if self._left:
            results.store(self.claim, self._key, self._left.pop(), b"result")

    def finish(self) -> None:
        results.finish(self.claim, 8, 8)

    def fail(self) -> None:
        results.fail(self.claim, "engine_failed")

    def give_back(self) -> None:
        results.give_back(self.claim)
