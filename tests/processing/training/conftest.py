from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cast import outsider, own_stores, owner

__all__ = ["outsider", "own_keys", "own_stores", "owner"]


@pytest.fixture(autouse=True)
def own_keys(settings: Settings, tmp_path: Path) -> None:
    """Secrets of no other test: the numbers of a ledger begin anew with every one."""
    settings.KEYS_DIR = tmp_path / "keys"
    settings.KEYS_DIR.mkdir()
