"""What /privacy/ and /privacy.json say is what the site does: each fact against the code."""

import json
import re
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts import consent
from accounts.audit import forget_old_entries
from accounts.models import AuditEntry, User
from processing.flows import facts
from processing.flows.facts import NOT_STATED, facts_in_force
from processing.models import Image, Receipt, database_now
from processing.retention import deadlines, gates
from processing.retention.certificates import certificate
from processing.retention.proof import check_certificate
from processing.storage import open_image_key
from tests import cast, photos
from tests.links import share
from tests.promises.processes import environment

ROOT = Path(__file__).resolve().parents[2]


def told(client: Client | None = None) -> Any:
    return (client or Client()).get("/privacy.json").json()


def shown() -> str:
    """The page's words, without its tags."""
    page = Client().get("/privacy/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_and_the_program_s_form_say_the_same(db: None) -> None:
    words, values = shown(), told()
    for fact in facts_in_force():
        assert values[fact.key] == json.loads(json.dumps(fact.value))
        assert fact.title in words
        assert fact.words in words.replace("&#x27;", "'"), fact.key
    for sentence in values["summary"]:
        assert sentence in words
    assert set(values) == {"summary"} | {fact.key for fact in facts_in_force()}


@pytest.mark.parametrize("retention", [60, 3600, 86_400])
def test_an_upload_lives_as_long_as_is_said(
    owner: User, settings: Settings, retention: int
) -> None:
    settings.RETENTION = timedelta(seconds=retention)
    settings.BUDGET = deadlines.budget(settings.RETENTION)
    found = told()
    image = cast.submit(owner)
    lives = (image.purge_at - image.received_at).total_seconds()
    assert lives == found["unreadable_after_seconds"] < found["retention_seconds"] == retention
    dead = image.epoch - image.received_at.timestamp()
    assert dead <= found["keys_dead_after_seconds"]
    for until in ("gone_after_seconds", "keys_dead_after_seconds"):
        assert lives < found[until] <= retention
    print(f"{retention} s: unreadable after {lives:.0f} s, its key gone after {dead:.0f} s")


def test_at_that_second_nobody_opens_it(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    client = cast.browser(owner)
    until = timedelta(seconds=told()["unreadable_after_seconds"])
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 200
    cast.age(image, until)
    assert client.get(f"/images/{image.pk}/cutout.png").status_code == 404


def test_the_shortest_life_can_be_chosen_and_no_shorter_one(owner: User) -> None:
    least = told()["shortest_life_seconds"]
    client = cast.browser(owner)
    for seconds, status in ((least, 201), (least - 1, 400)):
        address = f"/images/?erase_after={seconds}s"
        assert cast.send(client, photos.draw(), address=address).status_code == status


def test_the_loops_turn_as_often_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: dict[str, float] = {}

    class Noted:
        def __init__(self, *, args: list[Any], name: str, **_: Any) -> None:
            begun[name] = args[1]

        def start(self) -> None: ...

        def join(self) -> None: ...

    monkeypatch.setattr(threading, "Thread", Noted)
    call_command("sweep", loop=True)
    values = {fact.key: fact.value for fact in facts_in_force()}
    assert begun["sweep"] == values["sweep_every_seconds"]
    assert begun["patrol"] == values["patrol_every_seconds"]


def test_the_alarm_is_raised_then_and_not_before(owner: User) -> None:
    late = timedelta(seconds=told()["alarm_after_seconds"])
    image = cast.submit(owner)
    for by, codes in (
        (late - timedelta(seconds=5), []),
        (late + timedelta(seconds=5), ["overdue"]),
    ):
        raised = gates.closing_alarms(image.purge_at + by)
        assert [one.code for one in raised if one.code == "overdue"] == codes


def test_a_photo_is_encrypted_as_is_said(owner: User) -> None:
    """AES-256-GCM takes a key of 32 bytes, and each photo has one of its own."""
    assert told()["encryption"] == "AES-256-GCM"
    keys = {open_image_key(i.id.bytes, i.epoch, bytes(i.wrapped_key or b"")) for i in two(owner)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 2


def two(owner: User) -> list[Image]:
    return [cast.submit(owner) for _ in range(2)]


def test_training_is_off_and_its_wording_is_the_one_that_is_shown(owner: User) -> None:
    training = told()["training"]
    assert training["default"] is consent.is_on(owner) is False
    assert not cast.submit(owner).kept
    entry = cast.opt_in(owner)
    assert (entry.wording_version, entry.wording_hash) == (
        training["wording_version"],
        training["wording_sha256"],
    )


def test_of_an_erased_photo_exactly_that_is_kept(owner: User) -> None:
    image = cast.finish(cast.submit(owner, name="a-name-to-forget.png"))
    cast.browser(owner).delete(f"/images/{image.pk}/")
    kept = set(certificate(Receipt.objects.get()))
    said = {name.removesuffix("_id") for name in told()["kept_after_erasure"]}
    assert kept - {"v", "type", *facts.PROOF} == said
    assert not Image.objects.exists()


def test_the_receipts_are_signed_with_that_key(owner: User) -> None:
    image = cast.finish(cast.submit(owner))
    cast.browser(owner).delete(f"/images/{image.pk}/")
    key, receipt = told()["receipt_key"], Receipt.objects.get()
    assert receipt.key_id == key["id"]
    proof = check_certificate(certificate(receipt), {key["id"]: key["public_key"]})
    assert proof.holds


def test_the_activity_log_is_kept_for_so_long(owner: User, settings: Settings) -> None:
    settings.AUDIT_DAYS = 3
    days, now = told()["audit_days"], database_now()
    for age in (days - 1, days + 1):
        AuditEntry.objects.create(
            at=now - timedelta(days=age), owner=owner, via="page", action="image.viewed"
        )
    assert days == 3
    assert forget_old_entries(now) == 1
    assert AuditEntry.objects.get().at == now - timedelta(days=days - 1)


def test_these_cookies_are_set_and_no_others(owner: User) -> None:
    said = {cookie["name"]: cookie for cookie in told()["cookies"]}
    client, link = Client(), share(owner, password=cast.PASSWORD)
    seen: dict[str, Any] = {}
    login = {"login": owner.email, "password": cast.PASSWORD, "remember": "on"}
    for method, path, data in (
        ("post", f"/s/{link.token}/unlock/", {"password": cast.PASSWORD}),
        ("get", "/", {}),
        ("get", "/accounts/signup/", {}),
        ("post", "/accounts/login/", login),
        ("get", "/account/", {}),
        ("post", "/account/erase-all/", {}),
        ("get", "/gallery/", {}),
        ("get", "/privacy/", {}),
        ("post", "/language/", {"language": "de"}),
        ("post", "/accounts/logout/", {}),
    ):
        response = getattr(client, method)(path, data)
        given = {name: cookie for name, cookie in response.cookies.items() if cookie.value}
        seen |= {name: cookie["max-age"] for name, cookie in given.items()}
    assert set(seen) == set(said)
    for name, age in seen.items():
        assert (age or None) == said[name]["seconds"]


def test_a_fact_that_only_the_operator_knows_is_told_or_said_to_be_missing(
    db: None, settings: Settings
) -> None:
    for name in ("REGIONS", "SUBPROCESSORS"):
        setattr(settings, name, [])
    settings.OPERATOR = settings.CONTACT = ""
    assert shown().count(str(NOT_STATED)) == 4
    assert told()["subprocessors"] == []
    settings.OPERATOR, settings.CONTACT = "Photo Lab", "privacy@example.org"
    settings.REGIONS, settings.SUBPROCESSORS = ["Frankfurt"], ["A Storage Company"]
    words = shown()
    assert str(NOT_STATED) not in words
    for stated in ("Photo Lab", "privacy@example.org", "Frankfurt", "A Storage Company"):
        assert stated in words


@pytest.mark.parametrize(
    ("url", "kind"), [("file:///srv/photos", "disk"), ("s3://key:secret@bucket", "s3")]
)
def test_where_photos_are_is_told_without_the_way_in(
    db: None, settings: Settings, url: str, kind: str
) -> None:
    settings.STORAGE_URL = url
    assert told()["storage"] == kind
    assert "secret" not in json.dumps(told())
    assert "bucket@" not in shown()


def test_a_site_of_one_minute_says_one_minute(tmp_path: Path) -> None:
    """From the environment, as anybody would set it: the page follows without another word."""
    program = (
        "import django, json; django.setup()\n"
        "from processing.flows.facts import facts_in_force, summary\n"
        "print(json.dumps({f.key: f.value for f in facts_in_force()} | {'summary': summary()}))"
    )
    env = environment(RETENTION="60s", DATA_DIR=str(tmp_path), DATABASE_URL="", STORAGE_URL="")
    env = {name: value for name, value in env.items() if value}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=env, capture_output=True, check=True
    )
    found = json.loads(ran.stdout)
    assert found["retention_seconds"] == 60
    assert found["unreadable_after_seconds"] == 50
    assert found["sweep_every_seconds"] == 1
    assert found["gone_after_seconds"] <= 60
    assert "50 s after its first byte" in found["summary"][0]
    assert "within 1 minute" in found["summary"][0]


@pytest.mark.parametrize("path", ["/", "/accounts/signup/", "/gallery/", "/account/"])
def test_every_page_leads_there(owner: User, path: str) -> None:
    client = Client() if path in {"/", "/accounts/signup/"} else cast.browser(owner)
    assert 'href="/privacy/"' in client.get(path).content.decode()


def test_the_log_s_days_are_the_operator_s_word(db: None, settings: Settings) -> None:
    settings.LOG_DAYS = 1
    assert told()["log_days"] == 1
    assert "1 day" in shown()
    assert site.LOG_DAYS == 1
