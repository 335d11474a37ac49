"""Promise 7: consent is an act. Off by default, turned on by its owner alone, off at once.

What it covers is what comes while it is on; whoever is more careful, uploader or owner, decides.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts import consent
from accounts.models import ConsentEntry, Membership, User, Workspace
from processing.flows.submit import Upload
from processing.models import Image, database_now
from processing.retention import sweeper
from processing.training.eligible import eligible
from tests import photos
from tests.cast import (
    PASSWORD,
    age,
    browser,
    make_user,
    nothing_is_left,
    opt_in,
    opt_out,
    send,
    sender_of,
    submit,
)

ON = "/account/training/"
OFF = "/account/training/off/"
DAY = timedelta(days=1)
YES = {"wording": consent.current().version}


def kept() -> set[Any]:
    return set(Image.objects.filter(kept=True).values_list("pk", flat=True))


def taken() -> set[Any]:
    with transaction.atomic():
        return set(eligible(database_now()).values_list("pk", flat=True))


def test_whoever_signs_up_has_not_opted_in(db: None) -> None:
    client = browser()
    client.post("/accounts/signup/", {"email": "nina@example.org", "password1": PASSWORD})
    user = User.objects.get(email="nina@example.org")
    assert not consent.is_on(user)
    assert not ConsentEntry.objects.exists()
    assert submit(user).kept is False


def test_one_deliberate_step_turns_it_on(owner: User) -> None:
    """The switch leads to the wording; the wording's button is what counts."""
    client = browser(owner)
    client.get("/account/")
    client.get(ON)
    assert not consent.is_on(owner)
    client.post(ON, YES)
    assert consent.is_on(owner)


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete"])
@pytest.mark.parametrize("address", [ON, OFF])
def test_nothing_but_a_post_does_anything(owner: User, method: str, address: str) -> None:
    if address == OFF:
        opt_in(owner)
    before = ConsentEntry.objects.count()
    getattr(browser(owner), method)(f"{address}?wording=1")
    assert ConsentEntry.objects.count() == before


@pytest.mark.parametrize("address", [ON, OFF])
def test_another_site_cannot_press_it(owner: User, address: str) -> None:
    if address == OFF:
        opt_in(owner)
    before = ConsentEntry.objects.count()
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert client.post(address, YES).status_code == 403
    assert ConsentEntry.objects.count() == before


def no_one(owner: User) -> Client:
    return browser()


def somebody(owner: User) -> Client:
    return browser(make_user("oscar@example.org"))


def staff(owner: User) -> Client:
    user = make_user("stan@example.org")
    user.is_staff = user.is_superuser = True
    user.save()
    return browser(user)


@pytest.mark.parametrize("who", [no_one, somebody, staff])
@pytest.mark.parametrize("address", [ON, OFF])
def test_nobody_else_turns_mine(owner: User, who: Callable[[User], Client], address: str) -> None:
    if address == OFF:
        opt_in(owner)
    held = consent.is_on(owner)
    theirs = {**YES, "user": str(owner.pk), "id": str(owner.pk), "email": owner.email}
    who(owner).post(f"{address}?user={owner.pk}", theirs)
    assert consent.is_on(owner) == held
    assert consent.history(owner).count() == int(held)


@pytest.mark.django_db(transaction=True)
def test_it_covers_what_comes_while_it_is_on_and_nothing_else(owner: User) -> None:
    client = browser(owner)
    submit(owner)
    client.post(ON, YES)
    during = submit(owner)
    assert kept() == taken() == {during.pk}
    client.post(OFF)
    submit(owner)
    assert kept() == taken() == set()


@pytest.mark.django_db(transaction=True)
def test_turning_it_off_works_at_once_and_on_again_brings_nothing_back(owner: User) -> None:
    """What is past its 24 hours goes with the next sweep, the rest at its own time."""
    client = browser(owner)
    client.post(ON, YES)
    old, young = submit(owner), submit(owner)
    age(old, DAY)
    now = database_now()
    sweeper.sweep(now)
    assert kept() == taken() == {old.pk, young.pk}
    client.post(OFF)
    assert taken() == set()
    assert client.get(f"/images/{old.pk}/original").status_code == 404
    assert client.get(f"/images/{young.pk}/original").status_code == 200
    client.post(ON, YES)
    assert taken() == set()
    sweeper.sweep(database_now())
    assert set(Image.objects.filter(life="live").values_list("pk", flat=True)) == {young.pk}
    sweeper.sweep(young.purge_at)
    sweeper.sweep(young.purge_at + timedelta(minutes=10))
    assert nothing_is_left()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("on", ["neither", "uploader", "owner", "both"])
def test_in_a_shared_workspace_the_more_careful_one_decides(
    owner: User, outsider: User, on: str
) -> None:
    workspace = Workspace.objects.create(owner=owner)
    for user in (owner, outsider):
        Membership.objects.create(workspace=workspace, user=user)
    for user, name in ((outsider, "uploader"), (owner, "owner")):
        if on in {name, "both"}:
            opt_in(user)
    upload = Upload(sender_of(outsider, workspace=workspace), "photo.png")
    upload.add(photos.draw())
    image = upload.finish()
    assert kept() == taken() == ({image.pk} if on == "both" else set())
    if on == "both":
        opt_out(owner)
        assert kept() == taken() == set()


def test_each_photo_says_under_which_wording_it_came(owner: User) -> None:
    opt_in(owner)
    image = submit(owner)
    assert image.consent is not None
    assert consent.wording_of(image.consent.wording_version).hash == image.consent.wording_hash


@pytest.mark.parametrize("on", [False, True])
def test_the_state_stands_beside_every_place_for_photos(owner: User, on: bool) -> None:
    """Visible there, and nothing there changes it."""
    if on:
        opt_in(owner)
    page = browser(owner).get("/").content.decode()
    fate = page[page.index('id="dropzone-fate"') : page.index('id="dropzone-limits"')]
    assert ("kept for training" in fate) == on
    assert "Not used for training." in fate or on
    assert "/account/training/" not in page  # Where it is turned on, and off.
    assert ('href="/account/#training-data"' in fate) == on


@pytest.mark.django_db(transaction=True)
def test_an_upload_by_request_follows_the_sender_s_opt_in(owner: User, outsider: User) -> None:
    """Who sends decides, not who else has opted in on this site."""
    opt_in(outsider)
    assert send(browser(owner), photos.draw()).status_code == 201
    assert kept() == set()
    opt_in(owner)
    assert send(browser(owner), photos.draw()).status_code == 201
    assert Image.objects.get(kept=True).uploaded_by == owner
