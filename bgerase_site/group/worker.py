"""The web server's worker: gunicorn's threads, which slow or silent connections cannot use up.

Three things are different. A connection gets a thread only when it has sent something: gunicorn
gives each new one a thread for up to five seconds. A thread waits for the other side only within
`Patience`. And the thread that served a connection also closes it: gunicorn waits up to two
seconds for each in its main loop, where nothing is accepted and no heart beats meanwhile.
"""

import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from bgerase_site.group.patience import Pace, Patience, PatientSocket
from bgerase_site.photos import is_for_photos


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """Takes the place of gunicorn's `gthread`, which calls its methods."""

    patience = Patience()

    def enqueue_req(self, conn: Any) -> None:
        """Puts a request into the queue of the threads; a connection without a byte waits."""
        if isinstance(conn.sock, PatientSocket):
            super().enqueue_req(conn)
            return
        conn.sock = PatientSocket(conn.sock, self.patience)
        conn.sock.settimeout(0)
        # As `finish_request` does with a connection that kept its thread waiting.
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    def handle(self, conn: Any) -> Any:
        """Serves what a connection has sent; returns whether it stays open."""
        conn.sock.expect(self.patience.head, self.patience.answer)
        stays = super().handle(conn)
        if stays is False:
            _close(conn.sock)
        return stays

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.expect(self._pace_of(req.method, req.path), self.patience.answer)
        return super().handle_request(req, conn)

    def _pace_of(self, method: str, path: str) -> Pace:
        return self.patience.photos if is_for_photos(method, path) else self.patience.form


def _close(connection: socket.socket) -> None:
    """Lets the last words arrive, but not where nobody was listening.

    What gunicorn does afterwards with the closed socket has no effect.
    """
    if getattr(connection, "gave_up", False):
        util.close(connection)
    else:
        util.close_graceful(connection)
