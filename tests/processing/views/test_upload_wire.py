"""POST /images/ over a bare connection to the real web server."""

import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest

from tests import photos
from tests.photos import CONTENT_TYPE, Part
from tests.processing.views.wire import Site, read_answer, serving

pytestmark = pytest.mark.slow
MARKER = b"the-marker-of-this-very-photo"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(autouse=True)
def empty(site: Site) -> None:
    assert (site.rows("processing_image"), site.stored()) == (0, [])


def large(size: int) -> bytes:
    return photos.draw() + (MARKER * (size // len(MARKER) + 1))[:size]


def until(true: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def is_empty(site: Site) -> bool:
    tables = ("processing_image", "processing_blob", "processing_job")
    return not site.stored() and not any(site.rows(table) for table in tables)


def close_politely(connection: socket.socket) -> None:
    connection.close()


def stop_sending(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    try:
        status, body = read_answer(connection)
    except OSError:
        return  # The server may hang up on half a request without a word.
    finally:
        connection.close()
    assert status == 400
    assert "interrupted" in str(body)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("hang_up", [close_politely, stop_sending, reset])
def test_an_upload_that_is_cut_off_half_way_leaves_nothing(
    site: Site, hang_up: Callable[[socket.socket], None]
) -> None:
    body = photos.multipart(Part(large(2_000_000)))
    connection = site.connect()
    connection.sendall(site.head(len(body), CONTENT_TYPE) + body[:1_200_000])
    assert until(lambda: site.rows("processing_image") == 1), "the row comes before the bytes"
    assert until(lambda: len(site.stored()) == 1)
    hang_up(connection)
    assert until(lambda: is_empty(site)), (site.rows("processing_image"), site.stored())


def test_nothing_of_an_arriving_photo_is_anywhere_in_the_clear(site: Site) -> None:
    body = photos.multipart(Part(large(5_000_000), "my-holiday.png"))
    with site.connect() as connection:
        connection.sendall(site.head(len(body), CONTENT_TYPE) + body[:3_000_000])
        assert until(lambda: sum(path.stat().st_size for path in site.stored()) > 2_000_000)
        check_files(site)
        connection.sendall(body[3_000_000:])
        status, answer = read_answer(connection)
    assert status == 201
    check_files(site)
    erase(site, answer["images"][0]["url"])


def check_files(site: Site) -> None:
    """No file holds the photo or its name, and none is hidden by having no name of its own."""
    assert list(site.temporary.rglob("*")) == []
    assert until(lambda: nameless(site) == []), nameless(site)
    for path in (path for path in site.data.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert MARKER not in content, path
        assert b"my-holiday" not in content, path


def nameless(site: Site) -> list[str]:
    """Files without a name that the server holds open.

    Those of a moment are SQLite's: with its last connection it removes the journal and its index,
    and only then closes them.
    """
    found = (name for name in site.open_files() if "(deleted)" in name)
    return [name for name in found if not name.startswith("/dev/shm/")]


def erase(site: Site, address: str) -> None:
    """Erases an image at once and for good, so that the next test starts from nothing."""
    head = site.head(0, CONTENT_TYPE).replace(b"POST /images/", f"DELETE {address}".encode())
    with site.connect() as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
    site.forget(address)


def test_a_body_without_its_last_boundary_leaves_nothing(site: Site) -> None:
    body = photos.multipart(Part(large(600_000)), end=False)
    with site.connect() as connection:
        connection.sendall(site.head(len(body), CONTENT_TYPE) + body)
        status, answer = read_answer(connection)
    assert (status, answer["errors"][0]["code"]) == (400, "interrupted")
    assert is_empty(site)


@pytest.mark.parametrize("header", ["Origin: https://evil.example", "X-Nothing: 1"])
def test_a_refusal_is_heard_although_the_body_was_not_read(site: Site, header: str) -> None:
    """A browser that is still sending hears a 401 or a 403, not a broken connection."""
    body = photos.multipart(Part(large(3_000_000)))
    signed_in = header.startswith("Origin")
    with site.connect() as connection:
        connection.sendall(site.head(len(body), CONTENT_TYPE, header, session=signed_in) + body)
        status, answer = read_answer(connection)
    expected = (403, "csrf_failed") if signed_in else (401, "not_signed_in")
    assert (status, answer["error"]["code"]) == expected
    assert is_empty(site)


def test_a_chunked_body_is_taken_or_refused_but_leaves_nothing_half_done(site: Site) -> None:
    body = photos.multipart(Part(large(300_000)))
    head = site.head(0, CONTENT_TYPE, "Transfer-Encoding: chunked")
    head = head.replace(b"Content-Length: 0\r\n", b"")
    with site.connect() as connection:
        connection.sendall(head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
        status, answer = read_answer(connection)
    assert status == 400
    assert answer["error"]["code"] == "bad_request"
    assert is_empty(site)
