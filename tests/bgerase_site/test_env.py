"""The readers of the environment: a wrong value stops the start, and is named."""

import os
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from bgerase_site import env

HOUR, DAY = timedelta(hours=1), timedelta(hours=24)


@pytest.fixture(autouse=True)
def remember_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "READ", {})


def test_a_text_is_read_with_our_prefix_or_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text("THING", "default") == "default"
    monkeypatch.setenv("THING", "not ours")
    assert env.text("THING") == ""
    monkeypatch.setenv("BGERASE_THING", "ours")
    assert env.text("THING", "default") == "ours"
    assert env.READ == {"THING": ""} | {"THING": "default"}


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("BGERASE_THING", "from the environment")
    monkeypatch.setenv("BGERASE_THING_FILE", str(tmp_path / "secret"))
    assert env.text("THING") == "hush"
    monkeypatch.setenv("BGERASE_THING_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match=r"BGERASE_THING_FILE names .*missing.*No such"):
        env.text("THING")


@pytest.mark.parametrize("raw", ["", "x", "1.5", "1e3", "0x10", " 5", "-1", "11", "٣"])
def test_a_number_out_of_its_range_is_refused(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("BGERASE_THING", raw)
    if raw == "٣":  # A digit, of another script: Python reads it, and so do we.
        assert env.integer("THING", 5, most=10) == 3
        return
    with pytest.raises(ImproperlyConfigured, match=r"BGERASE_THING is .* from 0 to 10"):
        env.integer("THING", 5, most=10)


def test_numbers_within_their_range_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.integer("THING", 5) == 5
    for raw in ("0", "10"):
        monkeypatch.setenv("BGERASE_THING", raw)
        assert env.integer("THING", 5, most=10) == int(raw)
    with pytest.raises(ImproperlyConfigured, match="of at least 11"):
        env.integer("THING", 5, least=11)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("1", True), ("true", True), ("YES", True), ("on", True), ("0", False), ("Off", False)],
)
def test_a_flag(monkeypatch: pytest.MonkeyPatch, raw: str, value: bool) -> None:
    assert env.flag("THING", default=not value) is not value
    monkeypatch.setenv("BGERASE_THING", raw)
    assert env.flag("THING", default=not value) is value


def test_what_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGERASE_THING", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="'perhaps'; it takes 1 or 0"):
        env.flag("THING", default=True)


def test_a_choice_names_what_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.choice("THING", "a", {"a", "b"}) == "a"
    monkeypatch.setenv("BGERASE_THING", "c")
    with pytest.raises(ImproperlyConfigured, match="'c'; it takes one of a, b"):
        env.choice("THING", "a", {"b", "a"})


def test_words_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGERASE_THING", " a.example, b.example ,,")
    assert env.words("THING") == ["a.example", "b.example"]
    assert env.words("NONE") == []


@pytest.mark.parametrize(
    ("raw", "seconds"), [("60s", 60), ("90m", 5400), ("24h", 86_400), ("1440m", 86_400)]
)
def test_a_length_of_time(monkeypatch: pytest.MonkeyPatch, raw: str, seconds: int) -> None:
    monkeypatch.setenv("BGERASE_THING", raw)
    value = env.duration("THING", "1h", least=timedelta(seconds=60), most=DAY)
    assert value == timedelta(seconds=seconds)


@pytest.mark.parametrize("raw", ["", "24", "1d", "-1h", "1.5h", "59s", "25h", "86401s", "1h "])
def test_another_length_of_time_is_refused(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("BGERASE_THING", raw)
    with pytest.raises(ImproperlyConfigured, match="from 60s to 86400s"):
        env.duration("THING", "1h", least=timedelta(seconds=60), most=DAY)


def test_a_secret_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "secret"
    secret = env.kept_secret("THING", path, required=False)
    assert len(bytes.fromhex(secret)) == 32
    assert env.kept_secret("THING", path, required=False) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_secret_that_is_given_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BGERASE_THING", "g" * 32)
    assert env.kept_secret("THING", tmp_path / "secret", required=True) == "g" * 32
    assert not list(tmp_path.iterdir())


def test_a_short_secret_is_for_trying_out_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BGERASE_THING", "g" * 31)
    assert env.kept_secret("THING", tmp_path / "secret", required=False) == "g" * 31
    with pytest.raises(ImproperlyConfigured, match=r"THING has 31 .* 32 or more") as refused:
        env.kept_secret("THING", tmp_path / "secret", required=True)
    assert "ggg" not in str(refused.value)


@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o1777, 0o1777), (0o700, 0o700)])
def test_a_folder_is_closed_to_others_unless_everybody_shares_it(
    tmp_path: Path, before: int, after: int
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(before)
    env.make_private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == after


def test_a_secret_that_has_to_be_given_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="BGERASE_THING_FILE has to be set: 50 random"):
        env.kept_secret("THING", tmp_path / "secret", required=True, size=50)
    assert not list(tmp_path.iterdir())


def test_a_draft_that_a_killed_start_left_is_no_hindrance(tmp_path: Path) -> None:
    """In a container the next start has the same process number."""
    (tmp_path / f".secret.{os.getpid()}").write_text("half")
    assert len(env.kept_secret("THING", tmp_path / "secret", required=False)) == 64


MAKE = "import sys; from bgerase_site import env; from pathlib import Path; sys.stdin.readline(); "
MAKE += "print(env.kept_secret('THING', Path(sys.argv[1]), required=False))"


def test_parts_that_start_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    parts = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE, tmp_path / "secret"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    secrets = {part.communicate("\n")[0] for part in parts}
    assert len(secrets) == 1
