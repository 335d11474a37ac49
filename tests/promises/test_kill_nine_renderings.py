"""Promise 5 for what is made on demand: `kill -9` while it is asked for and while it is made."""

from typing import Any

import pytest

from accounts.models import User
from tests import cast
from tests.promises import points
from tests.promises.aftermath import Album, everything_ends, go_on, is_done, is_stored
from tests.promises.killer import Killer
from tests.promises.test_kill_nine_anywhere import die, killed, runs, warm

__all__ = ["die", "killed", "runs", "warm"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_rendering(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """What was cut out before stays whole, whatever becomes of what is made of it."""
    for _ in runs:
        album, images = Album(), {}
        for point in points.rendering():
            images[point.name] = cast.finish(album.submit(owner), album.content)
        for point in points.rendering():
            image = images[point.name]
            warm.do("ask", image=str(image.pk), user=str(owner.pk))
            die(point)
            assert is_stored(image), point
        go_on(warm)
        assert all(is_done(image, "cutout.webp") for image in images.values())
        everything_ends(album)


def test_asking_for_a_rendering(owner: User, warm: Killer, die: Any, runs: range) -> None:
    """Whoever asked heard nothing, and asks again: there is one job."""
    for _ in runs:
        album = Album()
        images = [cast.finish(album.submit(owner), album.content) for _ in points.asking()]
        for image, point in zip(images, points.asking(), strict=True):
            asked = {"image": str(image.pk), "user": str(owner.pk)}
            die(point, **asked)
            warm.do("ask", **asked)
        go_on(warm)
        assert all(is_done(image, "cutout.webp") for image in images)
        everything_ends(album)
