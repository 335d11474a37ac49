"""Counting attempts in the cache: exact among processes where the cache is shared (Redis)."""

from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Limit:
    """`most` attempts in `seconds`, counted from the first of them."""

    name: str
    most: int
    seconds: int


class Attempt:
    """One attempt against several limits. It counts before it is made, so that of many at the same
    moment no more than the limit go through; one that turns out well is taken back."""

    def __init__(self, *kept_by: tuple[Limit, str]) -> None:
        self._kept_by = [(limit, _key(limit, whose)) for limit, whose in kept_by]

    def begin(self) -> bool:
        """Whether it is allowed. One that is refused counts as well: going on does not pay."""
        return all([_add(key, limit) <= limit.most for limit, key in self._kept_by])  # noqa: C419  All count.

    def take_back(self) -> None:
        for _, key in self._kept_by:
            try:
                cache.decr(key)
            except ValueError:
                continue  # Its time was over meanwhile.


def _key(limit: Limit, whose: str) -> str:
    return f"tries:{limit.name}:{whose}"  # Kept as a hash: bgerase_site.backends.hide_key.


def _add(key: str, limit: Limit) -> int:
    cache.add(key, 0, limit.seconds)
    try:
        return cache.incr(key)
    except ValueError:  # It ended between the two.
        cache.add(key, 1, limit.seconds)
        return 1
