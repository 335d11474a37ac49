"""All data about a user in one archive, made while it is sent."""

import io
import json
import threading
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import OperationalError
from django.test import Client

from accounts.models import AuditEntry, User
from processing.flows import export
from processing.flows.erase import erase_images
from processing.flows.export import export_data
from processing.flows.names import MOST_BYTES, safe_name
from processing.models import Blob, Image, Receipt
from processing.storage import BlobWriter, seal_text, vault
from tests import photos
from tests.cast import (
    at_page,
    browser,
    finish,
    finish_with_renderings,
    make_user,
    opt_in,
    opt_out,
    submit,
)
from tests.links import share, somebody, take

NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/absolute.png",
    "C:\\drive.png",
    "..",
    ".",
    "",
    "...png",
    "a\x00b.png",
    "line\nbreak\r.png",
    "right\u202eto\u202cleft.png",
    "tab\tand\x1bescape",
    'quotes"<>|?*:.png',
    "x" * 4000 + ".png",
    "\u00e9" * 400,
    "\U0001f600" * 200,
    "con.txt.",
    "trailing dots... ",
    "\ud800",
]


def archive_of(user: User) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(export_data(user, at_page(user)))))


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def folder_of(archive: zipfile.ZipFile, number: int = 1) -> str:
    names = [name for name in archive.namelist() if name.startswith(f"images/{number:04d}-")]
    return str(PurePosixPath(names[0]).parent)


def test_it_opens_and_everything_in_it_is_whole(owner: User) -> None:
    for _ in range(3):
        finish(submit(owner))
    archive = archive_of(owner)
    assert archive.testzip() is None
    assert len({PurePosixPath(name).parts[1] for name in images_in(archive)}) == 3


def images_in(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.startswith("images/")]


def test_an_image_is_there_with_its_results_and_its_facts(owner: User) -> None:
    photo = photos.draw(120, 80, "JPEG")
    image = finish_with_renderings(submit(owner, photo, "my cup.jpeg"), photo)
    archive = archive_of(owner)
    folder = folder_of(archive)
    assert folder == "images/0001-my cup"
    assert archive.read(f"{folder}/original.jpeg") == photo
    files = {PurePosixPath(name).name for name in images_in(archive)}
    assert files == {
        *("original.jpeg", "image.json", "cutout.png", "cutout.webp", "cutout.jpg", "mask.png"),
        *("preview.webp", "thumbnail.webp"),
    }
    facts = read(archive, f"{folder}/image.json")
    assert (facts["id"], facts["name"]) == (str(image.pk), "my cup.jpeg")
    assert facts["jobs"][0]["state"] == "done"
    assert read(archive, "gone.json") == []


def test_their_links_are_in_it_without_what_opens_them(owner: User, outsider: User) -> None:
    images = [finish(submit(owner)) for _ in range(2)]
    made = share(owner, *images, password="swordfish", download_limit=5)
    share(outsider)
    somebody().get(f"/s/{made.token}/")
    take(somebody(), made.token)
    archive = archive_of(owner)
    (link,) = read(archive, "links.json")
    assert (link["id"], link["download_limit"]) == (str(made.share.pk), 5)
    assert link["images"] == [str(image.pk) for image in images]
    for name in ("links.json", "activity.json"):
        text = archive.read(name).decode()
        assert made.token not in text
        assert made.share.password_hash not in text
        assert made.share.token_hash not in text


def test_the_latest_attempt_s_result_is_in_it(owner: User) -> None:
    image = finish(submit(owner))
    Blob.objects.create(image=image, kind="mask.png", generation=9, stored=True, size=5)
    with BlobWriter(image.open_key(), image.prefix, 9, "mask.png") as writer:
        writer.write(b"later")
    archive = archive_of(owner)
    assert archive.read(f"{folder_of(archive)}/mask.png") == b"later"


