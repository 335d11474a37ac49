"""/images/<id>/ticket/: a claim ticket with name and SHA-256, of which nothing stays here."""

import hashlib
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site

from accounts.models import Action, AuditEntry, User
from processing.models import Image, ReceiptKey
from processing.retention.proof import check_ticket
from processing.retention.signing import signer
from tests import photos
from tests.cast import JSON, age, browser, finish, submit
from tests.processing.retention.paper import everything_in_the_database

pytestmark = pytest.mark.django_db
NAME = "Ünique-Cup-7301.png"
KEYS = {signer().id: signer().public_key}


@pytest.fixture
def photo() -> bytes:
    return photos.draw()


@pytest.fixture
def image(owner: User, photo: bytes) -> Image:
    return submit(owner, photo, name=NAME)


def address(image: Image) -> str:
    return f"/images/{image.pk}/ticket/"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_it_says_which_file_it_was(owner: User, image: Image, photo: bytes) -> None:
    response = browser(owner).post(address(image), {"sha256": sha256(photo)})
    assert response.status_code == 200
    ticket = response.json()
    assert check_ticket(ticket, KEYS).holds
    assert set(ticket) == {
        *("v", "type", "image", "name", "sha256", "size"),
        *("received_at", "due_at", "issued_at", "key", "signature"),
    }
    assert (ticket["image"], ticket["name"]) == (str(image.pk), NAME)
    assert (ticket["sha256"], ticket["size"]) == (sha256(photo), len(photo))
    assert ticket["due_at"] > ticket["issued_at"] >= ticket["received_at"]


def test_it_is_a_file_that_no_cache_keeps(owner: User, image: Image) -> None:
    response = browser(owner).post(address(image))
    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%C3%9Cnique")
    assert response["Content-Disposition"].endswith("-claim-ticket.json")
    assert "no-store" in response["Cache-Control"]


def test_without_scripts_the_servers_own_hash_is_taken(
    owner: User, image: Image, photo: bytes
) -> None:
    assert browser(owner).post(address(image)).json()["sha256"] == sha256(photo)


def test_a_large_original_is_hashed_whole(owner: User) -> None:
    """More than one sealed chunk of 64 KiB."""
    photo = photos.draw() + bytes(200_000)
    image = submit(owner, photo)
    ticket = browser(owner).post(address(image)).json()
    assert (ticket["sha256"], ticket["size"]) == (sha256(photo), len(photo))


@pytest.mark.parametrize("claimed", ["0" * 64, "ab", "no hash", sha256(b"")])
def test_another_hash_is_no_ticket(owner: User, image: Image, claimed: str) -> None:
    answer = browser(owner).post(address(image), {"sha256": claimed}, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ticket_mismatch")
    assert not AuditEntry.objects.filter(action=Action.TICKET_SAVED).exists()


def test_a_hash_can_be_written_in_capitals(owner: User, image: Image, photo: bytes) -> None:
    claimed = f" {sha256(photo).upper()}\n"
    assert browser(owner).post(address(image), {"sha256": claimed}).status_code == 200


def test_it_is_noted_without_a_word_of_it(owner: User, image: Image) -> None:
    browser(owner).post(address(image))
    entry = AuditEntry.objects.get(action=Action.TICKET_SAVED)
    assert (entry.owner, entry.actor, entry.image_id) == (owner, owner, image.pk)
    assert entry.detail == ""


def test_nobody_else_gets_one(owner: User, outsider: User, image: Image) -> None:
    assert browser(outsider).post(address(image)).status_code == 404
    assert browser().post(address(image), headers=JSON).status_code == 401
    assert browser().post(address(image)).status_code == 302


def test_there_is_none_for_what_is_due_or_erased(owner: User, image: Image) -> None:
    client, other = browser(owner), submit(owner)
    client.delete(f"/images/{other.pk}/", headers=JSON)
    assert client.post(address(other)).status_code == 404
    age(image, timedelta(hours=30))
    assert client.post(address(image), headers=JSON).json()["error"]["code"] == "not_found"


def test_only_asked_for_by_post_from_a_page_of_ours(owner: User, image: Image) -> None:
    assert browser(owner).get(address(image)).status_code == 405
    strict = browser(owner, enforce_csrf_checks=True)
    assert strict.post(address(image)).status_code == 403


def test_the_key_is_published_with_the_first_ticket(owner: User, image: Image) -> None:
    browser(owner).post(address(image))
    assert ReceiptKey.objects.get().pk == signer().id


def test_nothing_of_it_is_kept(
    owner: User, image: Image, photo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    finish(image, photo)
    with caplog.at_level(logging.DEBUG):
        ticket = browser(owner).post(address(image), {"sha256": sha256(photo)}).json()
    digest = sha256(photo)
    sought = [NAME, NAME.removesuffix(".png"), digest, digest.upper(), ticket["signature"]]
    kept = everything_in_the_database() + caplog.text
    assert image.pk.hex in kept.replace("-", "")  # It is looked for where it could be.
    assert [word for word in sought if word in kept] == []
    raw = b"".join(path.read_bytes() for path in files_of_the_site())
    needles = [NAME.encode(), digest.encode(), bytes.fromhex(digest), ticket["signature"].encode()]
    assert [needle for needle in needles if needle in raw] == []


def files_of_the_site() -> list[Path]:
    return [path for path in Path(site.DATA_DIR).rglob("*") if path.is_file()]


def test_the_page_of_an_image_offers_it(owner: User, image: Image) -> None:
    shown = browser(owner).get(f"/images/{image.pk}/").content.decode()
    assert f'action="{address(image)}"' in shown
    assert "Save claim ticket" in shown
