"""The models that a worker process has open: the first for good, others while there is room."""

from collections.abc import Callable

from processing.engine import Matter

Open = Callable[[str], Matter]


class Shelf:
    """Opens models when they are first asked for, and lets go of the one that was not used for
    longest when the weights of all together would weigh more than `room` bytes.

    The first one stays: it is what most photos are cut out with. A single one besides it is opened
    whatever it weighs, or it could never run.
    """

    def __init__(self, open_matter: Open, weigh: Callable[[str], int], room: int) -> None:
        self._open, self._weigh, self._room = open_matter, weigh, room
        self._matters: dict[str, Matter] = {}  # The first one, then by their latest use.

    @property
    def names(self) -> list[str]:
        return list(self._matters)

    def take(self, name: str) -> Matter:
        """Raises what opening raises: SetupErrors, MemoryError."""
        if name not in self._matters:
            self._make_room(name)
            self._matters[name] = self._open(name)
        matter = self._matters[name]
        if name != self.names[0]:
            self._matters[name] = self._matters.pop(name)
        return matter

    def _make_room(self, name: str) -> None:
        while len(self._matters) > 1 and self._weight() + self._weigh(name) > self._room:
            del self._matters[self.names[1]]

    def _weight(self) -> int:
        return sum(self._weigh(name) for name in self._matters)
