"""PostgreSQL from the system's packages, as fast as a server is that nobody trusts with data."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.servers.daemon import daemon, free_port, other_user, scratch

_UNSAFE_AND_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def _programs() -> Path:
    """The newest installed version's folder."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name)
    )
    if not found:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Yields `postgres://…` of an empty server."""
    user = other_user("postgres")
    programs, port = _programs(), free_port()
    with scratch("postgres", user) as folder:
        create: list[str | Path] = [programs / "initdb", "--pgdata", folder / "data"]
        create += ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*create, "--no-sync"],
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        options = (
            f"listen_addresses=127.0.0.1 port={port} unix_socket_directories={folder}"
        ).split()
        argv: list[str | Path] = [programs / "postgres", "-D", folder / "data"]
        for option in (*options, *_UNSAFE_AND_FAST):
            argv += ["-c", option]

        def ready() -> bool:
            asked = [str(programs / "pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={port}"]
            return subprocess.run(asked, check=False).returncode == 0

        with daemon(argv, folder=folder, user=user, ready=ready):
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
