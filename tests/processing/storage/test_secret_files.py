"""Files that can be destroyed: whole or not there, for their owner only."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from processing.storage import KeyGone, secret_files

TREE = "tree"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """On a machine where everybody may read everything."""
    settings.KEYS_DIR = tmp_path / "new" / "keys"
    before = os.umask(0)
    yield tmp_path / "new" / "keys" / TREE
    os.umask(before)


def test_a_secret_is_its_owners_alone(folder: Path) -> None:
    secret = secret_files.read_or_make(TREE, 5)
    assert len(secret) == 32
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "5.key").stat().st_mode) == 0o600
    assert secret_files.read_or_make(TREE, 5) == secret_files.read(TREE, 5) == secret
    assert secret_files.read_or_make(TREE, 6) != secret


def test_who_comes_second_uses_what_is_there(folder: Path) -> None:
    """Both found nothing, and both have made something."""
    secret = secret_files.read_or_make(TREE, 5)
    secret_files.create_once(folder / "5.key", bytes(range(32)))
    assert secret_files._make(folder / "5.key") == secret
    assert [path.name for path in folder.iterdir()] == ["5.key"]


@pytest.mark.parametrize("content", [b"", bytes(32), b"short", bytes(range(33))])
def test_what_is_no_secret_opens_nothing(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "5.key").write_bytes(content)
    for ask in (secret_files.read, secret_files.read_or_make):
        with pytest.raises(KeyGone, match=r"^secret destroyed$"):
            ask(TREE, 5)


def test_what_was_never_made_or_is_destroyed_is_gone() -> None:
    with pytest.raises(KeyGone, match=r"^secret destroyed$"):
        secret_files.read(TREE, 5)
    assert not secret_files.destroy(TREE, 5)
    secret_files.read_or_make(TREE, 5)
    assert secret_files.destroy(TREE, 5)
    with pytest.raises(KeyGone, match=r"^secret destroyed$"):
        secret_files.read(TREE, 5)


def test_numbers_are_those_of_the_tree(folder: Path) -> None:
    for number in (30, 4, 200):
        secret_files.read_or_make(TREE, number)
    secret_files.read_or_make("another", 1)
    for name in ("5", "x5.key", "5x.key", "٣.key", "5²5.key", ".6.key.0123"):
        (folder / name).write_bytes(bytes(32))
    assert secret_files.numbers(TREE) == [4, 30, 200]


def test_what_is_settled_is_old_or_of_a_clock_that_was_turned_back(folder: Path) -> None:
    """A wall clock that was a day ahead leaves secrets of tomorrow. They are no young ones."""
    made = time.time()
    for number, age in ((1, 0), (2, 3_000), (3, 4_000), (4, -3_000), (5, -90_000)):
        secret_files.read_or_make(TREE, number)
        os.utime(folder / f"{number}.key", (made - age, made - age))
    assert secret_files.settled(TREE, 3_600) == [3, 5]


def test_one_that_is_destroyed_while_it_is_looked_at_is_not_settled(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    secret_files.read_or_make(TREE, 5)
    monkeypatch.setattr(secret_files, "_secrets", lambda tree: [folder / "6.key"])
    assert secret_files.settled(TREE, 0) == []


def test_an_overwritten_secret_stays_and_is_not_made_anew(folder: Path) -> None:
    assert not secret_files.overwrite(TREE, 5)
    assert not list(folder.iterdir())
    secret_files.read_or_make(TREE, 5)
    assert secret_files.overwrite(TREE, 5)
    assert (folder / "5.key").read_bytes() == bytes(32)
    assert secret_files.numbers(TREE) == [5]
    with pytest.raises(KeyGone):
        secret_files.read_or_make(TREE, 5)


def test_what_cannot_be_removed_is_overwritten_and_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, folder: Path
) -> None:
    secret_files.read_or_make(TREE, 5)

    def refuse(path: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "unlink", refuse)
        assert not secret_files.destroy(TREE, 5)
    assert (folder / "5.key").read_bytes() == bytes(32)
    assert caplog.messages == ["a secret that has ended cannot be removed: Operation not permitted"]


def test_what_cannot_be_overwritten_is_removed(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    secret_files.read_or_make(TREE, 5)

    def refuse(path: Path, *args: object, **kwargs: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "open", refuse)
    assert secret_files.destroy(TREE, 5)
    assert not list(folder.iterdir())


def test_a_draft_that_cannot_be_removed_keeps_no_other_from_its_end(
    monkeypatch: pytest.MonkeyPatch, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In a folder of somebody else's, say: what can be done to the next secret is done."""
    secret_files.read_or_make(TREE, 5)
    draft = folder / ".5.key.0123456789ab"
    os.link(folder / "5.key", draft)
    unlink = Path.unlink

    def refuse(path: Path, *args: bool, **kwargs: bool) -> None:
        if path.name == draft.name:
            raise PermissionError(1, "Operation not permitted")
        unlink(path, *args, **kwargs)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert secret_files.destroy(TREE, 5)
    assert [path.name for path in folder.iterdir()] == [draft.name]
    assert draft.read_bytes() == bytes(32)
    assert "a draft of a secret that has ended cannot be removed: Operation" in caplog.text


def test_a_draft_that_another_process_removes_is_no_error(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    secret_files.read_or_make(TREE, 5)
    draft = folder / ".5.key.0123456789ab"
    draft.touch()
    glob = Path.glob

    def and_gone(path: Path, pattern: str) -> list[Path]:
        found = list(glob(path, pattern))
        for one in found:
            one.unlink()
        return found

    monkeypatch.setattr(Path, "glob", and_gone)
    assert secret_files.destroy(TREE, 5)
    assert not list(folder.iterdir())


def test_an_end_is_an_empty_file_of_its_tree(folder: Path) -> None:
    assert not secret_files.has_ended(TREE, 5)
    secret_files.end(TREE, 5)
    secret_files.end(TREE, 5)
    assert secret_files.has_ended(TREE, 5)
    assert not secret_files.has_ended(TREE, 6)
    assert not secret_files.has_ended("another", 5)
    assert not (folder / "5.ended").read_bytes()
    assert secret_files.numbers(TREE) == []
