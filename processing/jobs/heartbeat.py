"""A thread that says, every five seconds, that this worker lives and still has its job."""

import logging
import os
import socket
import threading

from django.db import connection

from processing.jobs.claim import Claim, ClaimLost, extend
from processing.models import WorkerBeat, database_now
from processing.retention import second_hand

log = logging.getLogger(__name__)
EVERY = 5.0


class Heartbeat(threading.Thread):
    def __init__(self, model: str, model_version: str, provider: str) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._facts = {"model": model, "model_version": model_version, "provider": provider}
        self._worker = f"{socket.gethostname()}:{os.getpid()}"[:128]
        self._claim: Claim | None = None
        self._lost = False
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

    def watch(self, claim: Claim | None) -> None:
        self._claim, self._lost = claim, False

    def check(self) -> None:
        """Raises ClaimLost when the job was taken away while it ran."""
        if self._lost:
            raise ClaimLost

    def stop(self) -> None:
        self._stopping.set()
        self.join(EVERY)

    def _beat(self) -> None:
        now = database_now()
        WorkerBeat.objects.update_or_create(
            pk=self._worker, defaults={"seen_at": now, **self._facts}
        )
        claim = self._claim
        if claim is not None and not extend(claim, now) and self._claim is claim:
            self._lost = True
