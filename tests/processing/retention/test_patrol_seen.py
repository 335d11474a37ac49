"""The memory of a walk: a filter that forgets nothing and takes little room."""

import pytest

from processing.retention.patrol.seen import HASHES, Seen
from tests.processing.retention.patrolled import our_storage

__all__ = ["our_storage"]
pytestmark = pytest.mark.django_db


def test_a_filter_forgets_nothing_and_takes_little_for_seen() -> None:
    seen = Seen(5000)
    names = [f"name {number}" for number in range(10_000)]
    for name in names[:5000]:
        seen.add(name)
    assert all(name in seen for name in names[:5000])
    assert sum(name in seen for name in names[5000:]) < 100


def test_a_filter_takes_others_for_seen_each_time() -> None:
    """What one round passes by the next one finds."""
    names = [f"name {number}" for number in range(40_000)]
    taken = []
    for _ in range(2):
        seen = Seen(0)
        for name in names[:20_000]:
            seen.add(name)
        taken.append({name for name in names[20_000:] if name in seen})
    assert taken[0] != taken[1]
    assert 0.1 < len(taken[0]) / 20_000 < 0.4


def test_a_name_takes_four_bits_of_a_filter_at_most() -> None:
    seen = Seen(0)
    seen.add("name")
    assert 1 < int.from_bytes(seen._field).bit_count() <= HASHES


@pytest.mark.parametrize(
    ("expected", "bits"), [(0, 1 << 16), (4096, 1 << 16), (4097, 1 << 17), (10**9, 1 << 27)]
)
def test_a_filter_takes_sixteen_bits_for_each_within_bounds(expected: int, bits: int) -> None:
    assert len(Seen(expected)._field) == bits // 8
