"""The rows that `make bench-erasing` writes past the models are rows as the models have them."""

import pytest

from processing.models import Blob, Image, Job, database_now
from tests.bench.erasing import KINDS, OWNERS, fill


@pytest.mark.django_db
def test_its_rows_are_whole() -> None:
    fill(OWNERS + 1, database_now(), ("image", "job", "blob"))
    for table, each in ((Image, 1), (Job, 1), (Blob, len(KINDS))):
        assert table.objects.count() == each * (OWNERS + 1)
    assert Image.objects.readable(database_now()).count() == OWNERS + 1
