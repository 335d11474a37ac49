"""Taking back what had arrived: wholly where nobody can be writing for it any more."""

import pytest

from accounts.models import User
from processing.flows import erase as flow
from processing.flows import submit
from processing.flows.erase import erase_images
from processing.flows.submit import discard
from processing.models import Image, Job, Life
from processing.retention import erase
from processing.storage import shred_prefix, stored_names
from tests import cast


def test_what_no_worker_has_touched_is_gone_at_once(owner: User) -> None:
    discard(cast.submit(owner))
    assert cast.nothing_is_left()
    assert not Job.objects.exists()


def test_the_row_stays_while_a_worker_can_still_be_writing(owner: User) -> None:
    """Without it a worker that is killed at the wrong moment would leave bytes nobody knows."""
    image = cast.submit(owner)
    cast.start(image)
    discard(image)
    assert Image.objects.get().life == Life.ERASING
    assert stored_names(image.prefix) == []
    assert not Job.objects.exists()


def test_a_storage_that_refuses_is_left_to_the_sweeper(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = cast.submit(owner)
    with monkeypatch.context() as broken:
        broken.setattr(erase, "shred_prefix", lambda prefix: 1 / 0)
        discard(image)
    row = Image.objects.get()
    assert (row.life, row.wrapped_key) == (Life.ERASING, None)
    assert submit.log.name == "processing.flows.submit"


def test_one_image_whose_bytes_refuse_does_not_keep_the_others(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [cast.submit(owner) for _ in range(3)]
    shred = shred_prefix

    def refuse_one(prefix: str) -> int:
        if prefix == images[1].prefix:
            raise PermissionError
        return shred(prefix)

    monkeypatch.setattr(flow, "shred_prefix", refuse_one)
    assert erase_images(images) == images
    assert [len(stored_names(image.prefix)) for image in images] == [0, 1, 0]
    assert {image.life for image in Image.objects.all()} == {Life.ERASING}
