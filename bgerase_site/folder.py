"""The embedded broker: a folder with one file for each message, which says only "there is work".

kombu's own transport for folders lets a reader meet a message that is not written yet, which ends
the worker; takes messages to the system's temporary folder, and loses those of a worker that is
killed there; and keeps a table of queues that is empty for good if its first writer is killed.
Here a message appears whole and is removed by whoever takes it, and there is no table.
"""

import contextlib
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads


class FolderChannel(filesystem.Channel):
    def get_table(self, exchange: str) -> list[Any]:
        """One queue, called like its exchange and its routing key: Celery's default."""
        return [filesystem.exchange_queue_t(exchange, "", exchange)]

    def _queue_bind(self, *args: Any) -> None:
        """There is no table to write."""

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{time.time_ns():020}_{uuid.uuid4().hex}.{queue}.msg"
        path = Path(self.data_folder_out, name)
        draft = path.with_name(f".{name}")  # Readers pass over it.
        try:
            draft.write_text(dumps(payload), encoding="utf-8")
            draft.rename(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            raise ChannelError("a message cannot be written") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in sorted(os.listdir(self.data_folder_in)):  # noqa: PTH208  The oldest first.
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            path = Path(self.data_folder_in, name)
            try:
                message = path.read_text(encoding="utf-8")
                path.unlink()  # Of several readers the one that removes it has it.
            except FileNotFoundError:
                continue
            return loads(message)
        raise Empty


class Transport(filesystem.Transport):
    Channel = FolderChannel


def install() -> None:
    """Makes `filesystem://` mean this one."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
