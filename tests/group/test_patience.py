import random
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bgerase_site.group.patience import GaveUp, Pace, Patience, PatientSocket

QUICK = Patience(silence=0.2, head=Pace(0.3), answer=Pace(0.3))
Pair = tuple[PatientSocket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with PatientSocket(ours, QUICK) as patient, theirs:
        patient.setblocking(True)
        yield patient, theirs


def seconds(act: Callable[[], object]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


@pytest.mark.parametrize(("moved", "allowed"), [(0, 30), (8000, 31), (80_000, 40), (10**9, 900)])
def test_what_moves_buys_time_up_to_a_limit(moved: int, allowed: float) -> None:
    assert Pace(30, rate=8000, most=900).allowed(moved) == allowed


def test_without_a_rate_nothing_buys_time() -> None:
    assert Pace(30).allowed(10**9) == 30


def test_silence_ends_it(pair: Pair) -> None:
    def receive() -> None:
        with pytest.raises(GaveUp):
            pair[0].recv(10)

    assert 0.15 < seconds(receive) < 0.3
    assert pair[0].gave_up


def test_waits_are_added_up(pair: Pair) -> None:
    patient, other = pair
    patient.expect(Pace(0.05), Pace(0))
    with pytest.raises(GaveUp):
        for _ in range(100):
            other.send(b"a")
            patient.recv(1)
            patient.recv(1)


def test_only_waiting_counts(pair: Pair) -> None:
    patient, other = pair
    for _ in range(3):
        other.send(b"a")
        assert patient.recv(1) == b"a"
        time.sleep(0.2)  # Our own work.


def test_a_reader_who_stops_ends_it(pair: Pair) -> None:
    patient, other = pair
    with pytest.raises(GaveUp):
        patient.sendall(bytes(10_000_000))
    other.setblocking(False)
    arrived = len(other.recv(10_000_000))
    assert 0 < arrived < 10_000_000


def test_an_answer_in_pieces_is_the_same_answer(pair: Pair) -> None:
    patient, other = pair
    answer = random.randbytes(1_000_001)
    arrived = bytearray()

    def read() -> None:
        while piece := other.recv(10_000):
            arrived.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    patient.sendall(answer)
    patient.close()
    reader.join(10)
    assert arrived == answer


def test_for_all_who_use_it_it_is_a_connection_that_was_reset() -> None:
    """Gunicorn passes over that in silence; another kind of error fills the log."""
    assert isinstance(GaveUp(), ConnectionResetError)
    assert GaveUp().errno


def test_a_closed_one_takes_no_settings(pair: Pair) -> None:
    pair[0].close()
    pair[0].setblocking(True)
