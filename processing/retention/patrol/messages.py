"""What waits in the queue. A message says only "look": one with more in it is a finding."""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings

MOST_BYTES = 4096  # A message of ours has about 700.
MOST_LOOKED_AT = 2000
PATIENCE = 5.0  # Seconds that Redis may take for an answer.
QUEUES = ("celery", "model-*")  # See processing.tasks.


def look(now: datetime) -> dict[str, float]:
    url = settings.BROKER_URL
    if url.startswith("filesystem://"):
        return _in_folder(Path(settings.DATA_DIR) / "broker", now)
    if url.startswith(("redis://", "rediss://")):
        return _in_redis(url)
    return {}  # RabbitMQ shows its queues to its own monitoring, by its own rights.


def _in_folder(folder: Path, now: datetime) -> dict[str, float]:
    oldest, number, strange = now.timestamp(), 0, 0
    for path in _files(folder):
        try:
            found = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue  # Taken this moment.
        number += 1
        oldest = min(oldest, found.st_mtime)
        strange += found.st_size > MOST_BYTES or path.suffix != ".msg"
    age = round(now.timestamp() - oldest)
    return {"messages": number, "oldest_message_seconds": age, "strange_messages": strange}


def _files(folder: Path) -> Iterator[Path]:
    for inner, _, names in os.walk(folder):
        yield from (Path(inner, name) for name in names)


def _in_redis(url: str) -> dict[str, float]:
    """The waiting ones and those that a worker has taken and not finished with."""
    from redis import Redis

    with Redis.from_url(url, socket_timeout=PATIENCE) as redis:
        waiting = strange = 0
        for queue in _queues(redis):
            waiting += int(redis.llen(queue))
            held: Iterable[bytes] = redis.lrange(queue, 0, MOST_LOOKED_AT - 1)
            strange += sum(len(message) > MOST_BYTES for message in held)
        taken = islice(redis.hscan_iter("unacked"), MOST_LOOKED_AT)
        strange += sum(len(message) > MOST_BYTES for _, message in taken)
    return {"messages": waiting, "strange_messages": strange}


def _queues(redis: Any) -> list[bytes]:
    """The lists with a queue's name; a queue that is empty has none."""
    found = {key for pattern in QUEUES for key in redis.scan_iter(pattern, _type="list")}
    return sorted(found)
