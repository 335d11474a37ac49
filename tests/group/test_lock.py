import os
import subprocess
import sys
from pathlib import Path

import pytest

from bgerase_site.group.lock import AlreadyRunning, only_group


def test_a_second_group_on_the_same_folder_is_refused_by_process_number(tmp_path: Path) -> None:
    path = tmp_path / "group.lock"
    with (
        only_group(path),
        pytest.raises(AlreadyRunning, match=f"^{os.getpid()}$"),
        only_group(path),
    ):
        pass


def test_the_lock_is_free_again_after_an_orderly_end(tmp_path: Path) -> None:
    path = tmp_path / "group.lock"
    for _ in range(2):
        with only_group(path) as was_killed:
            assert not was_killed


def test_a_killed_holder_is_noticed_and_blocks_nobody(tmp_path: Path) -> None:
    path = tmp_path / "group.lock"
    code = (
        "import os, pathlib, sys; from bgerase_site.group.lock import only_group\n"
        "with only_group(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -9
    with only_group(path) as was_killed:
        assert was_killed
