"""What is installed is pinned by hash, and comes from whatever index the machine is set up for."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+) \\$", re.MULTILINE)


def _pins(path: Path) -> dict[str, str]:
    return dict(PIN.findall(path.read_text()))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.stem)
def test_every_requirement_is_a_version_with_its_hashes(path: Path) -> None:
    blocks = re.split(r"\n(?=\S)", path.read_text().strip())
    packages = [block for block in blocks if not block.startswith("#")]
    assert packages
    for block in packages:
        assert PIN.match(block), block.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


def test_the_development_list_contains_the_running_one() -> None:
    run, dev = (_pins(ROOT / "requirements" / f"{name}.txt") for name in ("run", "dev"))
    assert run
    assert run.items() <= dev.items()


def test_every_dependency_of_the_project_is_pinned() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    declared = re.search(r"^dependencies = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    assert declared
    names = re.findall(r'"([A-Za-z0-9._-]+)', declared[1])
    assert names
    pins = _pins(ROOT / "requirements" / "run.txt")
    assert [name for name in names if name.lower() not in pins] == []


def test_node_packages_are_pinned_by_hash_and_name_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    for name, package in installed.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_what_installs_names_no_index() -> None:
    """An address would make the project depend on one network; the machine knows its own."""
    named = re.compile(
        r"https?://(?!127[.]|localhost)|--(?:extra-)?index-url|--find-links|--registry|registry="
    )
    files = [*REQUIREMENTS, ROOT / "Makefile", ROOT / ".npmrc", *(ROOT / ".ci").iterdir()]
    for path in files:
        if path.is_file() and path.suffix != ".py":
            assert not named.search(path.read_text()), path.name
