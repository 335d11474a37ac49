"""A new master key: the one before opens what it has wrapped, until everything is wrapped anew."""

import uuid
from pathlib import Path

import pytest
from pytest_django import Settings

from processing.storage import (
    KeyGone,
    make_image_key,
    open_image_key,
    rewrap_image_key,
    wrapping,
)

IMAGE = uuid.UUID(int=7).bytes
EPOCH = 1_900_000_800


@pytest.fixture(autouse=True)
def keys(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


def test_an_old_master_key_opens_what_the_new_one_does_not(settings: Settings) -> None:
    settings.MASTER_KEY = "before"
    key, wrapped = make_image_key(IMAGE, EPOCH)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    assert open_image_key(IMAGE, EPOCH, wrapped) == key
    ours = make_image_key(IMAGE, EPOCH)[1]
    settings.OLD_MASTER_KEY = ""
    with pytest.raises(KeyGone, match="does not fit"):
        open_image_key(IMAGE, EPOCH, wrapped)
    open_image_key(IMAGE, EPOCH, ours)


def test_rewrapped_a_key_needs_the_old_master_key_no_longer(settings: Settings) -> None:
    settings.MASTER_KEY = "before"
    key, wrapped = make_image_key(IMAGE, EPOCH)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "before"
    again = rewrap_image_key(IMAGE, EPOCH, wrapped)
    settings.OLD_MASTER_KEY = ""
    assert open_image_key(IMAGE, EPOCH, again) == key
    assert rewrap_image_key(IMAGE, EPOCH, again) is None


def test_what_no_master_key_opens_cannot_be_rewrapped(settings: Settings) -> None:
    _, wrapped = make_image_key(IMAGE, EPOCH)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", "another"
    for one in (wrapped, None):
        with pytest.raises(KeyGone):
            rewrap_image_key(IMAGE, EPOCH, one)


def test_without_an_old_master_key_none_is_tried(settings: Settings) -> None:
    settings.MASTER_KEY = ""
    _, wrapped = make_image_key(IMAGE, EPOCH)
    settings.MASTER_KEY, settings.OLD_MASTER_KEY = "now", ""
    with pytest.raises(KeyGone):
        open_image_key(IMAGE, EPOCH, wrapped)


SECRET, KEY = bytes(range(32)), bytes(range(32, 64))


def test_what_is_wrapped_for_one_use_opens_for_no_other() -> None:
    """The same secret, the same image, the same master key."""
    wrapped = wrapping.wrap(IMAGE, KEY, SECRET, b"one")
    assert wrapping.unwrap(IMAGE, wrapped, SECRET, b"one") == KEY
    for secret, use in ((SECRET, b"two"), (SECRET[::-1], b"one")):
        with pytest.raises(KeyGone, match=r"^does not fit$"):
            wrapping.unwrap(IMAGE, wrapped, secret, use)


@pytest.mark.parametrize("blanked", [None, b""])
def test_what_was_blanked_says_so(blanked: bytes | None) -> None:
    for ask in (wrapping.unwrap, wrapping.rewrap):
        with pytest.raises(KeyGone, match=r"^blanked$"):
            ask(IMAGE, blanked, SECRET, b"one")


def test_no_two_wrappings_are_alike() -> None:
    assert len({wrapping.wrap(IMAGE, KEY, SECRET, b"one") for _ in range(20)}) == 20
