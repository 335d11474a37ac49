"""A database of the first version, with images in every state, migrates and keeps the promise."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from processing.access import home_of
from processing.models import Blob, Image, Life, Reason, Receipt, database_now
from processing.retention.sweeper import sweep
from processing.storage import make_image_key, open_image_key
from tests import cast

BEFORE = [("processing", "0001_initial")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    """The models of the first version, in a database of that version."""
    executor = MigrationExecutor(connection)
    now = executor.loader.graph.leaf_nodes()
    try:
        yield executor.migrate(BEFORE).apps
    finally:
        migrate(now)


def migrate(to: list[tuple[str, str]] | None = None) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(to or executor.loader.graph.leaf_nodes())


def test_images_in_every_state_come_along(before: Any) -> None:
    user, now = cast.make_user("olivia@example.org"), database_now()
    made = {life: _make(before, user, life, now) for life in Life}
    migrate()
    live, erasing = (Image.objects.get(pk=made[life]) for life in (Life.LIVE, Life.ERASING))
    assert not Image.objects.filter(kept=True).exists()
    assert open_image_key(live.id.bytes, live.epoch, bytes(live.wrapped_key or b""))
    assert (erasing.reason, erasing.look_again_at) == (Reason.DEADLINE, now)
    # A worker of then can still be writing: no receipt says yet that nothing is left.
    assert sweep(now + MINUTE).finished == 0
    assert sweep(now + 12 * MINUTE).finished == 1
    assert Receipt.objects.get().image_id == erasing.pk
    sweep(live.purge_at)
    sweep(live.purge_at + 20 * MINUTE)
    assert not Image.objects.exists()
    assert Receipt.objects.count() == len(Life)


def _make(apps: Any, user: Any, life: Life, now: datetime) -> Any:
    fields: dict[str, Any] = {"erasing_since": now}
    image = Image(purge_at=now + timedelta(hours=23), received_at=now)
    image.epoch = int(image.purge_at.timestamp()) + 900
    if life != Life.ERASING:
        fields = {"wrapped_key": make_image_key(image.id.bytes, image.epoch)[1]}
    row = apps.get_model("processing", "Image").objects.create(
        id=image.id,
        workspace_id=home_of(user).pk,
        uploaded_by_id=user.pk,
        life=life,
        received_at=now,
        purge_at=image.purge_at,
        epoch=image.epoch,
        kind="png",
        **fields,
    )
    kinds = ["original"] if life == Life.RECEIVING else ["original", "preview.webp"]
    for kind in kinds:
        apps.get_model("processing", "Blob").objects.create(image=row, kind=kind, generation=0)
    assert Blob.objects.filter(image_id=row.pk).count() == len(kinds)
    return row.pk
