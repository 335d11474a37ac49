"""Doing things at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def apart(step: Callable[[], T]) -> T:
    """Runs `step` as another process would: on another connection, outside our transaction."""
    return at_once(step)[0]


def at_once(*steps: Callable[[], T]) -> list[T]:
    """Starts all steps at one moment; their results in order. The first error is raised here."""
    together = threading.Barrier(len(steps))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, step: Callable[[], T]) -> None:
        try:
            together.wait()
            results[number] = step()
        except BaseException as error:  # noqa: BLE001  Raised again below, in the test's thread.
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(steps))]
