"""Keys of what is kept for training: they die with either of the two opt-ins behind them."""

import errno
import os
import stat
import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from processing.storage import (
    KeyGone,
    destroy_grant,
    destroy_kept,
    destroy_withdrawn_grants,
    grants_alive,
    make_image_key,
    make_kept_key,
    open_kept_key,
    rewrap_kept_key,
    secret_files,
    wrapping,
)
from processing.storage.kept import USE

IMAGE = uuid.UUID(int=7).bytes
KEY = bytes(range(32))
EPOCH = 1_900_000_800


@pytest.fixture(autouse=True)
def kept(settings: Settings, tmp_path: Path) -> Path:
    """The folder of the opt-ins' secrets, this test's own."""
    settings.KEYS_DIR = tmp_path / "keys"
    return tmp_path / "keys" / "kept"


@pytest.mark.parametrize("grants", [(3, 4), (4, 3), (5, 5)])
def test_a_kept_key_opens_to_the_same_key(grants: tuple[int, int]) -> None:
    wrapped = make_kept_key(IMAGE, KEY, grants)
    assert len(wrapped) == 12 + 32 + 16
    assert KEY not in wrapped
    assert open_kept_key(IMAGE, wrapped, grants) == KEY
    assert grants_alive() == sorted(set(grants))


@pytest.mark.parametrize("withdrawn", [3, 4])
def test_either_of_both_opt_ins_takes_it_away(withdrawn: int) -> None:
    wrapped = make_kept_key(IMAGE, KEY, (3, 4))
    assert destroy_grant(withdrawn)
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, wrapped, (3, 4))
    assert grants_alive() == [7 - withdrawn]
    assert not destroy_grant(withdrawn)


def test_a_grant_that_was_destroyed_is_never_made_again() -> None:
    wrapped = make_kept_key(IMAGE, KEY, (3, 4))
    destroy_grant(3)
    for grants in ((3, 4), (4, 3), (3, 3)):
        with pytest.raises(KeyGone):
            make_kept_key(IMAGE, KEY, grants)
    assert grants_alive() == [4]
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, wrapped, (3, 4))


def test_a_kept_key_opens_for_nobody_else(settings: Settings) -> None:
    wrapped = make_kept_key(IMAGE, KEY, (3, 4))
    make_kept_key(IMAGE, KEY, (5, 5))
    for image, grants in ((uuid.UUID(int=8).bytes, (3, 4)), (IMAGE, (4, 3)), (IMAGE, (3, 5))):
        with pytest.raises(KeyGone):
            open_kept_key(image, wrapped, grants)
    settings.MASTER_KEY = "another"
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, wrapped, (3, 4))


@pytest.mark.parametrize("wrapped", [None, b"", b"short", bytes(60)])
def test_a_blanked_or_broken_kept_key_is_gone(wrapped: bytes | None) -> None:
    make_kept_key(IMAGE, KEY, (3, 3))
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, wrapped, (3, 3))


def test_opening_never_makes_a_secret() -> None:
    for ask in (open_kept_key, rewrap_kept_key):
        with pytest.raises(KeyGone):
            ask(IMAGE, bytes(60), (3, 4))
    assert grants_alive() == []


def test_the_two_trees_have_nothing_in_common(kept: Path) -> None:
    """The same secret in both would still wrap differently."""
    make_kept_key(IMAGE, KEY, (EPOCH, EPOCH))
    secret = (kept / f"{EPOCH}.key").read_bytes()
    epoch = kept.parent / "epochs" / f"{EPOCH}.key"
    epoch.parent.mkdir()
    epoch.write_bytes(secret * 2)
    with pytest.raises(KeyGone):  # Not a secret: of another length.
        make_image_key(IMAGE, EPOCH)
    epoch.write_bytes(secret)
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, make_image_key(IMAGE, EPOCH)[1], (EPOCH, EPOCH))


def test_rotating_the_master_key(settings: Settings) -> None:
    settings.MASTER_KEY = "before"
    wrapped = make_kept_key(IMAGE, KEY, (3, 4))
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    assert open_kept_key(IMAGE, wrapped, (3, 4)) == KEY
    again = rewrap_kept_key(IMAGE, wrapped, (3, 4))
    settings.OLD_MASTER_KEY = ""
    assert open_kept_key(IMAGE, again, (3, 4)) == KEY
    assert rewrap_kept_key(IMAGE, again, (3, 4)) is None


