"""/uploads/ over a bare connection to the real web server: what breaks off goes on."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.processing.views.test_upload_wire import (
    check_files,
    close_politely,
    erase,
    is_empty,
    large,
    reset,
    until,
)
from tests.processing.views.wire import Site, read_answer, serving

pytestmark = pytest.mark.slow
FORM, BYTES = "application/x-www-form-urlencoded", "application/octet-stream"
SIZE = 3_000_000
PHOTO = large(SIZE)[:SIZE]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(autouse=True)
def empty(site: Site) -> None:
    assert is_empty(site)


def ask(site: Site, asked: str, body: bytes = b"", kind: str = FORM) -> tuple[int, Any]:
    with site.connect() as connection:
        connection.sendall(site.head(len(body), kind, asked=asked) + body)
        return read_answer(connection)


def begin(site: Site) -> str:
    status, told = ask(site, "POST /uploads/", f"name=my-holiday.png&size={SIZE}".encode())
    assert status == 201
    return str(told["url"])


def received(site: Site, address: str) -> int:
    return int(ask(site, f"GET {address}")[1]["received"])


def put(site: Site, address: str, start: int, end: int) -> tuple[int, Any]:
    return ask(site, f"PUT {address}{start}", PHOTO[start:end], BYTES)


def finish(site: Site, address: str) -> None:
    status, answer = ask(site, f"POST {address}finish")
    assert status == 201
    assert answer["images"][0]["sizes"] == {"original": SIZE}
    assert len(site.stored()) == 1
    assert site.rows("processing_arrival") == 0
    erase(site, answer["images"][0]["url"])


def stop_sending(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)
    status, answer = read_answer(connection)
    connection.close()
    assert (status, answer["error"]["code"]) == (400, "interrupted")


@pytest.mark.parametrize("hang_up", [close_politely, stop_sending, reset])
def test_a_part_that_is_cut_off_goes_on_from_where_it_was(
    site: Site, hang_up: Callable[[socket.socket], None]
) -> None:
    address = begin(site)
    connection = site.connect()
    head = site.head(2_000_000, BYTES, asked=f"PUT {address}0")
    connection.sendall(head + PHOTO[:1_200_000])
    assert until(lambda: sum(path.stat().st_size for path in site.stored()) > 1_000_000)
    hang_up(connection)
    assert until(lambda: received(site, address) > 0)
    there = received(site, address)
    assert 1_000_000 < there <= 1_200_000
    assert put(site, address, there, SIZE) == (200, {"received": SIZE})
    finish(site, address)


def test_nothing_of_the_parts_is_anywhere_in_the_clear(site: Site) -> None:
    address = begin(site)
    put(site, address, 0, 1_000_000)
    with site.connect() as connection:
        head = site.head(SIZE - 1_000_000, BYTES, asked=f"PUT {address}1000000")
        connection.sendall(head + PHOTO[1_000_000:2_500_000])
        assert until(lambda: sum(path.stat().st_size for path in site.stored()) > 2_000_000)
        check_files(site)
        connection.sendall(PHOTO[2_500_000:])
        assert read_answer(connection) == (200, {"received": SIZE})
    check_files(site)
    finish(site, address)


def test_a_part_whose_connection_hangs_is_sent_again_on_another(site: Site) -> None:
    address = begin(site)
    with site.connect() as hanging:
        head = site.head(2_000_000, BYTES, asked=f"PUT {address}0")
        hanging.sendall(head + PHOTO[:1_200_000])
        assert until(lambda: len(site.stored()) == 1)
        assert put(site, address, 0, 2_000_000) == (200, {"received": 2_000_000})
        hanging.sendall(PHOTO[1_200_000:2_000_000])
        status, answer = read_answer(hanging)
    assert (status, answer["error"]["code"]) == (409, "wrong_offset")
    assert received(site, address) == 2_000_000
    assert put(site, address, 2_000_000, SIZE)[0] == 200
    finish(site, address)


def test_the_same_part_four_times_at_once_is_there_once(site: Site) -> None:
    address, answers = begin(site), []

    def send() -> None:
        answers.append(put(site, address, 0, 2_000_000)[0])

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 409}
    if 200 not in answers:  # Each was given up for a later one, and the last began too late.
        assert put(site, address, 0, 2_000_000)[0] == 200
    assert answers.count(200) <= 1
    assert put(site, address, 2_000_000, SIZE) == (200, {"received": SIZE})
    finish(site, address)


def test_a_refusal_is_heard_although_the_part_was_not_read(site: Site) -> None:
    address = begin(site)
    for more, session, expected in (
        ("Origin: https://evil.example", True, (403, "csrf_failed")),
        ("X-Nothing: 1", False, (401, "not_signed_in")),
    ):
        head = site.head(SIZE, BYTES, more, session=session, asked=f"PUT {address}0")
        with site.connect() as connection:
            connection.sendall(head + PHOTO)
            status, answer = read_answer(connection)
        assert (status, answer["error"]["code"]) == expected
    assert received(site, address) == 0
    assert json.dumps(ask(site, f"PUT {address}5", PHOTO[5:], BYTES)[1]).count("wrong_offset") == 1
    with site.connect() as connection:
        connection.sendall(site.head(0, FORM, asked=f"DELETE {address}"))
        assert connection.recv(100).startswith(b"HTTP/1.1 204")
