"""Many requests to a storage at once: each waits for the network, not for the processor."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Tick = Callable[[], None]

THREADS = 16
GIVE_UP = 2 * THREADS  # So many refusals with not one success: the storage is away.
TICK_EVERY = 1.0  # Seconds.


def silent() -> None:
    """The tick of whoever need not be told that time passes."""


def each(
    step: Callable[[Item], Result], items: Sequence[Item], tick: Tick = silent
) -> list[Result | Exception]:
    """What `step` gave or raised for each item, in their order. `tick` is called meanwhile.

    A storage that is away is not asked for each of a thousand images: the rest get the last error.
    """
    guarded = _Guarded(step)
    if not items or (len(items) == 1 and tick is silent):
        return [guarded(item) for item in items]
    with ThreadPoolExecutor(min(THREADS, len(items))) as pool:
        futures: list[Future[Result | Exception]] = [pool.submit(guarded, item) for item in items]
        waiting: set[Future[Result | Exception]] = set(futures)
        try:
            while waiting:
                waiting = wait(waiting, TICK_EVERY).not_done
                tick()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def patiently(step: Callable[[], Result], tick: Tick) -> Result:
    """One request, with `tick` called while it lasts. Raises what it raises."""
    (answer,) = each(lambda _: step(), [None], tick)
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Guarded(Generic[Item, Result]):
    """A step that gives its error back, and is not tried any more once nothing but errors came."""

    def __init__(self, step: Callable[[Item], Result]) -> None:
        self._step = step
        self._in_a_row = 0
        self._succeeded = False
        self._last = Exception()

    def __call__(self, item: Item) -> Result | Exception:
        if self._in_a_row >= GIVE_UP and not self._succeeded:
            return self._last
        try:
            result = self._step(item)
        except Exception as error:  # noqa: BLE001  Whoever asked decides what it means.
            self._last = error
            self._in_a_row += 1
            return error
        self._succeeded = True
        return result
