"""What waits in the queue: a word for each, and nothing of a person."""

import os
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from processing.retention.patrol import messages, patrol
from processing.storage import steady_now

MOST = messages.MOST_BYTES


@pytest.fixture
def broker(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the embedded queue."""
    settings.DATA_DIR = tmp_path / "data"
    settings.BROKER_URL = "filesystem://localhost"
    folder = tmp_path / "data" / "broker"
    (folder / "messages").mkdir(parents=True)
    return folder


def write(path: Path, size: int = 1, age: timedelta = timedelta(0)) -> Path:
    path.write_bytes(b"x" * size)
    at = (steady_now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def facts(number: int, oldest: int = 0, strange: int = 0) -> dict[str, float]:
    return {"messages": number, "oldest_message_seconds": oldest, "strange_messages": strange}


def test_messages_of_a_folder_are_counted_and_looked_at(broker: Path) -> None:
    now = steady_now()
    assert messages.look(now) == facts(0)
    write(broker / "messages" / "1.celery.msg", age=timedelta(minutes=2))
    assert messages.look(now) == facts(1, oldest=120)
    write(broker / "messages" / "2.celery.msg", MOST)
    assert messages.look(now) == facts(2, oldest=120)
    write(broker / "messages" / "3.celery.msg", MOST + 1)
    assert messages.look(now) == facts(3, oldest=120, strange=1)
    write(broker / "photo.png")
    assert messages.look(now) == facts(4, oldest=120, strange=2)


def test_a_link_among_them_is_looked_at_itself(broker: Path, tmp_path: Path) -> None:
    (broker / "messages" / "1.celery.msg").symlink_to(tmp_path / "none")
    assert messages.look(steady_now()) == facts(1)


def test_one_that_is_taken_this_moment_keeps_no_other(
    broker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write(broker / "messages" / f"{number}.celery.msg")
    files = messages._files

    def taking_the_first(folder: Path) -> Iterator[Path]:
        for number, path in enumerate(files(folder)):
            if not number:
                path.unlink()
            yield path

    monkeypatch.setattr(messages, "_files", taking_the_first)
    assert messages.look(steady_now()) == facts(2)


@pytest.fixture
def redis(redis_url: str, settings: Settings) -> Iterator[Any]:
    from redis import Redis

    keys = ("celery", "model-isnet", "model-note", "a-model-list", "unacked")
    settings.BROKER_URL = redis_url
    with Redis.from_url(redis_url) as client:
        client.delete(*keys)
        yield client
        client.delete(*keys)


def test_messages_in_redis_are_counted_and_looked_at(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert messages.look(steady_now()) == {"messages": 0, "strange_messages": 0}
    redis.rpush("celery", "a word", "x" * (MOST + 1))
    redis.rpush("model-isnet", "x" * MOST)
    redis.hset("unacked", mapping={"1": "x" * (MOST + 1), "2": "x" * MOST})
    assert messages.look(steady_now()) == {"messages": 3, "strange_messages": 2}
    redis.lpush("celery", "x" * (MOST + 1))
    assert messages.look(steady_now()) == {"messages": 4, "strange_messages": 3}
    redis.hset("unacked", mapping={"2": "x" * 5000, "3": "x" * 5000})
    monkeypatch.setattr(messages, "MOST_LOOKED_AT", 1)
    assert messages.look(steady_now()) == {"messages": 4, "strange_messages": 2}


def test_what_is_only_called_like_a_queue_is_none_nor_is_another_list(redis: Any) -> None:
    redis.set("model-note", "x")
    redis.rpush("a-model-list", "x" * 5000)
    assert messages.look(steady_now()) == {"messages": 0, "strange_messages": 0}


def test_a_redis_that_does_not_answer_is_not_waited_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens, and says nothing for longer than it is given."""
    from redis.exceptions import TimeoutError as NoAnswer

    monkeypatch.setattr(messages, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.BROKER_URL = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        ended = threading.Timer(4, server.close)
        ended.start()
        with pytest.raises(NoAnswer):
            messages.look(steady_now())
        ended.cancel()


def test_another_queue_is_its_own_to_watch(settings: Settings) -> None:
    settings.BROKER_URL = "amqp://localhost"
    assert messages.look(steady_now()) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0"])
def test_a_queue_that_is_away_is_a_gap(settings: Settings, url: str) -> None:
    settings.BROKER_URL = url
    assert patrol(steady_now())["patrol_gaps"] == 1
