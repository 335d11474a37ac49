"""Contradicting settings stop every part: the ones below are the documented commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.daemon import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = ("-m", "celery", "-A", "bgerase_site", "worker", "--without-gossip", "--without-mingle")
PARTS = {
    "web": ("-m", "gunicorn", "--config", "bgerase_site/group/web.py", "bgerase_site.wsgi"),
    "worker": (*CELERY, "--without-heartbeat"),
    "sweeper": ("manage.py", "sweep", "--loop"),
    "prepare": ("manage.py", "prepare"),
}


def start(folder: Path, part: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    chosen = {"DATA_DIR": str(folder), "PORT": str(free_port()), "MODEL": "synthetic", **settings}
    return subprocess.run(
        [sys.executable, *PARTS[part]],
        cwd=ROOT,
        env=os.environ | {f"BGERASE_{name}": value for name, value in chosen.items()},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_no_part_starts_with_settings_that_contradict_each_other(tmp_path: Path, part: str) -> None:
    done = start(tmp_path, part, WEB_PROCESSES="2", CACHE_URL="")
    assert done.returncode not in {0, None}
    assert "(bgerase.E001)" in done.stderr
    assert "Set BGERASE_CACHE_URL to a Redis" in done.stderr


@pytest.mark.slow
def test_prepare_makes_ready_what_the_parts_need(tmp_path: Path) -> None:
    first = start(tmp_path, "prepare", DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == "Ready to start."
    assert (tmp_path / "static" / "staticfiles.json").is_file()
    assert (tmp_path / "db.sqlite3").is_file()
    again = start(tmp_path, "prepare", DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")
    assert again.stdout.splitlines() == ["Ready to start."]


@pytest.mark.slow
def test_prepare_says_what_is_in_the_way(tmp_path: Path) -> None:
    done = start(tmp_path, "prepare", MODEL="nonesuch")
    assert done.returncode == 1
    assert "There is no model 'nonesuch'." in done.stderr
    assert "Traceback" not in done.stderr
