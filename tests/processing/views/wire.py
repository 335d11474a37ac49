"""A real web server in a process of its own, and a bare connection to it."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processing.storage import MARK_NAME

ROOT = Path(__file__).resolve().parents[3]
CONFIG = ROOT / "bgerase_site" / "group" / "web.py"
_PREPARE = """
import json
from importlib import import_module
from django.conf import settings
import django
django.setup()
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from accounts.models import User
call_command("migrate", verbosity=0)
user = User.objects.create_user("olivia@example.org", "correct horse battery staple")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""
TOKEN = "a" * 32
THREADS = 4


@dataclass(frozen=True)
class Site:
    """Where it listens, what it keeps, and the session of its one user."""

    port: int
    data: Path
    temporary: Path
    session: str
    process: int

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def head(
        self,
        length: int,
        content_type: str,
        *more: str,
        session: bool = True,
        asked: str = "POST /images/",
    ) -> bytes:
        lines = [
            f"{asked} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Accept: application/json",
            f"Content-Type: {content_type}",
            f"Content-Length: {length}",
            f"X-CSRFToken: {TOKEN}",
            f"Cookie: csrftoken={TOKEN}" + (f"; sessionid={self.session}" if session else ""),
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def rows(self, table: str) -> int:
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=20)) as database:
            count: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return count

    def forget(self, address: str) -> None:
        """Removes the rows of an erased image, as the sweeper does once no worker can write."""
        key = address.split("/")[2].replace("-", "")
        with closing(sqlite3.connect(self.data / "db.sqlite3", timeout=20)) as database:
            for table, column in (("blob", "image_id"), ("arrival", "image_id"), ("image", "id")):
                database.execute(f"DELETE FROM processing_{table} WHERE {column} = ?", [key])
            database.commit()

    def stored(self) -> list[Path]:
        """Whatever is there of photos: the storage's own mark is not of one."""
        # Passes over folders that are removed meanwhile, which Path.rglob does not.
        walked = os.walk(self.data / "media")
        paths = [Path(folder, name) for folder, _, names in walked for name in names]
        return [path for path in paths if path.name != MARK_NAME]

    def open_files(self) -> list[str]:
        """What the server's processes hold open, deleted files too."""
        found = []
        for process in (self.process, *_children(self.process)):
            for link in Path(f"/proc/{process}/fd").iterdir():
                try:
                    found.append(str(link.readlink()))
                except FileNotFoundError:
                    continue
        return found


def read_answer(connection: socket.socket) -> tuple[int, Any]:
    """Status and JSON of the answer; raises OSError when the server only hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionResetError("no answer")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return int(head.split()[1]), json.loads(body)


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Site]:
    """Gunicorn with the site's own configuration on a free port, with a user who is signed in.

    It is started as the documentation says; `options` are gunicorn's.
    """
    temporary = data / "temporary"
    (data / "static").mkdir(parents=True)
    temporary.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("BGERASE_")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = kept | {
        "DJANGO_SETTINGS_MODULE": "bgerase_site.settings",
        "BGERASE_DATA_DIR": str(data),
        "BGERASE_MODEL": "synthetic",
        "BGERASE_PORT": str(port),
        "BGERASE_WEB_THREADS": str(THREADS),
        "TMPDIR": str(temporary),
    }
    prepared = subprocess.run(
        [sys.executable, "-c", _PREPARE],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    argv = [sys.executable, "-m", "gunicorn", f"--config={CONFIG}", *options]
    with (data / "log").open("wb") as log:
        argv += ["bgerase_site.wsgi"]
        server = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        _wait(port, server)
        yield Site(port, data, temporary, prepared.stdout.split()[-1], server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=15)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert server.poll() is None
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                if connection.recv(100).startswith(b"HTTP/1.1 200"):
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the web server did not come up")


def _children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in text.split()]
