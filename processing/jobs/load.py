"""What a worker has done in its last minute: what its heartbeat tells, and metrics add up."""

import time
from collections import deque

WINDOW = 60.0  # Seconds.


class Load:
    """Counts runs, and the photos in each. Any thread may add and read."""

    def __init__(self) -> None:
        self._runs: deque[tuple[float, int]] = deque()

    def add(self, photos: int) -> None:
        self._runs.append((time.monotonic(), photos))

    def facts(self) -> dict[str, int]:
        """`runs` and `photos` of the last minute; a batch is one run."""
        since = time.monotonic() - WINDOW
        while self._runs and self._runs[0][0] < since:
            self._runs.popleft()
        recent = [photos for _, photos in list(self._runs)]
        return {"runs": len(recent), "photos": sum(recent)}
