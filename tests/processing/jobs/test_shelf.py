"""Models of one process: the first for good, others while there is room for their weights."""

from typing import Any

import pytest

from processing.jobs.shelf import Shelf

WEIGHTS = {"first": 5, "small": 10, "middle": 40, "large": 500}


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def shelf(opened: list[str]) -> Shelf:
    def open_one(name: str) -> Any:
        opened.append(name)
        return f"matter {name}"

    shelf = Shelf(open_one, WEIGHTS.__getitem__, room=60)
    shelf.take("first")
    return shelf


def test_a_model_is_opened_when_it_is_asked_for_and_once(shelf: Shelf, opened: list[str]) -> None:
    assert opened == ["first"]
    assert str(shelf.take("small")) == str(shelf.take("small")) == "matter small"
    assert opened == ["first", "small"]


def test_what_was_not_used_for_longest_goes_when_there_is_no_room(shelf: Shelf) -> None:
    for name in ("small", "middle", "small"):
        shelf.take(name)
    assert shelf.names == ["first", "middle", "small"]
    shelf.take("large")
    assert shelf.names == ["first", "large"]  # Alone besides the first it may weigh what it does.
    shelf.take("middle")
    assert shelf.names == ["first", "middle"]


def test_only_as_many_go_as_have_to(shelf: Shelf) -> None:
    WEIGHTS["another"] = 15
    for name in ("middle", "small", "another"):
        shelf.take(name)
    assert shelf.names == ["first", "small", "another"]


def test_the_first_one_stays_first_whenever_it_is_used(shelf: Shelf) -> None:
    for name in ("small", "first", "large", "first"):
        shelf.take(name)
    assert shelf.names == ["first", "large"]


def test_one_that_cannot_be_opened_leaves_the_others(shelf: Shelf) -> None:
    shelf.take("small")
    with pytest.raises(KeyError):
        shelf.take("unknown")
    assert shelf.names == ["first", "small"]
