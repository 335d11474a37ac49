"""Links with a password: what is seen before it, who is let in, how often one can guess."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEntry, User
from processing.flows import share as flow
from processing.flows.share import Made
from processing.flows.share_visit import PER_LINK, PER_NETWORK
from processing.models import Image
from tests.cast import JSON, at_page, finish, submit
from tests.links import share, somebody, take


@pytest.fixture
def image(owner: User) -> Image:
    return finish(submit(owner))


def seen(client: Client, token: str, path: str = "", **more: Any) -> Any:
    return client.get(f"/s/{token}/{path}", **more)


@pytest.fixture
def locked(owner: User, image: Image) -> Made:
    return share(owner, image, password="swordfish")


def unlock(client: Client, token: str, password: str, **more: Any) -> Any:
    more.setdefault("headers", JSON)
    return client.post(f"/s/{token}/unlock/", {"password": password}, **more)


def test_behind_a_password_nothing_is_seen(locked: Made) -> None:
    client = somebody()
    page = seen(client, locked.token)
    assert page.status_code == 200
    assert b"preview" not in page.content
    for path in ("", "state", "1/preview.webp"):
        response = seen(client, locked.token, path, headers=JSON)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "password_needed")
    assert take(client, locked.token).status_code == 401
    assert not AuditEntry.objects.filter(via="link").exists()


def test_the_right_password_opens_it_in_this_browser_alone(locked: Made) -> None:
    client = somebody()
    assert unlock(client, locked.token, "swordfish").status_code == 204
    assert b"preview" in seen(client, locked.token).content
    assert take(client, locked.token).status_code == 201
    assert seen(somebody(), locked.token, "state", headers=JSON).status_code == 401
    cookie = client.cookies["share"]
    assert cookie["path"] == f"/s/{locked.token}/"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert 0 < int(cookie["max-age"]) <= 23 * 3600


def test_a_form_is_led_on_and_told_what_is_wrong(locked: Made) -> None:
    client, page = somebody(), {"Accept": "text/html"}
    wrong = unlock(client, locked.token, "swordfis", headers=page)
    assert (wrong.status_code, "share" in wrong.cookies) == (403, False)
    assert b"not the password of this link" in wrong.content
    right = unlock(client, locked.token, "swordfish", headers=page)
    assert (right.status_code, right["Location"]) == (303, f"/s/{locked.token}/")


def test_another_password_locks_everybody_out_who_knew_the_one_before(
    owner: User, locked: Made
) -> None:
    client = somebody()
    unlock(client, locked.token, "swordfish")
    flow.change(owner, locked.share.pk, {"password": "pilchards"}, at_page(owner))
    assert seen(client, locked.token, "state", headers=JSON).status_code == 401
    assert unlock(client, locked.token, "swordfish").status_code == 403
    assert unlock(client, locked.token, "pilchards").status_code == 204


def test_the_key_of_one_link_opens_no_other(owner: User, image: Image, locked: Made) -> None:
    other, client = share(owner, image, password="swordfish"), somebody()
    unlock(client, locked.token, "swordfish")
    client.cookies["share"]["path"] = "/"
    assert seen(client, other.token, "state", headers=JSON).status_code == 401


def test_a_thousand_passwords_stop_at_the_stated_number_whatever_they_say_of_their_address(
    locked: Made,
) -> None:
    client, statuses = somebody(), []
    for number in range(1000):
        forged = {"X-Forwarded-For": f"192.0.2.{number % 250}", "X-Real-IP": f"10.0.0.{number % 9}"}
        statuses.append(unlock(client, locked.token, f"guess {number}", headers=JSON | forged))
    codes = [one.status_code for one in statuses]
    assert codes == [403] * PER_NETWORK.most + [429] * (1000 - PER_NETWORK.most)
    assert (PER_NETWORK.most, PER_NETWORK.seconds) == (10, 600)
    assert statuses[-1]["Retry-After"] == "600"
    assert unlock(client, locked.token, "swordfish").status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.5")
    assert unlock(elsewhere, locked.token, "swordfish").status_code == 429  # The link's own limit.


def test_many_networks_together_stop_at_the_link_s_own_number(locked: Made) -> None:
    codes = [
        unlock(Client(REMOTE_ADDR=f"10.0.{number}.1"), locked.token, "guess").status_code
        for number in range(40)
    ]
    assert codes == [403] * PER_LINK.most + [429] * (40 - PER_LINK.most)


def test_right_passwords_are_not_counted(locked: Made) -> None:
    for _ in range(PER_LINK.most + 5):
        assert unlock(somebody(), locked.token, "swordfish").status_code == 204


def test_proxies_that_are_trusted_tell_the_address(locked: Made, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(PER_NETWORK.most):
        forwarded = {"X-Forwarded-For": f"192.0.2.{number}, 198.51.100.7"}
        unlock(somebody(), locked.token, "guess", headers=JSON | forwarded)
    same, other = (
        {"X-Forwarded-For": f"203.0.113.1, {one}"} for one in ("198.51.100.9", "192.0.2.1")
    )
    assert unlock(somebody(), locked.token, "guess", headers=JSON | same).status_code == 429
    assert unlock(somebody(), locked.token, "guess", headers=JSON | other).status_code == 403


def test_four_kilobytes_of_password_are_a_wrong_one(locked: Made) -> None:
    for wrong in ("x" * 4096, "", "\x00", "\u202e"):
        assert unlock(somebody(), locked.token, wrong).status_code == 403


def test_a_guesser_cannot_push_the_count_out_of_the_cache(locked: Made) -> None:
    """By tries of something else, a sign-in with many addresses say, each of which is counted."""
    for _ in range(PER_NETWORK.most):
        unlock(somebody(), locked.token, "guess")
    for number in range(2000):
        cache.set(f"another:{number}", 1, 600)
    assert unlock(somebody(), locked.token, "swordfish").status_code == 429
