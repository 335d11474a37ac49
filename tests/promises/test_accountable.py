"""Promise 11: every access is accountable. Its owner reads who did what; no name stands there."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from accounts import consent
from accounts.audit import Actor, forget_old_entries
from accounts.models import Action, AuditEntry, User, Via
from processing.flows import staff_access
from processing.models import Image, database_now
from processing.retention import sweeper
from tests import photos
from tests.accounts.test_login import sign_in
from tests.cast import JSON, PASSWORD, age, browser, finish, make_user, send

NAME = "unreleased-lamp-of-Mrs-Quill.png"
REASON = "The owner asked for help with a broken cutout"
DAY = timedelta(days=1)


@pytest.fixture
def staff(db: None) -> User:
    user = make_user("stan@example.org")
    user.is_staff = True
    user.save()
    return user


def upload(client: Client) -> Image:
    answer = send(client, photos.Part(photos.draw(), NAME))
    assert answer.status_code == 201
    return finish(Image.objects.get(pk=answer.json()["images"][0]["id"]))


def noted(owner: User, image: Image | None = None) -> list[str]:
    entries = AuditEntry.objects.filter(owner=owner).order_by("pk")
    if image is not None:
        entries = entries.filter(image_id=image.pk)
    return [entry.action for entry in entries]


def walk(owner: User, staff: User) -> None:
    """Everything that a person, the staff and the system do with images and an account."""
    client = browser()
    sign_in(browser(), owner.email, "not the right one")
    sign_in(client, owner.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/account/training/", {"wording": consent.current().version})
    image = upload(client)
    address = f"/images/{image.pk}/"
    for look in (address, f"{address}original", f"{address}preview.webp"):
        assert read(client.get(look)) == 200
    assert read(client.get(f"{address}cutout.png?download=1")) == 200
    assert client.post(f"{address}ticket/").status_code == 200
    assert client.post(f"{address}edit/", {"base": "0", "crop": "true"}).status_code == 302
    client.post("/images/tags/", {"id": str(image.pk), "word": "holidays"})
    pass_on(client, image)
    by = Actor(staff, Via.STAFF, "203.0.113.0/24")
    staff_access.open_image(staff, image.pk, REASON, by)
    list(staff_access.view_image(staff, image.pk, by))
    client.post(f"{address}shorten/", {"erase_after": "1h"})
    client.post("/account/retention/", {"seconds": "3600"})
    client.post("/account/training/off/")
    client.post(f"{address}erase/")
    due = upload(client)
    age(due, DAY)
    sweeper.sweep(database_now())
    read(client.post("/account/data/"))
    new = "another horse battery staple"
    passwords = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/accounts/password/change/", passwords)
    client.post("/accounts/logout/")
    sign_in(client, owner.email, new)
    client.post("/accounts/reauthenticate/", {"password": new})
    client.post("/account/close/", {"word": "close"})


def pass_on(client: Client, image: Image) -> None:
    """By a link, to somebody who looks and takes it."""
    made = client.post("/shares/", {"id": str(image.pk)}, headers=JSON).json()
    link, visitor = made["share"]["url"], browser()
    assert visitor.get(made["url"]).status_code == 200
    wanted = {"place": "1", "format": "png", "size": "full"}
    taken = visitor.post(f"{made['url']}take/", wanted, headers=JSON)
    assert read(visitor.get(taken.json()["url"])) == 200
    client.post(link, {"downloads": "5"})
    client.post(f"{link}pause/")
    client.post(f"{link}revoke/")


def read(response: Any) -> int:
    """Takes the whole answer, as a browser does."""
    if response.streaming:
        b"".join(response)
    return int(response.status_code)


@pytest.mark.django_db(transaction=True)
def test_all_that_is_done_is_written_and_no_name_is(owner: User, staff: User) -> None:
    walk(owner, staff)
    assert set(noted(owner)) == set(Action)
    text = everything_in_the_table()
    for part in (NAME, NAME.removesuffix(".png"), "Quill", owner.email, staff.email, "olivia"):
        assert part.lower() not in text.lower()
        assert part.encode().hex() not in text.lower()
        assert base64.b64encode(part.encode()).decode().rstrip("=")[:-1] not in text
    assert REASON in text


def everything_in_the_table() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_auditentry")
        return "\n".join(map(str, cursor.fetchall()))


@pytest.mark.django_db(transaction=True)
def test_closing_the_account_takes_the_networks_out_of_it(owner: User, staff: User) -> None:
    walk(owner, staff)
    assert not AuditEntry.objects.filter(owner=owner).exclude(address="").exists()


def test_the_owner_reads_who_looked(owner: User, staff: User) -> None:
    client = browser(owner)
    image = upload(client)
    read(client.get(f"/images/{image.pk}/original"))
    by = Actor(staff, Via.STAFF)
    staff_access.open_image(staff, image.pk, REASON, by)
    list(staff_access.view_image(staff, image.pk, by))
    page = client.get(f"/account/activity/?image={image.pk}").content.decode()
    for words in ("Uploaded", "Viewed", "by you", "Opened by staff", "Viewed by staff"):
        assert f"{words}" in page
    assert f"Reason: {REASON}" in page


def test_who_is_refused_is_not_written_as_one_who_looked(owner: User, outsider: User) -> None:
    image = upload(browser(owner))
    for client in (browser(), browser(outsider)):
        assert client.get(f"/images/{image.pk}/original").status_code in {302, 404}
    assert noted(owner, image) == [Action.IMAGE_UPLOADED]
    assert noted(outsider) == []


def erase(client: Client, address: str) -> Any:
    return client.post(f"{address}erase/")


def download(client: Client, address: str) -> Any:
    return client.get(f"{address}original?download=1")


@pytest.mark.parametrize("act", [erase, download])
def test_what_cannot_be_written_is_not_done(
    owner: User, monkeypatch: pytest.MonkeyPatch, act: Callable[[Client, str], Any]
) -> None:
    """An act and its entry are one transaction."""
    client = browser(owner, raise_request_exception=False)
    image = upload(client)

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("no")

    monkeypatch.setattr(AuditEntry, "save", refuse)
    assert act(client, f"/images/{image.pk}/").status_code == 500
    image.refresh_from_db()
    assert image.life == "live"
    assert noted(owner, image) == [Action.IMAGE_UPLOADED]


def test_nobody_reads_somebody_else_s_log(owner: User, outsider: User) -> None:
    image = upload(browser(owner))
    for file in ("activity/", "activity.csv", "activity.json"):
        answer = browser(outsider).get(f"/account/{file}?image={image.pk}")
        text = b"".join(answer) if answer.streaming else answer.content
        assert b"image.uploaded" not in text
        assert b"<strong>Uploaded" not in text


@pytest.mark.parametrize("days", [1, 90])
def test_the_log_is_kept_as_long_as_it_says(owner: User, settings: Settings, days: int) -> None:
    assert site.AUDIT_DAYS == 90
    settings.AUDIT_DAYS = days
    upload(browser(owner))
    page = browser(owner).get("/account/activity/").content.decode()
    assert f"kept for {days} day" in page
    entry = AuditEntry.objects.filter(action=Action.IMAGE_UPLOADED).get()
    forget_old_entries(entry.at + days * DAY)
    assert AuditEntry.objects.filter(pk=entry.pk).exists()
    forget_old_entries(entry.at + days * DAY + timedelta(seconds=1))
    assert not AuditEntry.objects.filter(pk=entry.pk).exists()
