"""The vault on local disk and on a real S3 store, each test with one that is empty."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings as site
from pytest_django import Settings

from bgerase_site import backends
from tests.servers import S3


def use_storage(settings: Settings, url: str) -> None:
    """What a restart with BGERASE_STORAGE_URL=url does."""
    settings.STORAGES = site.STORAGES | {"vault": backends.storage_from(url)}


@pytest.fixture
def disk(settings: Settings, tmp_path: Path) -> Path:
    use_storage(settings, f"file://{quote(str(tmp_path))}/vault")
    return tmp_path / "vault"


@pytest.fixture
def bucket(settings: Settings, s3: S3) -> str:
    """The name of a new bucket, which the vault uses."""
    name = f"vault-{os.urandom(4).hex()}"
    use_storage(settings, s3.storage_url(name))
    return name


@pytest.fixture(params=["disk", "bucket"])
def vault(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(request.param)
