"""Promise 11, its last half: staff see no pixels without a reason that the owner can read too."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import get_resolver

from accounts.models import AuditEntry, User, Via
from processing.models import Image, Share, StaffAccess
from tests import cast
from tests.links import share
from tests.processing.views.test_outsiders import ROUTES

pytestmark = pytest.mark.django_db
NAME = "grandma-on-the-island.png"
REASON = "The owner asked us to look at its edges"
PIXELS = (b"RIFF", b"\x89PNG", b"\xff\xd8\xff", b"IDAT", b"WEBPVP8")


@pytest.fixture
def client(db: None) -> Client:
    """A superuser even, with a second factor and the password given a moment ago."""
    user = cast.make_user("stella@example.org")
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    TOTP.activate(user, generate_totp_secret())
    client = cast.browser(user)
    client.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    return client


@pytest.fixture
def image(owner: User) -> Image:
    """With a link to it."""
    found = cast.finish(cast.submit(owner, name=NAME))
    share(owner, found, names=True)
    return found


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def asked(image: Image) -> Iterator[tuple[str, str]]:
    """Every address of the site that reads, as anybody would ask for it."""
    link = Share.objects.get().pk
    for routes in ROUTES.values():
        for route in routes:
            if route.method == "GET":
                # Who has a link's address sees what it leads to, whoever they are: not theirs.
                facts = {"id": image.pk, "share": link, "token": "a-secret-nobody-gave-them"}
                yield route.path.format(**facts), "application/json"
                yield route.path.format(**facts), "text/html"


def test_no_address_shows_them_a_photo_or_its_name(client: Client, image: Image) -> None:
    looked = 0
    for path, wanted in asked(image):
        held = body(client.get(path, headers={"Accept": wanted}))
        assert not [mark for mark in PIXELS if mark in held], path
        assert NAME.encode() not in held, path
        assert b"grandma" not in held, path
        looked += 1
    assert looked > 30
    assert not AuditEntry.objects.filter(via=Via.STAFF).exists()
    print(f"\n{looked} requests of staff without a reason: no pixel, no name")


def test_with_a_reason_they_see_the_preview_and_the_owner_sees_them(
    client: Client, owner: User, image: Image
) -> None:
    client.post(f"/staff/images/{image.pk}/open/", {"reason": REASON})
    told = list(AuditEntry.objects.filter(owner=owner, via=Via.STAFF).values_list("detail"))
    assert told == [(REASON,)]
    shown = []
    for path, wanted in asked(image):
        held = body(client.get(path, headers={"Accept": wanted}))
        assert NAME.encode() not in held, path
        if [mark for mark in PIXELS if mark in held]:
            shown.append(path)
    assert set(shown) == {f"/staff/images/{image.pk}/preview.webp"}
    assert AuditEntry.objects.filter(owner=owner, via=Via.STAFF).count() == 1 + len(shown)


def test_each_access_has_its_entry_and_each_entry_its_access(
    client: Client, owner: User, image: Image
) -> None:
    for number in range(3):
        client.post(f"/staff/images/{image.pk}/open/", {"reason": f"{REASON}, {number}"})
    reasons = set(StaffAccess.objects.values_list("reason", flat=True))
    entries = AuditEntry.objects.filter(owner=owner, via=Via.STAFF)
    assert reasons == set(entries.values_list("detail", flat=True))
    assert len(reasons) == 3


def test_the_owner_reads_the_reason_on_their_own_page(
    client: Client, owner: User, image: Image
) -> None:
    client.post(f"/staff/images/{image.pk}/open/", {"reason": REASON})
    page = cast.browser(owner).get("/account/activity/").content.decode()
    assert REASON in page


def test_every_address_of_staff_is_among_those_that_were_asked() -> None:
    routes: Any = get_resolver().reverse_dict
    names = {name for name in routes if isinstance(name, str) and name.startswith("staff")}
    assert names <= set(ROUTES)
    assert len(names) == 4
