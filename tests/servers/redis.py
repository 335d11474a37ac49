"""Redis from the system's packages, in memory only."""

import contextlib
from collections.abc import Iterator

from tests.servers.daemon import daemon, free_port, listening, scratch


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Yields `redis://…/0` of an empty server with 64 numbered databases."""
    port = free_port()
    with scratch("redis") as folder:
        argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        argv += ["--save", "", "--appendonly", "no", "--databases", "64"]
        with daemon(argv, folder=folder, ready=lambda: listening(port)):
            yield f"redis://127.0.0.1:{port}/0"
