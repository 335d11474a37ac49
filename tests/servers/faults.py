"""A door before an S3 store that spoils answers: as a store in trouble does, at a chosen rate."""

import contextlib
import http.client
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from tests.servers.seaweed import S3

# `partial`: a bulk delete says of some keys that they were not deleted, and so it is. `truncated`:
# the store has done what was asked, and half of its answer arrives, or none where it has no body.
FAULTS = ("500", "503", "reset", "stall", "truncated", "partial")
STALL = 30.0  # Seconds; or until the client has hung up and the door is closed.
_WORDS = {500: "InternalError", 503: "SlowDown"}
_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass
class Door:
    """`store` as it is seen through the door. Chances are drawn from one seeded source."""

    store: S3
    port: int = 0
    seen: Counter[str] = field(default_factory=Counter)  # Chances drawn: "all", and by fault.
    _fault: str = ""
    _rate: float = 0.0
    _chance: random.Random = field(default_factory=lambda: random.Random(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    closed: threading.Event = field(default_factory=threading.Event)

    def inject(self, fault: str, rate: float) -> None:
        """From now on `rate` of all requests (of all keys, for `partial`) have this fault."""
        assert fault in FAULTS
        self._fault, self._rate = fault, rate

    def heal(self) -> None:
        self._rate = 0.0

    def storage_url(self, bucket: str) -> str:
        through = S3(f"http://127.0.0.1:{self.port}", self.store.client)
        return through.storage_url(bucket)

    def draw(self, *, partial: bool) -> str:
        """The fault of this request, or of this key of a bulk delete; empty for none."""
        with self._lock:
            if (self._fault == "partial") != partial:
                return ""
            hit = self._chance.random() < self._rate
            self.seen["all"] += 1
            self.seen[self._fault] += hit
            return self._fault if hit else ""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    door: ClassVar[Door]

    def _answer(self) -> None:
        body = self._body()
        fault = self.door.draw(partial=False)
        if fault in {"500", "503"}:
            self._refuse(int(fault))
        elif fault == "stall":
            self.door.closed.wait(STALL)
            self.close_connection = True
        elif fault == "reset":
            self._hang_up()
        elif "delete" in parse_qs(urlsplit(self.path).query, keep_blank_values=True):
            self._delete(body)
        else:
            self._pass_on(body, whole=not fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _pass_on(self, body: bytes, *, whole: bool) -> None:
        """With the sender's own Host: the signature covers it."""
        there = urlsplit(self.door.store.endpoint)
        assert there.hostname
        way = http.client.HTTPConnection(there.hostname, there.port, timeout=20)
        with contextlib.closing(way):
            way.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {*_HOP, "expect"}:
                    way.putheader(name, value)
            way.putheader("Content-Length", str(len(body)))
            way.endheaders(body)
            answer = way.getresponse()
            content = answer.read()
        length = answer.headers.get("Content-Length") if self.command == "HEAD" else None
        headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP]
        if whole:
            self._send(answer.status, headers, content, length)
        elif content:
            self._send(answer.status, headers, content[: len(content) // 2], str(len(content)))
            self.close_connection = True
        else:
            self._hang_up()

    def _delete(self, body: bytes) -> None:
        """The keys that are spared by chance are deleted behind the door, by its own client."""
        found = ET.fromstring(body)
        namespace = found.tag.partition("}")[0] + "}" if "}" in found.tag else ""
        asked = [
            {part.tag.removeprefix(namespace): part.text or "" for part in one}
            for one in found.iter(f"{namespace}Object")
        ]
        kept = [one for one in asked if self.door.draw(partial=True)]
        objects: Any = [one for one in asked if one not in kept]
        if objects:
            bucket = urlsplit(self.path).path.split("/")[1]
            delete: Any = {"Objects": objects, "Quiet": True}
            answer = self.door.store.client.delete_objects(Bucket=bucket, Delete=delete)
            assert not answer.get("Errors")
        errors = "".join(
            f"<Error><Key>{escape(one['Key'])}</Key><Code>InternalError</Code></Error>"
            for one in kept
        )
        self._send(200, [], f"<DeleteResult>{errors}</DeleteResult>".encode())

    def _refuse(self, status: int) -> None:
        words = f"<Error><Code>{_WORDS[status]}</Code><Message>Injected.</Message></Error>"
        self._send(status, [], b"" if self.command == "HEAD" else words.encode())

    def _send(
        self,
        status: int,
        headers: list[tuple[str, str]],
        content: bytes,
        length: str | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        """Not a word, and no polite end either."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has hung up is no news."""


@contextlib.contextmanager
def faulty(store: S3) -> Iterator[Door]:
    door = Door(store)
    server = _Server(("127.0.0.1", 0), type("_Bound", (_Request,), {"door": door}))
    door.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield door
    finally:
        door.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
