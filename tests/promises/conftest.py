from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cast import new_folder, on_s3, outsider, own_stores, owner, visitor
from tests.promises.processes import PLAN

__all__ = ["no_plan", "outsider", "own_stores", "owner", "vault", "visitor"]


@pytest.fixture(autouse=True)
def no_plan() -> Iterator[None]:
    """The engine of every test is the real one until the test says otherwise."""
    yield
    for path in (PLAN, PLAN.with_name("reached")):
        path.unlink(missing_ok=True)


@pytest.fixture(params=["folder", "bucket"] if on_s3() else ["folder"])
def vault(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> str:
    """On a run with a bucket a folder, too: far more can be tried there in the same time."""
    if request.param == "folder" and on_s3():
        settings.STORAGES = settings.STORAGES | {"vault": new_folder(tmp_path / "vault")}
    return str(request.param)
