import socket
import threading
from collections.abc import Iterator

import pytest

from bgerase_site.group.address import answers, bracketed, reachable, why_not_free
from tests.servers.daemon import free_port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_free_port_has_nothing_against_it() -> None:
    assert why_not_free("127.0.0.1", free_port()) is None


def test_a_port_in_use_is_told_in_the_systems_words(listener: socket.socket) -> None:
    assert why_not_free("127.0.0.1", listener.getsockname()[1]) == "Address already in use"


def test_a_port_that_is_about_to_be_free_is_waited_for(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    threading.Timer(0.3, listener.close).start()
    assert why_not_free("127.0.0.1", port, patience=5) is None


def test_an_address_of_another_machine_cannot_be_had() -> None:
    assert why_not_free("192.0.2.1", free_port())


@pytest.mark.parametrize(
    ("host", "from_here"), [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.1.2.3", "10.1.2.3")]
)
def test_where_this_machine_reaches_the_server(host: str, from_here: str) -> None:
    assert reachable(host) == from_here


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert bracketed("::1") == "[::1]"
    assert bracketed("127.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize(
    ("status", "expected"), [("200 OK", True), ("400 Bad Request", True), ("502 Bad", False)]
)
def test_any_answer_but_a_failure_counts(
    listener: socket.socket, status: str, expected: bool
) -> None:
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(4096))
            connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        port = listener.getsockname()[1]
        assert answers("127.0.0.1", port, "photos.example") is expected
    finally:
        thread.join()
    assert asked[0].startswith(b"GET /healthz HTTP/1.1\r\n")
    assert b"\r\nHost: photos.example\r\n" in asked[0]


def test_silence_is_no_answer(listener: socket.socket) -> None:
    assert not answers("127.0.0.1", listener.getsockname()[1], "localhost")
    assert not answers("127.0.0.1", free_port(), "localhost")
