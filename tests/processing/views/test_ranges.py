"""Parts of a file, as they are asked for."""

import pytest

from processing.views.ranges import NotThere, Part, read_range


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", Part(0, 0)),
        (" bytes=2-3 ", Part(2, 3)),
        ("bytes=2-99", Part(2, 9)),
        ("bytes=-3", Part(7, 9)),
        ("bytes=3-2", None),
        ("", None),
    ],
)
def test_ranges_are_read(asked: str, part: Part | None) -> None:
    assert read_range(asked, 10) == part


@pytest.mark.parametrize(("asked", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=-5", 0)])
def test_ranges_that_are_not_there(asked: str, size: int) -> None:
    with pytest.raises(NotThere):
        read_range(asked, size)
