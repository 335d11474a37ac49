"""Sessions that have ended leave nothing behind: no row of theirs, no address, no browser."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.expiry import forget_expired_sessions
from accounts.models import User
from tests.accounts.test_login import is_signed_in, sign_in
from tests.cast import browser


def test_an_expired_session_goes_with_its_device(owner: User) -> None:
    old, new = browser(), browser()
    for client in (old, new):
        sign_in(client, owner.email)
    now = timezone.now()
    Session.objects.filter(pk=old.session.session_key).update(expire_date=now)
    assert forget_expired_sessions(now) == 2
    assert Session.objects.get().pk == new.session.session_key
    assert UserSession.objects.get().session_key == new.session.session_key
    assert is_signed_in(new)


def test_a_device_goes_whose_session_was_ended_elsewhere(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    Session.objects.all().delete()
    assert forget_expired_sessions(timezone.now()) == 1
    assert not UserSession.objects.exists()


def test_what_has_not_ended_stays(owner: User) -> None:
    client = browser()
    sign_in(client, owner.email)
    assert forget_expired_sessions(timezone.now() + timedelta(days=1)) == 0
    assert is_signed_in(client)
