import subprocess
import sys
from pathlib import Path

from pytest_django import Settings

from bgerase_site.group.parts import Part, site_parts

ROOT = Path(__file__).resolve().parent.parent.parent
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


def test_the_web_server_listens_where_the_settings_say(settings: Settings) -> None:
    settings.HOST, settings.PORT = "::1", 9000
    settings.WEB_PROCESSES, settings.WEB_THREADS = 3, 5
    assert {"--bind=[::1]:9000", "--workers=3", "--threads=5"} <= set(_part("web").argv)


def test_each_worker_has_a_name_of_its_own() -> None:
    names = {_part("worker").argv[-1] for _ in range(3)}
    assert len(names) == 3


def test_no_secret_is_among_the_arguments(settings: Settings) -> None:
    """Everybody on the machine can read them."""
    secrets = (settings.SECRET_KEY, settings.MASTER_KEY)
    words = [word for part in site_parts() for word in (*part.argv, *part.env.values())]
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
