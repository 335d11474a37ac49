"""Connections that are slow on purpose, and more of them than the web server has threads."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests import photos
from tests.photos import CONTENT_TYPE, Part
from tests.processing.views import impatient
from tests.processing.views.wire import THREADS, TOKEN, Site, read_answer, serving

pytestmark = pytest.mark.slow
MANY = 2 * THREADS
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site"), impatient.OPTION) as site:
        yield site


def form_head(site: Site, length: int, address: str = "/accounts/login/") -> bytes:
    """Of a form whose token is in its body: the body has to be read before it can be refused."""
    head = site.head(length, FORM, session=False).replace(b"/images/", address.encode(), 1)
    return head.replace(f"X-CSRFToken: {TOKEN}\r\n".encode(), b"")


def until_it_answers(site: Site, path: str = "/healthz") -> float:
    """Seconds until a new connection has its answer."""
    begun = time.monotonic()
    with site.connect() as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    return time.monotonic() - begun


def ended(connection: socket.socket) -> bool:
    """True when the server has hung up, with or without an answer."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("part", ["head", "form"])
def test_requests_that_stop_half_way_give_their_threads_back(site: Site, part: str) -> None:
    whole = form_head(site, 1000) + b"login=olivia"
    sent = whole if part == "form" else whole[:60]
    with ExitStack() as stack:
        connections = [stack.enter_context(site.connect()) for _ in range(MANY)]
        for connection in connections:
            connection.sendall(sent)
        # They come in two rounds: the second has threads when the first is given up.
        assert until_it_answers(site) < 2 * impatient.TOTAL + 1
        assert all(ended(connection) for connection in connections)


@pytest.mark.parametrize("part", ["head", "form", "photo"])
def test_single_bytes_now_and_then_do_not_keep_a_request_alive(site: Site, part: str) -> None:
    """Every wait is short; all of them together are not."""
    starts = {
        "head": b"POST /accounts/login/ HTTP/1.1\r\n",
        "form": form_head(site, 100_000),
        "photo": site.head(1_000_000, CONTENT_TYPE) + photos.multipart(Part(photos.draw()))[:200],
    }
    begun = time.monotonic()
    with site.connect() as connection:
        connection.sendall(starts[part])
        connection.settimeout(0.1)
        while not ended(connection):
            assert time.monotonic() - begun < 3 * impatient.TOTAL
            try:
                connection.sendall(b"a")
            except ConnectionError:
                break
    assert site.rows("processing_image") == 0
    assert site.stored() == []


def test_connections_without_a_word_take_no_thread(site: Site) -> None:
    with ExitStack() as stack:
        for _ in range(5 * THREADS):
            stack.enter_context(site.connect())
        assert until_it_answers(site) < 0.5


def test_a_connection_that_nobody_closes_at_the_other_end_holds_up_nobody(site: Site) -> None:
    """The two seconds for its last words are not taken in the server's main loop."""
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(THREADS - 1):
            connection = stack.enter_context(site.connect())
            connection.sendall(request)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        assert until_it_answers(site) < 0.5


def test_downloads_that_nobody_reads_give_their_threads_back(site: Site) -> None:
    address = send(site, photos.draw() + bytes(12_000_000))
    request = site.head(0, CONTENT_TYPE).replace(
        b"POST /images/", f"GET {address}original".encode()
    )
    with ExitStack() as stack:
        for _ in range(MANY):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", site.port))
            connection.sendall(request)
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        assert until_it_answers(site) < impatient.TOTAL
    erase(site, address)


def test_a_slow_but_steady_sender_is_served(site: Site) -> None:
    """Longer than the grace for everybody, at a rate that is good enough."""
    body = photos.multipart(Part(photos.draw() + bytes(120_000)))
    step = len(body) // 12
    begun = time.monotonic()
    with site.connect() as connection:
        connection.sendall(site.head(len(body), CONTENT_TYPE))
        for start in range(0, len(body), step):
            connection.sendall(body[start : start + step])
            time.sleep(0.2)
        status, answer = read_answer(connection)
    assert time.monotonic() - begun > 2 * impatient.TOTAL
    assert status == 201
    erase(site, answer["images"][0]["url"])


@pytest.mark.parametrize(
    ("address", "content_type"),
    [("/accounts/login/", FORM), ("/accounts/login/", CONTENT_TYPE), ("/images/erase/", FORM)],
)
def test_a_long_body_where_none_belongs_is_refused_unread(
    site: Site, address: str, content_type: str
) -> None:
    head = form_head(site, 1_000_001, address).replace(FORM.encode(), content_type.encode())
    begun = time.monotonic()
    with site.connect() as connection:
        connection.sendall(head)
        status, answer = read_answer(connection)
    assert (status, answer["error"]["code"]) == (413, "too_large")
    assert time.monotonic() - begun < impatient.SILENCE


def send(site: Site, photo: bytes) -> str:
    body = photos.multipart(Part(photo))
    with site.connect() as connection:
        connection.sendall(site.head(len(body), CONTENT_TYPE) + body)
        status, answer = read_answer(connection)
    assert status == 201
    address: str = answer["images"][0]["url"]
    return address


def erase(site: Site, address: str) -> None:
    head = site.head(0, CONTENT_TYPE).replace(b"POST /images/", f"DELETE {address}".encode())
    with site.connect() as connection:
        connection.sendall(head)
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
    site.forget(address)


@pytest.fixture(autouse=True)
def fresh(site: Site) -> Callable[[], float]:
    """Every test begins with a server whose threads are free."""
    until_it_answers(site)
    return lambda: until_it_answers(site)
