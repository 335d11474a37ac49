"""/account/: the consent's place first, then profile, security, devices."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from tests.accounts.test_login import is_signed_in, sign_in
from tests.cast import browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_it_is_for_who_is_signed_in(owner: User) -> None:
    visitor = browser().get("/account/")
    assert (visitor.status_code, visitor["Location"]) == (302, "/accounts/login/?next=/account/")
    assert browser(owner).get("/account/").status_code == 200


def test_the_consent_stands_before_everything_else(owner: User) -> None:
    page = browser(owner).get("/account/").content.decode()
    main = page[page.index("<main") :]
    sections = re.findall(r'<section[^>]* id="([^"]+)"', main)
    assert sections[0] == "training-data"
    assert {"profile", "security", "devices", "activity"} <= set(sections)
    assert "AI Training Data" in main[: main.index('id="profile"')]
    assert main.index('id="training-data"') < main.index("<nav")


def test_consent_is_off(owner: User) -> None:
    page = browser(owner).get("/account/").content.decode()
    section = page[page.index('id="training-data"') : page.index('id="profile"')]
    assert "Off." in section
    assert re.findall(r'role="switch" aria-checked="(\w+)"', section) == ["false"]


def test_the_page_knows_the_user(owner: User) -> None:
    context = browser(owner).get("/account/").context
    assert context["user"] == owner
    assert context["workspace"].owner == owner
    assert context["authenticators"] == {"totp": False, "recovery_codes_left": 0, "passkeys": 0}
    assert owner.email in browser(owner).get("/account/").content.decode()


def test_every_device_is_listed_with_its_name(owner: User) -> None:
    here, there = browser(), browser(headers={"User-Agent": FIREFOX})
    sign_in(here, owner.email)
    sign_in(there, owner.email)
    response = here.get("/account/")
    assert len(response.context["devices"]) == 2
    assert "Firefox on Linux" in response.content.decode()


def test_another_device_is_signed_out_from_here(owner: User) -> None:
    here, there = browser(), browser()
    sign_in(here, owner.email)
    sign_in(there, owner.email)
    device = UserSession.objects.get(session_key=there.session.session_key)
    response = here.post(f"/account/devices/{device.pk}/sign-out/")
    assert (response.status_code, response["Location"]) == (302, "/account/#devices")
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_all_other_devices_are_signed_out_at_once(owner: User) -> None:
    here, others = browser(), [browser() for _ in range(3)]
    for client in (here, *others):
        sign_in(client, owner.email)
    assert here.post("/accounts/sessions/").status_code == 302
    assert is_signed_in(here)
    assert [is_signed_in(client) for client in others] == [False, False, False]


def test_nobody_signs_out_somebody_else_s_device(owner: User, outsider: User) -> None:
    theirs, mine = browser(), browser()
    sign_in(theirs, owner.email)
    sign_in(mine, outsider.email)
    device = UserSession.objects.get(session_key=theirs.session.session_key)
    assert mine.post(f"/account/devices/{device.pk}/sign-out/").status_code == 302
    assert mine.post("/accounts/sessions/").status_code == 302
    assert is_signed_in(theirs)


def test_a_link_alone_signs_out_no_device(owner: User) -> None:
    here, there = browser(), browser()
    sign_in(here, owner.email)
    sign_in(there, owner.email)
    device = UserSession.objects.get(session_key=there.session.session_key)
    assert here.get(f"/account/devices/{device.pk}/sign-out/").status_code == 405
    assert is_signed_in(there)


def test_a_device_is_noted_as_seen_every_five_minutes_and_not_in_between(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    with CaptureQueriesContext(connection) as captured:
        client.get("/gallery/")
    statements = [query["sql"] for query in captured.captured_queries]
    assert [sql for sql in statements if not sql.startswith("SELECT")] == []
    old = timezone.now() - timedelta(minutes=6)
    UserSession.objects.update(last_seen_at=old)
    client.get("/gallery/")
    assert UserSession.objects.get().last_seen_at > old + timedelta(minutes=5)


def test_a_database_that_takes_no_writes_fails_no_page(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement of its own that fails would end the whole transaction on PostgreSQL."""

    def fail(request: HttpRequest) -> None:
        connection.cursor().execute("INSERT INTO nowhere VALUES (1)")

    client = browser()
    sign_in(client, owner.email)
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=6))
    monkeypatch.setattr(UserSession.objects, "create_from_request", fail)
    assert client.get("/gallery/").status_code == 200
