"""Promise 5 for uploads in parts: `kill -9` between any two steps, and the sender goes on."""

import base64
from uuid import uuid4

import pytest

from accounts.models import Action, User
from processing.models import Arrival, Blob, Image, Job, Life
from processing.retention.parts import clear_left_over
from tests.promises import points
from tests.promises.aftermath import Album, everything_ends, go_on, is_done, noted, reads
from tests.promises.killer import Killer
from tests.promises.test_kill_nine_anywhere import LARGE, die, killed, runs, warm

__all__ = ["die", "killed", "runs", "warm"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_receiving_in_parts(owner: User, warm: Killer, die: object, runs: range) -> None:
    """Some go on with the same key and get the one image, the others never come back."""
    for _ in runs:
        album, images = Album(2 * LARGE), []
        sent = {"user": str(owner.pk), "photo": base64.b64encode(album.content).decode()}
        for point in points.receiving_in_parts():
            key = uuid4().hex
            die(point, **sent, name=album.name(), key=key)  # type: ignore[operator]
            images.append(warm.do("receive_in_parts", **sent, name=album.name(), key=key))
            die(point, **sent, name=album.name(), key=uuid4().hex)  # type: ignore[operator]
        live = Image.objects.filter(life=Life.LIVE)
        assert live.count() == Job.objects.count()
        assert set(images) <= {str(image.pk) for image in live}
        assert len(set(images)) == len(images)
        assert all(noted(Action.IMAGE_UPLOADED, image) == 1 for image in live)
        clear_left_over()
        assert not Arrival.objects.filter(image__life=Life.LIVE).exists()
        assert Blob.objects.filter(image__life=Life.LIVE).count() == live.count()
        go_on(warm)
        assert all(is_done(image) and reads(image) == album.content for image in live)
        everything_ends(album)
        assert not Arrival.objects.exists()
