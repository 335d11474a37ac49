"""A part that crashes leaves no core dump: it would hold photos in the clear."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT = resource.getrlimit(resource.RLIMIT_CORE)
# Each as it is started by itself on a machine of several, by no supervisor of ours.
BEGINNINGS = {
    "web": "from gunicorn.app.wsgiapp import run\n"
    "import runpy; runpy.run_path('bgerase_site/group/web.py')",
    "application": "import bgerase_site.celery, django; django.setup()",
    "command": "import django; django.setup()",
}
CRASH = (
    "import os, signal\n"
    "photo = ('a-photo-' + 'in-the-clear').encode() * 1000\n"
    "print(open('/proc/self/coredump_filter').read(), flush=True)\n"
    "os.chdir({folder!r})\n"
    "os.kill(os.getpid(), signal.SIGSEGV)\n"
)


@pytest.mark.parametrize("part", BEGINNINGS)
def test_a_crash_leaves_nothing_of_the_memory(part: str, tmp_path: Path) -> None:
    """With the limit as high as a system can have it by default."""
    (tmp_path / "here").mkdir()
    code = f"{BEGINNINGS[part]}\n{CRASH.format(folder=str(tmp_path / 'here'))}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "BGERASE_DATA_DIR": str(tmp_path / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (LIMIT[1], LIMIT[1])),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -11, done.stderr
    assert int(done.stdout.split()[-1], 16) == 0, "no memory goes to a program that takes dumps"
    assert list((tmp_path / "here").iterdir()) == []
