"""Promise 1: the row with the deadline and the key is committed before the first byte is stored."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from processing.engine import load_matter
from processing.jobs import run
from processing.jobs.heartbeat import Heartbeat
from processing.jobs.results import RESULT_KINDS
from processing.models import Blob, Image, Life, database_now
from processing.retention import erase
from processing.retention.sweeper import sweep
from processing.storage import stored_names, vault
from tests import cast, photos
from tests.processing.threads import apart
from tests.promises.processes import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was opened for writing; each time another connection has to know it already."""
    opened: list[str] = []
    real = vault._vault

    def is_known(name: str) -> bool:
        _, prefix, generation, kind = name.split("/")
        image = Image.objects.get(prefix=prefix)
        blob = Blob.objects.get(image=image, generation=generation, kind=kind)
        image.open_key()
        return image.purge_at > database_now() and not blob.stored

    def spying() -> Any:
        storage = real()
        storage_open = type(storage).open

        class Spy:
            def __getattr__(self, name: str) -> Any:
                return getattr(storage, name)

            def open(self, name: str, mode: str = "rb") -> Any:
                if mode != "rb":
                    assert apart(lambda: is_known(name))
                    opened.append(name)
                return storage_open(storage, name, mode)

        return Spy()

    monkeypatch.setattr(vault, "_vault", spying)
    return opened


def test_everything_that_is_stored_was_promised_to_be_erased_before(
    owner: User, openings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (photos.draw(), photos.pad(photos.draw(), 700_000), photos.NOISE)
    answer = cast.send(cast.browser(owner), *files).json()
    assert (len(answer["images"]), len(answer["errors"])) == (2, 1)
    matter = load_matter("synthetic", Path(), device="cpu", threads=1)
    heart = Heartbeat(matter.name, matter.version, matter.provider)
    monkeypatch.setattr(run, "warm", lambda *_: (matter, heart))
    while run.run_next():
        continue
    assert len(openings) == 2 * (1 + len(RESULT_KINDS))
    assert len(openings) == len(cast.stored_objects())


SEND = """
import os, signal, sys
import django
django.setup()
from accounts.models import User
from processing.flows.submit import Upload
from processing.storage.disk import SyncedFile
from tests import cast, photos

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

user = User.objects.get()
upload = Upload(cast.sender_of(user), "island.png")
content = photos.pad(photos.draw(), 700_000)
moment = sys.argv[1]
if moment == "at opening":
    import processing.flows.submit as submit
    submit.BlobWriter = die
upload.add(content[:300_000])
if moment == "in mid-stream":
    die()
upload.add(content[300_000:])
if moment == "at closing":
    SyncedFile.close = die
upload._go_live = die
upload.finish()
"""


@pytest.mark.parametrize(
    "moment", ["at opening", "in mid-stream", "at closing", "before it is live"]
)
def test_a_server_that_is_killed_leaves_only_what_the_sweeper_knows(
    owner: User, moment: str
) -> None:
    asked = [sys.executable, "-c", SEND, moment]
    killed = subprocess.run(asked, env=environment(), cwd=ROOT, check=False)
    assert killed.returncode == -9
    image = Image.objects.get()
    assert image.life == Life.RECEIVING
    # A bucket has an object when all of it has come.
    too_early = {"at opening", "in mid-stream"} if cast.on_s3() else {"at opening"}
    assert bool(stored_names(image.prefix)) is (moment not in too_early)
    assert {image.prefix in name for name in cast.stored_objects()} <= {True}
    later = image.received_at + settings.BUDGET.stale_upload
    sweep(later)
    assert not cast.stored_objects()
    sweep(later + erase.longest_job())
    assert cast.nothing_is_left()


CUTS: dict[str, Callable[[bytes], bytes]] = {
    "in its head": lambda body: body[:1000],
    "in mid-stream": lambda body: body[:400_000],
    "before its last boundary": lambda body: body[:-10],
}


@pytest.mark.parametrize("cut", CUTS)
def test_an_upload_that_is_cut_off_leaves_nothing(owner: User, cut: str) -> None:
    body = CUTS[cut](photos.multipart(photos.Part(photos.pad(photos.draw(), 700_000))))
    cast.browser(owner, raise_request_exception=False).post(
        "/images/", body, content_type=photos.CONTENT_TYPE, headers=cast.JSON
    )
    assert cast.nothing_is_left()
