"""Keys: each image has one, and each dies with its epoch, wherever copies of the rest have gone."""

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from processing.retention import deadlines
from processing.storage import (
    KeyGone,
    destroy_epoch,
    destroy_expired_epochs,
    epoch_of,
    epochs_alive,
    make_image_key,
    open_image_key,
    secret_files,
    wrap_image_key,
)

IMAGE = uuid.UUID(int=7).bytes
EPOCH = 1_900_000_800
AT_ITS_END = datetime.fromtimestamp(EPOCH, UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
RETENTIONS = st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds))


@pytest.fixture(autouse=True)
def epochs(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the epochs' secrets, this test's own."""
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys" / "epochs"


def test_a_wrapped_key_opens_to_the_same_key() -> None:
    key, wrapped = make_image_key(IMAGE, EPOCH)
    assert len(key) == 32
    assert len(wrapped) == 12 + 32 + 16
    assert key not in wrapped
    assert open_image_key(IMAGE, EPOCH, wrapped) == key


def test_every_image_has_a_key_of_its_own() -> None:
    assert len({make_image_key(IMAGE, EPOCH) for _ in range(20)}) == 20


def test_a_wrapped_key_opens_for_no_other_image_epoch_or_master_key(
    settings: Settings,
) -> None:
    _, wrapped = make_image_key(IMAGE, EPOCH)
    make_image_key(IMAGE, EPOCH + 900)
    with pytest.raises(KeyGone):
        open_image_key(uuid.UUID(int=8).bytes, EPOCH, wrapped)
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH + 900, wrapped)
    settings.MASTER_KEY = "another"
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, wrapped)


@pytest.mark.parametrize("wrapped", [None, b"", b"short", bytes(60)])
def test_a_blanked_or_broken_wrapped_key_is_gone(wrapped: bytes | None) -> None:
    make_image_key(IMAGE, EPOCH)
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, wrapped)


def test_opening_never_makes_an_epoch(epochs: Path) -> None:
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, bytes(60))
    assert not list(epochs.iterdir())


@given(received=MOMENTS)
def test_with_24_hours_every_key_is_dead_by_23_15(received: datetime) -> None:
    day = timedelta(hours=24)
    due = deadlines.purge_at(received, day)
    end = datetime.fromtimestamp(epoch_of(due, day), UTC)
    assert due < end <= received + timedelta(hours=23, minutes=15, seconds=1)


@given(received=MOMENTS, retention=RETENTIONS)
def test_a_key_outlives_its_image_and_dies_before_the_promise_ends(
    received: datetime, retention: timedelta
) -> None:
    due = deadlines.purge_at(received, retention)
    end = datetime.fromtimestamp(epoch_of(due, retention), UTC)
    assert due < end < received + retention


@given(received=MOMENTS, retention=RETENTIONS)
def test_epochs_are_as_wide_as_the_budget_says(received: datetime, retention: timedelta) -> None:
    width = deadlines.budget(retention).epoch.total_seconds()
    due = deadlines.purge_at(received, retention)
    end = epoch_of(due, retention)
    assert end % width == 0
    assert due.timestamp() < end <= due.timestamp() + 1 + width


def test_the_shortest_lives_have_epochs_of_a_second() -> None:
    for second in range(10):
        due = datetime(2030, 1, 1, second=second, tzinfo=UTC)
        assert epoch_of(due, timedelta(seconds=60)) == due.timestamp() + 1
    last = datetime.fromtimestamp(EPOCH - 1, UTC)
    assert epoch_of(last, timedelta(hours=24)) == EPOCH


def test_epochs_are_shared_by_neighbours_only() -> None:
    day = timedelta(hours=24)
    start = datetime(2030, 1, 1, tzinfo=UTC)
    ends = {epoch_of(start + timedelta(seconds=second), day) for second in range(0, 86_400, 60)}
    assert len(ends) == 96
    assert all(end % 900 == 0 for end in ends)


def test_only_ended_epochs_are_destroyed() -> None:
    _, ended = make_image_key(IMAGE, EPOCH)
    _, going_on = make_image_key(IMAGE, EPOCH + 900)
    assert destroy_expired_epochs(AT_ITS_END - timedelta(milliseconds=1)) == 0
    open_image_key(IMAGE, EPOCH, ended)
    assert destroy_expired_epochs(AT_ITS_END) == 1
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, ended)
    open_image_key(IMAGE, EPOCH + 900, going_on)
    assert destroy_expired_epochs(AT_ITS_END) == 0


def test_a_destroyed_secret_is_overwritten_and_removed(epochs: Path, tmp_path: Path) -> None:
    make_image_key(IMAGE, EPOCH)
    (epochs / "no-epoch.key").write_bytes(b"left alone")
    same_bytes = tmp_path / "same"
    os.link(epochs / f"{EPOCH}.key", same_bytes)  # What an undelete would find.
    assert any(same_bytes.read_bytes())
    destroy_expired_epochs(AT_ITS_END)
    assert same_bytes.read_bytes() == bytes(32)
    assert [path.name for path in epochs.iterdir()] == ["no-epoch.key"]


def test_destroying_that_was_killed_half_way_goes_on(epochs: Path) -> None:
    """Zeros, and the file still there: nothing may be wrapped with them, and the file goes."""
    _, wrapped = make_image_key(IMAGE, EPOCH)
    (epochs / f"{EPOCH}.key").write_bytes(bytes(32))
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, wrapped)
    with pytest.raises(KeyGone):
        make_image_key(IMAGE, EPOCH)
    assert destroy_expired_epochs(AT_ITS_END) == 1
    assert not list(epochs.iterdir())


def test_destroying_an_epoch_that_another_process_has_just_destroyed_is_no_error(
    epochs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image_key(IMAGE, EPOCH)
    destroy = secret_files.destroy

    def second(tree: str, number: int) -> bool:
        return destroy(tree, number) and not destroy(tree, number)

    monkeypatch.setattr(secret_files, "destroy", second)
    assert destroy_expired_epochs(AT_ITS_END) == 1
    assert not list(epochs.iterdir())


WRAP = """
import os, sys, time
import django
django.setup()
from processing.storage import make_image_key
from processing.storage import secret_files
secret_files.os.link = lambda source, target, link=os.link: (time.sleep(0.05), link(source, target))
print('ready', flush=True)
sys.stdin.readline()
for epoch in range(4000000000, 4000000010):
    print(make_image_key(bytes(16), epoch)[1].hex(), flush=True)
"""


def test_processes_that_make_the_same_epoch_at_once_agree_on_its_secret(epochs: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRAP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "BGERASE_KEYS_DIR": str(epochs.parent), "BGERASE_MASTER_KEY": "m"},
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    wrapped = [process.communicate()[0].split() for process in processes]
    assert [len(lines) for lines in wrapped] == [10, 10]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.MASTER_KEY", "m")
        for lines in wrapped:
            for epoch, line in zip(range(4_000_000_000, 4_000_000_010), lines, strict=True):
                assert len(open_image_key(bytes(16), epoch, bytes.fromhex(line))) == 32
    assert len(list(epochs.iterdir())) == 10


def test_one_secret_that_cannot_be_removed_does_not_keep_the_others(
    epochs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One that an administrator has made, say, in the folder of a user without privileges."""
    for epoch in (EPOCH - 1800, EPOCH - 900, EPOCH):
        make_image_key(IMAGE, epoch)
    unlink = Path.unlink

    def refuse(path: Path, *args: object) -> None:
        if path.stem == str(EPOCH - 900):
            raise PermissionError(1, "Operation not permitted")
        unlink(path)

    monkeypatch.setattr(Path, "unlink", refuse)
    assert destroy_expired_epochs(AT_ITS_END) == 2
    (left,) = epochs.iterdir()
    assert left.read_bytes() == bytes(32)
    assert "cannot be removed" in caplog.text


def test_a_key_can_be_wrapped_for_an_earlier_epoch() -> None:
    key, wrapped = make_image_key(IMAGE, EPOCH)
    earlier = wrap_image_key(IMAGE, key, EPOCH - 900)
    assert earlier != wrapped
    assert open_image_key(IMAGE, EPOCH - 900, earlier) == key


def test_epochs_alive_are_their_ends_in_order(epochs: Path) -> None:
    assert epochs_alive() == []
    for end in (EPOCH, 900_000_000, EPOCH - 900):
        make_image_key(IMAGE, end)
    (epochs / "x.key").write_bytes(bytes(32))
    (epochs / "9.other").write_bytes(bytes(32))
    assert epochs_alive() == [900_000_000, EPOCH - 900, EPOCH]
    assert destroy_epoch(EPOCH)
    assert not destroy_epoch(EPOCH)
    assert epochs_alive() == [900_000_000, EPOCH - 900]


@pytest.mark.parametrize("linked", [True, False])
def test_what_a_process_left_that_was_killed_while_it_made_a_secret_goes_with_it(
    epochs: Path, linked: bool
) -> None:
    """Its draft may be the secret itself, by another name."""
    make_image_key(IMAGE, EPOCH)
    drafts = [epochs / f".{end}.key.0123456789ab" for end in (EPOCH, EPOCH + 900)]
    for draft in drafts:
        if linked:
            os.link(epochs / f"{EPOCH}.key", draft)
        else:
            draft.write_bytes(bytes(range(32)))
    destroy_expired_epochs(AT_ITS_END)
    assert list(epochs.iterdir()) == [drafts[1]]
    assert drafts[1].read_bytes() == (bytes(32) if linked else bytes(range(32)))


def test_an_epoch_that_is_destroyed_while_it_is_made_has_no_key(
    monkeypatch: pytest.MonkeyPatch, epochs: Path
) -> None:
    sync = secret_files.sync_folder

    def destroy_meanwhile(folder: Path) -> None:
        monkeypatch.setattr(secret_files, "sync_folder", sync)
        destroy_epoch(EPOCH)

    monkeypatch.setattr(secret_files, "sync_folder", destroy_meanwhile)
    with pytest.raises(KeyGone, match=r"^secret destroyed$"):
        make_image_key(IMAGE, EPOCH)
    assert not list(epochs.iterdir())


def test_a_draft_that_is_swept_away_meanwhile_is_no_error(
    monkeypatch: pytest.MonkeyPatch, epochs: Path
) -> None:
    link = os.link

    def sweep_first(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "link", link)
        destroy_epoch(EPOCH)
        link(source, target)

    monkeypatch.setattr(os, "link", sweep_first)
    with pytest.raises(KeyGone, match=r"^secret destroyed$"):
        make_image_key(IMAGE, EPOCH)
    assert not list(epochs.iterdir())
