"""The embedded broker: every message arrives whole, once, in its order, and leaves nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from bgerase_site.backends import broker_options
from bgerase_site.folder import FolderChannel


@pytest.fixture
def channels(tmp_path: Path) -> Iterator[list[Any]]:
    """Four, each of a connection of its own."""
    options = broker_options("filesystem://localhost", tmp_path, 120)
    connections = [
        Connection("filesystem://localhost", transport_options=options) for _ in range(4)
    ]
    yield [connection.default_channel for connection in connections]
    for connection in connections:
        connection.release()


def take_all(channel: Any) -> list[Any]:
    taken = []
    try:
        while True:
            taken.append(channel._get("celery"))
    except Empty:
        return taken


def test_our_transport_is_the_one_in_use(channels: list[Any]) -> None:
    assert {type(channel) for channel in channels} == {FolderChannel}


def test_messages_come_in_their_order_and_are_gone_then(
    channels: list[Any], tmp_path: Path
) -> None:
    for number in range(20):
        channels[number % 2]._put("celery", {"number": number})
    channels[0]._put("another", {"number": 99})
    assert [message["number"] for message in take_all(channels[2])] == list(range(20))
    assert [path.name.partition(".")[2] for path in (tmp_path / "messages").iterdir()] == [
        "another.msg"
    ]


def test_readers_and_writers_at_once_share_whole_messages(channels: list[Any]) -> None:
    """With kombu's own transport one message in twenty is read before it is written."""
    taken: list[Any] = []
    errors: list[BaseException] = []
    written = threading.Event()

    def write() -> None:
        for number in range(1000):
            channels[0]._put("celery", {"number": number, "more": "x" * 600})
        written.set()

    def read(channel: Any) -> None:
        try:
            while not written.is_set():
                taken.extend(take_all(channel))
            taken.extend(take_all(channel))
        except BaseException as error:  # noqa: BLE001  Told by the assert below.
            errors.append(error)

    threads = [threading.Thread(target=write)]
    threads += [threading.Thread(target=read, args=(channel,)) for channel in channels[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(message["number"] for message in taken) == list(range(1000))


def test_a_folder_that_cannot_be_written_is_said_and_leaves_nothing(
    channels: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ChannelError):
        channels[0]._put("celery", {})
    assert not list((tmp_path / "messages").iterdir())


def test_a_task_travels_with_its_name_and_nothing_of_ours(tmp_path: Path) -> None:
    from processing import tasks

    options = broker_options("filesystem://localhost", tmp_path, 120)
    with Connection("filesystem://localhost", transport_options=options) as connection:
        channel: Any = connection.default_channel
        tasks.work.apply_async(producer=connection.Producer())
        message = channel._get("celery")
    assert message["headers"]["task"] == "processing.tasks.work"
    assert message["headers"]["argsrepr"] == "()"
    assert message["headers"]["kwargsrepr"] == "{}"
