"""A whole BackgroundErase: `manage.py up` with a data folder of its own on a free port."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers.daemon import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Site:
    """`process` is the supervisor; `log` holds what it printed."""

    address: str
    data: Path
    log: Path
    process: subprocess.Popen[bytes]

    def processes(self) -> dict[int, str]:
        """Every living process that works on this data folder, with its command line."""
        return working_on(self.data)

    def wait_until_gone(self, seconds: float) -> dict[int, str]:
        """Waits for all of them to end; returns those that did not."""
        deadline = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left


def working_on(data: Path) -> dict[int, str]:
    mark = f"BGERASE_DATA_DIR={data}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found[int(folder.name)] = command
    return found


def start(folder: Path, **settings: str) -> Site:
    """Starts `up` and returns at once; `settings` as BGERASE_ names without the prefix."""
    port = settings.pop("PORT", None) or str(free_port())
    data = folder / "data"
    environment = {f"BGERASE_{name}": value for name, value in settings.items()}
    environment |= {"BGERASE_DATA_DIR": str(data), "BGERASE_PORT": port}
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "up"],
            # Where setproctitle is installed, titles would be written over what is read above.
            env={**os.environ, **environment, "SPT_NOENV": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Site(f"http://localhost:{port}/", data, log, process)


def wait_until_up(site: Site, seconds: float = 60) -> None:
    """Raises RuntimeError with the log if the address is not announced in time."""
    deadline = time.monotonic() + seconds
    while f"BackgroundErase is at {site.address}" not in site.log.read_text():
        if site.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The site did not come up:\n{site.log.read_text()}")
        time.sleep(0.05)


def stop(site: Site) -> None:
    """Asked twice, the supervisor ends its parts at once instead of letting them finish."""
    for _ in range(2):
        if site.process.poll() is None:
            site.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
    try:
        site.process.wait(20)
    except subprocess.TimeoutExpired:
        site.process.kill()
        site.process.wait()
    site.wait_until_gone(10)
