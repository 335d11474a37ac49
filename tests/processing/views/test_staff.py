"""The staff's pages, and breaking the glass."""

import re
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client

from accounts.models import Action, AuditEntry, User, Via
from processing.flows import staff_access
from processing.models import Image, Pulse, Reason, StaffAccess, database_now
from processing.retention import erase
from tests import cast

pytestmark = pytest.mark.django_db
REASON = "The owner asked us why its edges are torn"


@pytest.fixture
def staff(db: None) -> User:
    user = cast.make_user("stella@example.org")
    user.is_staff = True
    user.save()
    TOTP.activate(user, generate_totp_secret())
    return user


@pytest.fixture
def client(staff: User) -> Client:
    """Signed in, and having given the password a moment ago."""
    client = cast.browser(staff)
    client.post("/accounts/reauthenticate/", {"password": cast.PASSWORD})
    return client


@pytest.fixture
def image(owner: User) -> Image:
    return cast.finish(cast.submit(owner, name="Grandma.png"))


def address(image: Image, rest: str = "") -> str:
    return f"/staff/images/{image.pk}/{rest}"


def open_it(client: Client, image: Image, reason: str = REASON, **more: Any) -> Any:
    return client.post(address(image, "open/"), {"reason": reason}, **more)


def preview(client: Client, image: Image) -> Any:
    return client.get(address(image, "preview.webp"), headers=cast.JSON)


def log_of(owner: User) -> list[tuple[str, str]]:
    entries = AuditEntry.objects.filter(owner=owner, via=Via.STAFF).order_by("pk")
    return list(entries.values_list("action", "detail"))


@pytest.mark.parametrize("path", ["", "images/{id}/", "images/{id}/preview.webp"])
def test_for_all_others_there_is_nothing(owner: User, image: Image, path: str) -> None:
    for user in (owner, None):
        answer = cast.browser(user).get("/staff/" + path.format(id=image.pk))
        assert answer.status_code == 404


def test_a_right_that_was_taken_away_opens_nothing(
    client: Client, staff: User, image: Image
) -> None:
    open_it(client, image)
    call_command("staff", "remove", staff.email, stdout=StringIO())
    assert preview(client, image).status_code == 404
    assert client.get("/staff/").status_code == 404


def test_without_a_second_factor_a_page_says_to_set_one_up(staff: User, image: Image) -> None:
    staff.authenticator_set.all().delete()  # type: ignore[attr-defined]
    client = cast.browser(staff)
    for path in ("/staff/", address(image), address(image, "preview.webp")):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "Set up a second factor" in answer.content.decode()
    assert open_it(client, image).status_code == 403
    assert not StaffAccess.objects.exists()


def test_recovery_codes_alone_are_no_second_factor(staff: User) -> None:
    staff.authenticator_set.update(type="recovery_codes")  # type: ignore[attr-defined]
    assert cast.browser(staff).get("/staff/").status_code == 403


def test_the_overview_shows_ids_and_numbers_and_nobody(
    client: Client, owner: User, image: Image
) -> None:
    page = client.get("/staff/").content.decode()
    assert str(image.pk) in page
    assert "Everything is erased on time" in page
    for told in ("Grandma", owner.email, str(owner.pk), "<img"):
        assert told not in page, told
    assert log_of(owner) == []


def test_the_overview_says_what_is_wrong(client: Client) -> None:
    Pulse.objects.create(name="sweeper", at=database_now(), facts={"vault": "other"})
    page = client.get("/staff/").content.decode()
    assert "The storage is not the one" in page
    assert "Refused" in page


def test_an_image_is_found_by_its_id(client: Client, owner: User, image: Image) -> None:
    other = cast.submit(owner)
    page = client.get("/staff/", {"id": str(image.pk)}).content.decode()
    assert f"{image.pk}/" in page
    assert f"{other.pk}/" not in page
    for nothing in (str(uuid.uuid4()), "Grandma", "'"):
        assert (
            "There is no image with this id"
            in client.get("/staff/", {"id": nothing}).content.decode()
        )


def test_an_erased_one_is_found_by_its_receipt(client: Client, image: Image) -> None:
    erase.begin(image, database_now(), Reason.ASKED_FOR)
    image.refresh_from_db()
    erase.step(image, image.quiet_at or database_now())
    page = client.get("/staff/", {"id": str(image.pk)}).content.decode()
    assert "It was erased on" in page
    assert client.get(address(image)).status_code == 404


def test_an_image_s_page_shows_facts_and_no_pixels(
    client: Client, owner: User, image: Image
) -> None:
    page = client.get(address(image)).content.decode()
    assert "Look at this image" in page
    for told in ("Grandma", owner.email, str(owner.pk), "<img"):
        assert told not in page, told
    assert preview(client, image).status_code == 404
    assert log_of(owner) == []


@pytest.mark.parametrize("reason", ["", "too short", "   spaces    ", "x" * 201])
def test_without_a_reason_nothing_opens(client: Client, image: Image, reason: str) -> None:
    answer = open_it(client, image, reason)
    assert answer.status_code == 400
    assert "Give a reason of 10 to 200 characters" in answer.content.decode()
    assert not StaffAccess.objects.exists()


@pytest.mark.parametrize("reason", ["x" * 10, "x" * 200])
def test_a_reason_of_ten_to_two_hundred_characters_will_do(
    client: Client, image: Image, reason: str
) -> None:
    assert open_it(client, image, reason).status_code == 302


def test_the_password_is_asked_for_again_first(staff: User, image: Image, owner: User) -> None:
    client = cast.browser(staff)
    answer = open_it(client, image)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not StaffAccess.objects.exists()
    # And then the very same request goes on.
    client.post(answer["Location"], {"password": cast.PASSWORD})
    assert StaffAccess.objects.get().reason == REASON
    assert log_of(owner) == [(Action.STAFF_OPENED, REASON)]


