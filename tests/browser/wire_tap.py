"""A line between browser and site on which everything that the browser sends is written down."""

import contextlib
import re
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_FILE = re.compile(
    rb'name="image_file"; filename="[^"]*"\r\n(?:[\w-]+: [^\r\n]*\r\n)*\r\n(.*?)\r\n------',
    re.DOTALL,
)


@dataclass
class Tap:
    """`url` leads to the site; `sent` is what went there, connection by connection."""

    url: str
    sent: list[bytearray] = field(default_factory=list)

    @property
    def everything(self) -> bytes:
        return b"\n".join(bytes(one) for one in self.sent)

    @property
    def files(self) -> list[bytes]:
        """The photos in all that was sent."""
        return [found[1] for found in _FILE.finditer(self.everything)]


class _Line(socketserver.BaseRequestHandler):
    """One connection, passed on both ways until either side ends it."""

    server: "_Exchange"

    def handle(self) -> None:
        heard = bytearray()
        self.server.tap.sent.append(heard)
        self.server.open.append(self.request)
        with socket.create_connection(("localhost", self.server.port)) as far:
            back = threading.Thread(target=_pass, args=(far, self.request, bytearray()))
            back.start()
            _pass(self.request, far, heard)
            back.join()


class _Exchange(socketserver.ThreadingTCPServer):
    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Line)
        self.port = port
        self.tap = Tap(f"http://localhost:{self.server_address[1]}")
        self.open: list[socket.socket] = []


@contextlib.contextmanager
def tapped(site_url: str) -> Iterator[Tap]:
    port = urlsplit(site_url).port
    assert port is not None
    with _Exchange(port) as exchange:
        threading.Thread(target=exchange.serve_forever).start()
        try:
            yield exchange.tap
        finally:
            exchange.shutdown()
            for near in exchange.open:
                with contextlib.suppress(OSError):
                    near.shutdown(socket.SHUT_RDWR)


def _pass(source: socket.socket, sink: socket.socket, heard: bytearray) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65_536):
            heard += part
            sink.sendall(part)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
