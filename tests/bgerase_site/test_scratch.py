"""Wherever a part is started, its temporary files are where the patrol looks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.servers.daemon import scratch

ROOT = Path(__file__).resolve().parents[2]
WAYS = {
    "web": "import bgerase_site.wsgi",
    "worker": "from bgerase_site.celery import require_sound_settings as r; r()",
    "group": "import django; django.setup()\nfrom bgerase_site.group import start\n"
    "start.site_parts = lambda: ()\nstart.prepare.everything = print\nstart.Group = no_group\n"
    "start._run()",
}
ASK = """
import os, sys, tempfile
class no_group:
    def __init__(self, *args, **more): pass
    def run(self): return 0
    def stop(self): pass
{start}
print(os.environ["TMPDIR"], tempfile.gettempdir(), file=sys.stderr)
"""


@pytest.mark.parametrize("part", WAYS)
def test_temporary_files_go_into_the_data_folder(part: str, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("BGERASE")}
    env |= {
        "BGERASE_DATA_DIR": str(tmp_path),
        "BGERASE_MODEL": "synthetic",
        "DJANGO_SETTINGS_MODULE": "bgerase_site.settings",
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-c", ASK.format(start=WAYS[part])]
    told = subprocess.run(argv, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stderr.split()[-2:] == [str(tmp_path / "tmp")] * 2


def test_servers_of_tests_keep_their_files_where_no_patrol_comes() -> None:
    with scratch("probe") as folder:
        assert not folder.is_relative_to(settings.DATA_DIR)
