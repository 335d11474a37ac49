"""A whole site, started as `make run` starts it, and a real Chromium to visit it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import ROOT
from tests.servers.daemon import daemon, free_port, listening, scratch

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Site:
    url: str
    data: Path
    mail: Path  # A file for each message that the site sends.
    environment: dict[str, str]
    _maker: subprocess.Popen[str] | None = None

    def new_session(self) -> str:
        """The session cookie of somebody who has just signed up."""
        if self._maker is None:
            self._maker = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.account_maker"],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._maker.stdin is not None
        assert self._maker.stdout is not None
        self._maker.stdin.write("\n")
        self._maker.stdin.flush()
        return str(json.loads(self._maker.stdout.readline())["session"])

    def close(self) -> None:
        if self._maker is not None:
            self._maker.communicate()


@contextlib.contextmanager
def run_site(module: str = "bgerase_site.settings", **settings: str) -> Iterator[Site]:
    """`manage.py up` in a folder of its own, ready when its worker is."""
    port = free_port()
    with scratch("site") as folder:
        environment = {name: value for name, value in os.environ.items() if "BGERASE" not in name}
        environment |= {
            "DJANGO_SETTINGS_MODULE": module,
            "PYTHONPATH": str(ROOT),
            "BGERASE_DATA_DIR": str(folder / "data"),
            "BGERASE_MODELS_DIR": str(ROOT / "var" / "models"),
            "BGERASE_PORT": str(port),
            "BGERASE_WEAK_PASSWORD_HASHING": "1",
            "BGERASE_EMAIL_URL": f"file://{folder / 'mail'}",
            **{f"BGERASE_{name}": value for name, value in settings.items()},
        }
        argv = [sys.executable, str(ROOT / "manage.py"), "up"]
        log = folder / "log"

        def ready() -> bool:
            return listening(port) and "ready: model" in log.read_text()

        with daemon(argv, folder=folder, ready=ready, seconds=180, env=environment):
            site = Site(f"http://localhost:{port}", folder / "data", folder / "mail", environment)
            try:
                yield site
            finally:
                site.close()
                sys.stderr.write(
                    log.read_text()[-8000:]
                )  # Shown with the last test's failure, if it fails.


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with run_site(MODEL="synthetic") as running:
        yield running


@pytest.fixture(scope="session")
def live_site(site: Site) -> str:
    return site.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM)
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody new; what goes wrong in a page's scripts fails the test."""
    context = browser.new_context(locale="en-GB", accept_downloads=True)
    errors: list[str] = []
    context.on("weberror", lambda found: errors.append(str(found.error)))
    yield context
    context.close()
    assert not errors


@pytest.fixture
def page(visit: BrowserContext) -> Page:
    return visit.new_page()


def sign_in(context: BrowserContext, site: Site) -> None:
    context.add_cookies([{"name": "sessionid", "value": site.new_session(), "url": site.url}])


@pytest.fixture
def signed_in_page(visit: BrowserContext, site: Site) -> Page:
    sign_in(visit, site)
    return visit.new_page()