def test_who_they_are(owner: User) -> None:
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    client = browser(owner)
    client.get("/", headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    profile = read(archive_of(owner), "profile.json")
    assert (profile["id"], profile["email"]) == (str(owner.pk), "olivia@example.org")
    assert profile["addresses"] == [{"email": owner.email, "verified": True, "primary": True}]
    assert "Firefox" in profile["devices"][0]["user_agent"]
    assert len(profile["workspaces"]) == 1
    text = json.dumps(profile)
    assert "password" not in text
    assert "session_key" not in text


def test_what_they_agreed_to_and_what_was_done(owner: User) -> None:
    opt_in(owner)
    opt_out(owner)
    image = finish(submit(owner))
    erase_images([image], at_page(owner))
    archive = archive_of(owner)
    assert [entry["on"] for entry in read(archive, "consent.json")] == [True, False]
    actions = [entry["action"] for entry in read(archive, "activity.json")]
    assert actions == [
        *("consent.on", "consent.off", "image.uploaded", "image.erased", "account.data_exported"),
    ]
    (receipt,) = read(archive, "receipts.json")
    assert receipt["image"] == str(image.pk)
    assert receipt["signature"] == Receipt.objects.get().signature


def test_the_network_of_somebody_else_is_not_theirs_to_read(owner: User, outsider: User) -> None:
    for actor, network in ((owner, "192.0.2.0/24"), (outsider, "198.51.100.0/24"), (None, "")):
        AuditEntry.objects.create(
            at=owner.date_joined, owner=owner, actor=actor, via="page", action="image.viewed",
            address=network,
        )  # fmt: skip
    entries = read(archive_of(owner), "activity.json")
    assert [entry["by"] for entry in entries[:3]] == ["you", "somebody else", "the system"]
    assert entries[0]["address"] == "192.0.2.0/24"
    assert "198.51.100.0" not in json.dumps(entries)


def test_nothing_of_anybody_else_is_in_it(owner: User, outsider: User) -> None:
    finish(submit(outsider, name="theirs.png"))
    opt_in(outsider)
    archive = archive_of(owner)
    assert images_in(archive) == []
    assert read(archive, "consent.json") == read(archive, "receipts.json") == []
    for name in archive.namelist():
        assert str(outsider.pk).encode() not in archive.read(name)
        assert b"oscar@example.org" not in archive.read(name)


def test_it_is_noted_before_the_first_byte(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    export_data(owner, at_page(owner))
    assert AuditEntry.objects.get().action == "account.data_exported"

    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(AuditEntry, "save", locked)
    with pytest.raises(OperationalError):
        export_data(owner, at_page(owner))


def before_the_first(user: User, monkeypatch: pytest.MonkeyPatch, act: Any) -> Iterator[bytes]:
    """An archive before whose first image something happens."""
    pages, done = export._pages, threading.Event()

    def slow(rows: Any, key: str) -> Iterator[Any]:
        for row in pages(rows, key):
            if isinstance(row, Image) and not done.is_set():
                done.set()
                act(row)
            yield row

    monkeypatch.setattr(export, "_pages", slow)
    return export_data(user, at_page(user))


def test_what_vanishes_meanwhile_is_listed_as_gone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = finish(submit(owner, name="gone.png"))
    finish(submit(owner, name="stays.png"))

    def act(_: Image) -> None:
        erase_images([image], at_page(owner))

    archive = zipfile.ZipFile(io.BytesIO(b"".join(before_the_first(owner, monkeypatch, act))))
    assert archive.testzip() is None
    assert {entry["image"] for entry in read(archive, "gone.json")} == {str(image.pk)}
    assert {entry["why"] for entry in read(archive, "gone.json")} == {"erased meanwhile"}
    kept = [name for name in images_in(archive) if "original" in name]
    assert len(kept) == 1
    assert "stays" in kept[0]


def test_a_file_is_read_no_further_once_its_image_cannot_be_read(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "LOOK_EVERY", 0)
    photo = photos.pad(photos.draw(), 1_000_000)
    image = submit(owner, photo)
    pieces = export_data(owner, at_page(owner))
    sent = bytearray()
    while len(sent) < 400_000:
        sent += next(pieces)
    erase_images([image], at_page(owner))
    sent += b"".join(pieces)
    archive = zipfile.ZipFile(io.BytesIO(bytes(sent)))
    assert archive.testzip() is None
    cut = archive.read(f"{folder_of(archive)}/original.png")
    assert 0 < len(cut) < 600_000
    assert photo.startswith(cut)
    assert [entry["file"] for entry in read(archive, "gone.json")] == ["original"]


def test_bytes_that_were_changed_do_not_keep_the_rest(owner: User, tmp_path: Path) -> None:
    finish(submit(owner))
    path = next((tmp_path / "vault").rglob("mask.png"))
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(sealed)
    archive = archive_of(owner)
    assert [(entry["file"], entry["why"]) for entry in read(archive, "gone.json")] == [
        ("mask.png", "could not be read")
    ]
    assert any(name.endswith("cutout.png") for name in images_in(archive))


def test_what_is_past_its_time_is_not_in_it(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    image = finish(submit(owner))
    monkeypatch.setattr(export, "database_now", lambda: image.purge_at)
    assert images_in(archive_of(owner)) == []


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert PurePosixPath(safe).parts == (safe,)
    assert safe not in {".", ".."}
    assert safe.isprintable()
    assert not set(safe) & set('/\\:*?"<>|')
    assert 0 < len(safe.encode()) <= MOST_BYTES


@pytest.mark.parametrize("name", NAMES[:-1], ids=range(len(NAMES) - 1))
def test_no_entry_leads_out_of_the_archive(owner: User, tmp_path: Path, name: str) -> None:
    image = submit(owner)
    image.sealed_name = export_name(image, name)
    image.save()
    archive = archive_of(owner)
    for entry in archive.namelist():
        parts = PurePosixPath(entry).parts
        assert ".." not in parts
        assert not entry.startswith("/")
        assert len(parts) in {1, 3}
    target = tmp_path / "out"
    archive.extractall(target)
    assert len([path for path in target.rglob("original.png") if path.is_file()]) == 1


def export_name(image: Image, name: str) -> bytes:
    return seal_text(name, image.open_key(), image._name_place)


def test_memory_does_not_grow_with_the_archive(owner: User) -> None:
    for _ in range(12):
        submit(owner, photos.pad(photos.draw(), 3_000_000))
    total = 0
    tracemalloc.start()
    for piece in export_data(owner, at_page(owner)):
        total += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 36_000_000
    assert peak < 6_000_000, peak


def test_nothing_is_read_before_it_is_its_turn(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(owner)
    opened: list[str] = []
    real = vault._open

    def remember(path: str) -> Any:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(vault, "_open", remember)
    pieces = export_data(owner, at_page(owner))
    next(pieces)
    assert opened == []


@pytest.fixture
def client(owner: User) -> Client:
    return browser(owner)


def ask(client: Client) -> Any:
    return client.post("/account/data/")


def test_the_page_gives_it_as_a_download_that_nobody_stores(client: Client, owner: User) -> None:
    finish(submit(owner))
    assert "1 image" in client.get("/account/data/").content.decode()
    response = ask(client)
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith('attachment; filename="backgrounderase-')
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert archive.testzip() is None


def test_one_at_a_time(client: Client) -> None:
    first = ask(client)
    second = client.post("/account/data/", headers={"Accept": "application/json"})
    assert (second.status_code, second.json()["error"]["code"]) == (429, "export_running")
    assert ask(browser(make_user("other@example.org"))).status_code == 200
    b"".join(first.streaming_content)
    assert ask(client).status_code == 200


def test_one_that_breaks_off_lets_the_next_begin(client: Client) -> None:
    for steps in (0, 1, 2):
        response = ask(client)
        assert response.status_code == 200
        pieces = iter(response.streaming_content)
        for _ in range(steps):
            next(pieces)
        for close in response._resource_closers:
            close()


def test_one_that_cannot_begin_lets_the_next_begin(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(AuditEntry, "save", locked)
        assert ask(client).status_code == 500
    assert ask(client).status_code == 200


def test_what_goes_with_its_download_does_not_go_with_this_one(owner: User) -> None:
    image = finish(submit(owner))
    Image.objects.filter(pk=image.pk).update(erase_after_download=True)
    archive_of(owner)
    assert Image.objects.get().life == "live"
