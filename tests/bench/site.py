"""A real site for a benchmark: its parts started one by one, and a signed-in sender."""

import contextlib
import http.client
import json
import os
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.daemon import daemon, free_port, listening, scratch

HOST = "127.0.0.1"
REST = 10  # Seconds; the server hangs up on a connection that has rested for 15.


@contextlib.contextmanager
def data_folder(**environment: str) -> Iterator[dict[str, str]]:
    """A new data folder and port in the environment of this process and of the parts."""
    with scratch("bench") as folder:
        added = {
            "BGERASE_DATA_DIR": str(folder),
            "BGERASE_PORT": str(free_port()),
            "BGERASE_MODELS_DIR": os.path.abspath("var/models"),  # noqa: PTH100
            "BGERASE_WEAK_PASSWORD_HASHING": "1",
            "BGERASE_LOG_LEVEL": "WARNING",
            "PYTHONPATH": os.getcwd(),  # noqa: PTH109
            **environment,
        }
        os.environ |= added
        yield added


@contextlib.contextmanager
def part(name: str) -> Iterator[subprocess.Popen[bytes]]:
    """One part of the site, started as `make run` starts it; ready when it says so."""
    from django.conf import settings

    from bgerase_site.group.parts import site_parts

    argv: Sequence[str] = next(found.argv for found in site_parts() if found.name == name)
    ready = {
        "web": lambda: listening(settings.PORT),
        "worker": _worker_is_up,
        "sweeper": lambda: True,
    }
    with daemon(argv, folder=settings.DATA_DIR, ready=ready[name]) as process:
        yield process


def _worker_is_up() -> bool:
    from processing.jobs.reap import worker_up
    from processing.models import database_now

    return worker_up(database_now())


@dataclass
class Sender:
    """A signed-in user of the site, by plain HTTP on one connection."""

    cookies: str
    token: str
    port: int

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        self.asked = time.monotonic()

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        if time.monotonic() - self.asked > REST:
            self.connection.close()  # The next request opens it again.
        self.asked = time.monotonic()
        self.connection.request(
            method,
            path,
            body or None,
            {"Cookie": self.cookies, "X-CSRFToken": self.token, **headers},
        )
        response = self.connection.getresponse()
        return response.status, response.read()

    def send(self, photo: bytes) -> tuple[str, float]:
        """Uploads one photo; its id, and the seconds from first byte sent to answer read."""
        mark = uuid.uuid4().hex
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="image_file"; '
            f'filename="bench.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        )
        body = head.encode() + photo + f"\r\n--{mark}--\r\n".encode()
        kind = f"multipart/form-data; boundary={mark}"
        start = time.perf_counter()
        status, answer = self.ask(
            "POST", "/images/", body, **{"Content-Type": kind, "Accept": "application/json"}
        )
        seconds = time.perf_counter() - start
        assert status == 201, (status, answer[:500])
        return str(json.loads(answer)["images"][0]["id"]), seconds

    def state(self, image_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/images/{image_id}/", Accept="application/json")[1]
        return dict(json.loads(answer))

    def wait_for(self, ids: Sequence[str]) -> None:
        """Returns when each of the images is done or has failed."""
        for image_id in ids:
            while self.state(image_id)["state"] not in {"done", "failed"}:
                time.sleep(0.02)

    def erase(self, image_id: str) -> None:
        self.ask("DELETE", f"/images/{image_id}/", Accept="application/json")


def new_sender() -> Sender:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.middleware.csrf import _get_new_csrf_string

    from accounts.models import User

    user = User.objects.create_user(f"{uuid.uuid4().hex}@example.com", "not-used-here")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    token = str(_get_new_csrf_string())
    cookies = (
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}"
    )
    return Sender(cookies, token, settings.PORT)
