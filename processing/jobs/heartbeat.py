"""A thread that says, every five seconds, that this worker lives and still has its jobs."""

import logging
import os
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import connection

from processing.jobs.claim import Claim, ClaimLost, extend
from processing.jobs.load import Load
from processing.models import WorkerBeat, database_now
from processing.retention import second_hand

log = logging.getLogger(__name__)
EVERY = 5.0


class Hold(Protocol):
    """What tells a running job whether it is still this worker's."""

    def check(self) -> None:
        """Raises ClaimLost when the job was taken away while it ran."""
        ...


class Heartbeat(threading.Thread):
    def __init__(
        self, model: str, model_version: str, provider: str, serves: Sequence[str] = ("",)
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.load = Load()
        self._facts = {"model": model, "model_version": model_version, "provider": provider}
        self._serves = list(serves)
        self._worker = f"{socket.gethostname()}:{os.getpid()}"[:128]
        self._claims: dict[UUID, Claim] = {}
        self._lost: set[UUID] = set()
        self._stopping = threading.Event()

    def start(self) -> None:
        super().start()
        second_hand.start()  # Keys die in this process, too, whatever becomes of its jobs.

    def run(self) -> None:
        while True:
            try:
                self._beat()
            except Exception as error:  # noqa: BLE001  Leases run out meanwhile, which is right.
                log.warning("no heartbeat: %s", type(error).__name__)
            connection.close_if_unusable_or_obsolete()
            if self._stopping.wait(EVERY):
                break
        WorkerBeat.objects.filter(pk=self._worker).delete()
        connection.close()

    def watch(self, *claims: Claim | None) -> None:
        """From now on these are the jobs whose leases are kept; None is none."""
        self._claims, self._lost = {claim.job.pk: claim for claim in claims if claim}, set()

    def check(self) -> None:
        """Raises ClaimLost when a job was taken away while it ran."""
        if self._lost:
            raise ClaimLost

    def is_lost(self, claim: Claim) -> bool:
        return claim.job.pk in self._lost

    def stop(self) -> None:
        self._stopping.set()
        self.join(EVERY)

    def _beat(self) -> None:
        now = database_now()
        facts = {**self._facts, "serves": self._serves, "load": self.load.facts()}
        WorkerBeat.objects.update_or_create(pk=self._worker, defaults={"seen_at": now, **facts})
        for job, claim in list(self._claims.items()):
            if not extend(claim, now) and self._claims.get(job) is claim:
                self._lost.add(job)


@dataclass(frozen=True)
class Held:
    """One of the jobs that a heartbeat watches: it does not end with another one of them."""

    claim: Claim
    heartbeat: Heartbeat

    def check(self) -> None:
        if self.heartbeat.is_lost(self.claim):
            raise ClaimLost