def test_a_secret_is_its_owners_and_overwritten_at_the_end(kept: Path, tmp_path: Path) -> None:
    make_kept_key(IMAGE, KEY, (3, 3))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert stat.S_IMODE((kept / "3.key").stat().st_mode) == 0o600
    same_bytes = tmp_path / "same"
    os.link(kept / "3.key", same_bytes)  # What an undelete would find.
    destroy_grant(3)
    assert same_bytes.read_bytes() == bytes(32)
    assert [path.name for path in kept.iterdir()] == ["3.ended"]
    assert not (kept / "3.ended").read_bytes()


def test_what_a_dead_process_has_left_is_destroyed() -> None:
    for number in (1, 2, 3, 11):
        make_kept_key(IMAGE, KEY, (number, number))
    asked: list[list[int]] = []

    def valid(numbers: list[int]) -> set[int]:
        asked.append(numbers)
        return {2, 11}

    assert destroy_withdrawn_grants(valid) == [1, 3]
    assert grants_alive() == [2, 11]
    assert asked == [[1, 2, 3, 11]]


def take_no_new_file(*args: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_keeps_no_opt_in_alive(
    kept: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each opens nothing from then on, in no copy, and is not made anew; that it has ended is noted
    once there is room."""
    wrapped = {number: make_kept_key(IMAGE, KEY, (number, number)) for number in (3, 4)}
    with monkeypatch.context() as disk:
        disk.setattr(secret_files, "create_once", take_no_new_file)
        assert destroy_withdrawn_grants(lambda numbers: []) == []
    told = "the end of an opt-in cannot be noted yet: No space left on device"
    assert caplog.messages == [told, told]
    for number in (3, 4):
        with pytest.raises(KeyGone):
            open_kept_key(IMAGE, wrapped[number], (number, number))
        with pytest.raises(KeyGone):
            make_kept_key(IMAGE, KEY, (number, number))
    assert destroy_withdrawn_grants(lambda numbers: []) == [3, 4]
    assert {path.name for path in kept.iterdir()} == {"3.ended", "4.ended"}


def test_what_can_neither_be_noted_nor_overwritten_is_removed(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_kept_key(IMAGE, KEY, (3, 3))
    monkeypatch.setattr(secret_files, "create_once", take_no_new_file)
    monkeypatch.setattr(secret_files, "overwrite", lambda tree, number: False)
    assert destroy_grant(3)
    assert not list(kept.iterdir())


def test_an_opt_in_that_is_used_meanwhile_is_left_alone() -> None:
    """It came after the files were listed: the answer of the ledger need not know it."""
    make_kept_key(IMAGE, KEY, (1, 1))

    def valid(numbers: list[int]) -> set[int]:
        make_kept_key(IMAGE, KEY, (2, 2))
        return {1}

    assert destroy_withdrawn_grants(valid) == []
    assert grants_alive() == [1, 2]


def test_without_secrets_the_ledger_is_not_asked() -> None:
    assert destroy_withdrawn_grants(lambda numbers: {1 // 0}) == []


def test_one_that_somebody_else_destroys_first_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in (1, 2):
        make_kept_key(IMAGE, KEY, (number, number))
    destroy = secret_files.destroy

    def second(tree: str, number: int) -> bool:
        return destroy(tree, number) and not destroy(tree, number) and number == 2

    monkeypatch.setattr(secret_files, "destroy", second)
    assert destroy_withdrawn_grants(lambda numbers: []) == [2]


def test_one_that_was_kept_before_images_had_secrets_opens_and_gets_one(kept: Path) -> None:
    make_kept_key(uuid.uuid4().bytes, KEY, (3, 4))
    pair = b"".join((kept / f"{number}.key").read_bytes() for number in (3, 4))
    wrapped = wrapping.wrap(IMAGE, KEY, pair, USE)
    assert open_kept_key(IMAGE, wrapped, (3, 4)) == KEY
    again = rewrap_kept_key(IMAGE, wrapped, (3, 4))
    assert again
    assert open_kept_key(IMAGE, again, (3, 4)) == KEY
    assert rewrap_kept_key(IMAGE, again, (3, 4)) is None
    destroy_kept([uuid.UUID(bytes=IMAGE)])
    with pytest.raises(KeyGone):
        open_kept_key(IMAGE, again, (3, 4))


def test_an_images_own_secret_is_its_own() -> None:
    other = uuid.uuid4()
    first, second = (make_kept_key(one, KEY, (3, 4)) for one in (IMAGE, other.bytes))
    destroy_kept([other])
    assert open_kept_key(IMAGE, first, (3, 4)) == KEY
    with pytest.raises(KeyGone):
        open_kept_key(other.bytes, second, (3, 4))
