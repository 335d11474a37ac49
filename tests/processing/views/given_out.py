"""A link, and the file that it gives out."""

import pytest

from accounts.models import User
from processing.flows.share import Made
from processing.models import Image
from tests.cast import browser, finish, submit
from tests.links import fetch, share

NAME = "Olivia's lamp.png"


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner, name=NAME))


@pytest.fixture
def made(owner: User, image: Image) -> Made:
    return share(owner, image)


@pytest.fixture
def png(owner: User, image: Image) -> bytes:
    return fetch(browser(owner), f"/images/{image.pk}/cutout.png")