def test_the_owner_reads_the_reason_at_once_and_every_view(
    client: Client, staff: User, owner: User, image: Image
) -> None:
    assert open_it(client, image)["Location"] == address(image)
    assert log_of(owner) == [(Action.STAFF_OPENED, REASON)]
    assert "Open to you until" in client.get(address(image)).content.decode()
    assert preview(client, image).status_code == 200
    assert preview(client, image).status_code == 200
    assert log_of(owner)[1:] == [(Action.STAFF_VIEWED, "")] * 2
    entry = AuditEntry.objects.filter(owner=owner, via=Via.STAFF).first()
    assert entry is not None
    assert (entry.actor, entry.image_id) == (staff, image.pk)


def test_they_see_the_preview_in_place_and_nothing_else(client: Client, image: Image) -> None:
    open_it(client, image)
    shown = preview(client, image)
    assert shown.content[:4] == b"RIFF"
    assert shown["Content-Type"] == "image/webp"
    assert shown["Content-Disposition"].startswith("inline")
    mine = cast.browser(image.uploaded_by).get(f"/images/{image.pk}/preview.webp")
    for header in (
        "Cache-Control",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Cross-Origin-Resource-Policy",
        "Referrer-Policy",
    ):
        assert shown[header] == mine[header]
    for file in ("original", "cutout.png", "thumbnail.webp", "mask.png", "preview.webp?download=1"):
        answer = client.get(address(image, file), headers=cast.JSON)
        attached = answer.get("Content-Disposition", "").startswith("attachment")
        assert answer.status_code == 404 or not attached
    assert "Grandma" not in str(shown.headers)


def test_it_is_open_to_one_person_for_one_image(client: Client, image: Image, owner: User) -> None:
    open_it(client, image)
    other = cast.make_user("sven@example.org")
    User.objects.filter(pk=other.pk).update(is_staff=True)
    TOTP.activate(other, generate_totp_secret())
    assert preview(cast.browser(other), image).status_code == 404
    assert preview(client, cast.finish(cast.submit(owner))).status_code == 404


def test_it_ends_after_fifteen_minutes(client: Client, image: Image) -> None:
    open_it(client, image)
    access = StaffAccess.objects.get()
    assert access.ends_at - access.opened_at == timedelta(minutes=15)
    StaffAccess.objects.update(ends_at=database_now() - timedelta(seconds=1))
    assert preview(client, image).status_code == 404
    assert "Look at this image" in client.get(address(image)).content.decode()


def test_a_page_that_stays_open_stops_showing_it_too(client: Client, image: Image) -> None:
    def refresh() -> str:
        page = client.get(address(image)).content.decode()
        return "".join(re.findall(r'<meta http-equiv="refresh" content="([^"]*)">', page))

    assert refresh() == ""
    open_it(client, image)
    left = StaffAccess.objects.get().ends_at - database_now()
    seconds, _, where = refresh().partition("; url=")
    assert 1 <= int(seconds) <= left.total_seconds() + 1
    assert where == address(image)
    StaffAccess.objects.update(ends_at=database_now() - timedelta(seconds=1))
    assert refresh() == ""


def test_it_never_goes_beyond_the_image_s_own_time(client: Client, image: Image) -> None:
    cast.age(image, image.purge_at - database_now() - timedelta(minutes=2))
    image.refresh_from_db()
    open_it(client, image)
    assert StaffAccess.objects.get().ends_at == image.purge_at
    cast.age(image, timedelta(minutes=3))
    StaffAccess.objects.update(ends_at=database_now() + timedelta(minutes=5))
    assert preview(client, image).status_code == 404


def test_it_ends_with_the_image(client: Client, image: Image, owner: User) -> None:
    open_it(client, image)
    erase.condemn(image, database_now(), Reason.ASKED_FOR)
    assert preview(client, image).status_code == 404
    assert open_it(client, image, headers=cast.JSON).status_code == 404
    assert "Nobody can read this image any more" in client.get(address(image)).content.decode()
    assert len(log_of(owner)) == 1


@pytest.mark.parametrize("act", ["open", "view"])
def test_what_cannot_be_noted_does_not_happen(
    client: Client, image: Image, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    if act == "view":
        open_it(client, image)

    def full(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("full")

    before = StaffAccess.objects.count()
    monkeypatch.setattr(staff_access, "note", full)
    answer = open_it(client, image) if act == "open" else preview(client, image)
    assert answer.status_code == 503
    assert b"RIFF" not in answer.content
    assert StaffAccess.objects.count() == before


def test_accesses_are_forgotten_with_the_log(client: Client, image: Image) -> None:
    open_it(client, image)
    end = StaffAccess.objects.get().ends_at + timedelta(days=settings.AUDIT_DAYS)
    assert staff_access.forget_old_accesses(end) == 0
    assert staff_access.forget_old_accesses(end + timedelta(seconds=1)) == 1


def is_staff(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_staff


def test_the_command_makes_and_unmakes_staff(owner: User) -> None:
    out = StringIO()
    call_command("staff", "add", owner.email.upper(), stdout=out)
    assert is_staff(owner)
    call_command("staff", "list", stdout=out)
    assert owner.email in out.getvalue().splitlines()
    call_command("staff", "remove", owner.email, stdout=out)
    assert not is_staff(owner)
    for unknown in ("nobody@example.org", None):
        with pytest.raises(CommandError):
            call_command("staff", *filter(None, ("add", unknown)), stdout=out)


def test_there_is_no_admin_site() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert cast.browser().get("/admin/", headers=cast.JSON).status_code == 404
