from collections.abc import Iterator

import pytest

from tests.cast import outsider, own_stores, owner, visitor
from tests.promises.processes import PLAN

__all__ = ["no_plan", "outsider", "own_stores", "owner", "visitor"]


@pytest.fixture(autouse=True)
def no_plan() -> Iterator[None]:
    """The engine of every test is the real one until the test says otherwise."""
    yield
    for path in (PLAN, PLAN.with_name("reached")):
        path.unlink(missing_ok=True)
