"""A web server among the parts, and what a person's browser asks it for."""

import contextlib
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from accounts.models import User
from tests import cast, photos
from tests.promises.processes import Part, running, wait_until

GUNICORN = ["-m", "gunicorn", "--config=bgerase_site/group/web.py", "bgerase_site.wsgi"]
STARTED = 60.0  # Seconds that a part on a busy machine has for being up.
_TOKEN = "a" * 32


@dataclass(frozen=True)
class Web:
    port: int
    session: str
    part: Part

    def get(self, path: str) -> int:
        """The status of the answer."""
        return self._ask("GET", path)[0]

    def upload(self) -> tuple[int, str]:
        """Status and text of the answer."""
        return self._ask("POST", "/images/", photos.multipart(photos.Part(photos.draw())))

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, method=method)
        request.add_header("Accept", "application/json")
        request.add_header("Cookie", f"csrftoken={_TOKEN}; sessionid={self.session}")
        if body is not None:
            request.add_header("Content-Type", photos.CONTENT_TYPE)
            request.add_header("X-CSRFToken", _TOKEN)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")


@contextlib.contextmanager
def serving(user: User, folder: Path, argv: Sequence[str] = GUNICORN, **more: str) -> Iterator[Web]:
    """Gunicorn with the site's own configuration, as `running` runs a part; `user` is signed in."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    session = cast.browser(user).cookies["sessionid"].value
    with running(argv, folder, PORT=str(port), WEB_PROCESSES="1", **more) as part:
        web = Web(port, session, part)
        wait_until(lambda: _answers(web), STARTED, "the web server answers")
        yield web


def _answers(web: Web) -> bool:
    try:
        return web.get("/images/?ids=") > 0
    except OSError:
        return False
