"""The people of the tests and what they do: an owner with images, an outsider, a visitor."""

import contextlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import consent
from accounts.audit import Actor
from accounts.flows.consent import turn_off, turn_on
from accounts.models import ConsentEntry, User, Via
from processing.access import home_of
from processing.engine import Cutout, Limits, Options, cut_out, encode, load_matter
from processing.engine.files import FILE_OPTIONS
from processing.flows.render import ask
from processing.flows.submit import Sender, Upload
from processing.jobs import results, run
from processing.jobs.claim import Claim, claim_next
from processing.models import Blob, Image, Job, WorkerBeat, database_now
from processing.retention import gates
from processing.storage import MARK_NAME, steady_now
from tests import photos

PASSWORD = "correct horse battery staple"  # As a person would choose one.
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def own_stores(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Every test has an empty vault, counts sign-in attempts from zero, and misses no sweeper."""
    Path(site.STATIC_ROOT).mkdir(exist_ok=True)
    settings.STORAGES = site.STORAGES | {
        "vault": _empty_bucket() if on_s3() else new_folder(tmp_path / "vault"),
        # The names in the templates, without a run of collectstatic before every test.
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # Every test's ledger begins at number 1; what ended under a number stays ended.
    shutil.rmtree(site.KEYS_DIR / "kept", ignore_errors=True)
    cache.clear()
    gates.start_watching(steady_now())
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def own_keys(settings: Settings, tmp_path: Path) -> None:
    """Secrets of no other test: the numbers of a ledger begin anew with every one, and a sweep
    counts the epochs that have ended."""
    settings.KEYS_DIR = tmp_path / "keys"
    settings.KEYS_DIR.mkdir()


def on_s3() -> bool:
    """Whether this run was given a bucket (BGERASE_STORAGE_URL) in place of a folder."""
    return str(site.STORAGE_URL).startswith("s3://")


def new_folder(location: Path) -> dict[str, Any]:
    return {
        "BACKEND": "processing.storage.disk.DiskStorage",
        "OPTIONS": {"location": str(location)},
    }


def _empty_bucket() -> dict[str, Any]:
    bucket = storages.create_storage(site.STORAGES["vault"]).bucket  # type: ignore[attr-defined]
    client = bucket.meta.client
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=bucket.name)
    client.put_bucket_versioning(
        Bucket=bucket.name, VersioningConfiguration={"Status": "Suspended"}
    )
    bucket.object_versions.delete()
    bucket.objects.delete()
    for upload in client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", []):
        client.abort_multipart_upload(
            Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"]
        )
    return dict(site.STORAGES["vault"])


@pytest.fixture
def owner(db: None) -> User:
    return make_user("olivia@example.org")


@pytest.fixture
def outsider(db: None) -> User:
    return make_user("oscar@example.org")


@pytest.fixture
def visitor() -> AnonymousUser:
    return AnonymousUser()


def make_user(email: str) -> User:
    return User.objects.create_user(email, PASSWORD)


def browser(user: User | AnonymousUser | None = None, **options: Any) -> Client:
    """A browser of its own, signed in as `user`."""
    client = Client(**options)
    if isinstance(user, User):
        client.force_login(user)
    return client


def send(
    client: Client, *files: photos.Part | bytes, address: str = "/images/", **more: Any
) -> Any:
    """Posts the files as one request; asks for JSON unless `headers` say otherwise."""
    parts = [file if isinstance(file, photos.Part) else photos.Part(file) for file in files]
    more.setdefault("headers", JSON)
    return client.post(address, photos.multipart(*parts), content_type=photos.CONTENT_TYPE, **more)


def at_page(user: User) -> Actor:
    return Actor(user, Via.PAGE, "203.0.113.0/24")


def opt_in(user: User) -> ConsentEntry:
    return turn_on(user, at_page(user), consent.current().version)


def opt_out(user: User) -> None:
    turn_off(user, at_page(user))


def sender_of(user: User, key: str = "", **more: Any) -> Sender:
    """The user, at a page, with a photo for their own workspace unless `more` says otherwise."""
    more.setdefault("by", at_page(user))
    return Sender(user, more.pop("workspace", None) or home_of(user), key, **more)


def submit(user: User, photo: bytes | None = None, name: str = "photo.png", **more: Any) -> Image:
    """An image that has arrived and waits for a worker."""
    upload = Upload(sender_of(user, **more), name)
    upload.add(photos.draw() if photo is None else photo)
    return upload.finish()


def arriving(user: User) -> Image:
    """An image whose first bytes are stored and whose sender has fallen silent."""
    upload = Upload(sender_of(user), "photo.png")
    upload.add(photos.pad(photos.draw(), 300_000))
    upload._writer.abandon()  # type: ignore[union-attr]
    return Image.objects.latest("received_at")


def start(image: Image) -> Claim:
    """The image's job runs, its preview can be seen already."""
    claim = _claim(image)
    results.reserve(claim, ["preview.webp"])
    results.store(claim, image.open_key(), "preview.webp", b"RIFF....WEBP")
    return claim


def finish(image: Image, photo: bytes | None = None) -> Image:
    """The image is done, by the synthetic matter: what a worker does, without a worker."""
    claim = _claim(image)
    cutout = cut(photos.draw() if photo is None else photo)
    results.reserve(claim, results.RESULT_KINDS)
    for kind in results.RESULT_KINDS:
        results.store(claim, image.open_key(), kind, encode(cutout, kind))
    results.finish(
        claim,
        cutout.width,
        cutout.height,
        model=cutout.model,
        model_version=cutout.model_version,
        little_found=cutout.shows_little,
        timings={**cutout.timings, "total": 12.5},
    )
    image.refresh_from_db()
    return image


def cut(photo: bytes) -> Cutout:
    """By the synthetic matter."""
    matter = load_matter("synthetic", site.MODELS_DIR, device="cpu", threads=1)
    return cut_out(photo, Options(), matter, Limits())


def render(image: Image, *wanted: Options) -> list[str]:
    """The kinds of what a worker has made of a finished image with these options, one by one."""
    kinds = []
    for options in wanted:
        kinds.append(ask(image, options).kind)
        run.render_and_store(_claim(image), Quiet())
    return kinds


def finish_with_renderings(image: Image, photo: bytes | None = None) -> Image:
    """Done, and everything that has a name of its own is stored: seven objects."""
    finish(image, photo)
    render(image, *(FILE_OPTIONS[file] for file in ("cutout.jpg", "cutout.webp")))
    return image


class Quiet:
    """What a worker holds a job with that nobody takes away."""

    def check(self) -> None:
        pass


def fail(image: Image, code: str) -> None:
    results.fail(_claim(image), code)


def age(image: Image, by: timedelta) -> None:
    """Moves an image into the past, deadline and all."""
    Image.objects.filter(pk=image.pk).update(
        received_at=image.received_at - by, purge_at=image.purge_at - by
    )


def fill(user: User, count: int) -> list[uuid.UUID]:
    """Rows of `count` images, done, with all their blobs, but without any bytes."""
    home, now = home_of(user), database_now()
    images = [_row(user, home, now - timedelta(seconds=number)) for number in range(count)]
    for image in images:
        image.give_key("photo.png")
    Image.objects.bulk_create(images)
    Job.objects.bulk_create(
        Job(image=image, state="done", model="synthetic", queued_at=now) for image in images
    )
    Blob.objects.bulk_create(
        Blob(image=image, kind=kind, generation=1, stored=True)
        for image in images
        for kind in results.RESULT_KINDS
    )
    return [image.pk for image in images]


def start_worker(*serves: str, name: str = "worker", **facts: Any) -> None:
    """One that was heard of this moment; without `serves` it serves the site's own model."""
    facts = {"model": "synthetic", "model_version": "1", "provider": "none"} | facts
    WorkerBeat.objects.create(
        name=name, seen_at=database_now(), serves=list(serves) or [""], **facts
    )


def count_queries(ask: Callable[[], Any]) -> int:
    """How many statements `ask` sends to the database, asking it for the time left out."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    statements = [query["sql"] for query in captured.captured_queries]
    return sum("clock_timestamp" not in sql for sql in statements)


def stored_objects() -> list[str]:
    """Every object in the vault, whoever it belongs to, but for the vault's own mark."""
    return [name for name in _walk("") if name != f"/{MARK_NAME}"]


def nothing_is_left() -> bool:
    return not Image.objects.exists() and not Blob.objects.exists() and not stored_objects()


def _walk(folder: str) -> Iterator[str]:
    try:
        folders, files = storages["vault"].listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _walk(f"{folder}/{name}" if folder else name)


def _claim(image: Image) -> Claim:
    claim = claim_next(database_now())
    assert claim is not None
    assert claim.image.pk == image.pk
    return claim


def _row(user: User, home: Any, received_at: datetime) -> Image:
    return Image(
        workspace=home,
        uploaded_by=user,
        life="live",
        received_at=received_at,
        purge_at=received_at + timedelta(hours=22),
        kind="png",
        width=64,
        height=48,
    )
