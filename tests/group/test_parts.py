import os
import subprocess
import sys
from pathlib import Path

from pytest_django import Settings

from bgerase_site.group.parts import Part, site_parts

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = ROOT / "bgerase_site" / "group" / "web.py"
LOADED = """
import sys
import bgerase_site.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def _part(name: str) -> Part:
    return next(part for part in site_parts() if part.name == name)


def test_the_site_is_a_web_server_a_worker_and_a_sweeper() -> None:
    assert [part.name for part in site_parts()] == ["web", "worker", "sweeper"]


def test_the_web_server_listens_where_the_settings_say() -> None:
    """Gunicorn's configuration says it all: the part, and the command in the docs, add nothing."""
    chosen = {"HOST": "::1", "PORT": "9000", "WEB_PROCESSES": "3", "WEB_THREADS": "5"}
    ask = "import runpy, sys; found = runpy.run_path(sys.argv[1]); print(*map(found.get, NAMES))"
    done = subprocess.run(
        [sys.executable, "-c", f"NAMES = 'bind', 'workers', 'threads'; {ask}", CONFIG],
        env=os.environ | {f"BGERASE_{name}": value for name, value in chosen.items()},
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["[::1]:9000", "3", "5"]
    argv = ("-m", "gunicorn", f"--config={CONFIG}", "bgerase_site.wsgi")
    assert _part("web").argv[1:] == argv


def test_each_worker_has_a_name_of_its_own() -> None:
    names = {_part("worker").argv[-1] for _ in range(3)}
    assert len(names) == 3


def test_no_secret_is_among_the_arguments(settings: Settings) -> None:
    """Everybody on the machine can read them."""
    secrets = (settings.SECRET_KEY, settings.MASTER_KEY, settings.RECEIPT_KEY)
    words = [word for part in site_parts() for word in part.argv]
    assert not [word for word in words for secret in secrets if secret in word]


def test_the_web_process_loads_nothing_that_computes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"django", "processing", "accounts"} <= loaded
    assert (
        loaded & {"PIL", "numpy", "numba", "onnxruntime", "pillow_heif", "rembg", "scipy"} == set()
    )
