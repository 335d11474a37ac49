"""What a process does that is killed while it does so: see tests/promises/killer.py.

Each act is what one request, one job or one round of the sweeper does. Its answer is what somebody
would be told, and from then on that has to be true.
"""

import base64
from contextlib import suppress
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.test.utils import override_settings

WARM = (
    "celery.app.amqp",
    "celery.contrib.django.task",
    "celery.events",
    "kombu.transport.filesystem",
    "kombu.transport.redis",
    "processing.flows.close_account",
    "processing.flows.render",
    "processing.flows.whole",
    "processing.jobs.run",
    "processing.retention.sweeper",
    "tests.cast",
)
PIECE = 65_536


def load_all() -> None:
    """What every fork would have to load for itself; no connection to anything."""
    for name in WARM:
        import_module(name)
    from processing import tasks
    from processing.engine import FILES, Limits, Options, cut_out, encode, load_matter
    from tests import photos

    matter = load_matter("synthetic", settings.MODELS_DIR, device="cpu", threads=1)
    cutout = cut_out(photos.draw(), Options(), matter, Limits())
    for kind in FILES:
        encode(cutout, kind)
    assert tasks.work.name
    # A bucket's client is slow to make; it connects with its first request, in the fork.
    assert getattr(storages["vault"], "bucket", True)


def begin(vault: str) -> None:
    """In the new process, before its act; `vault` is an address as in the settings."""
    from bgerase_site.backends import storage_from
    from processing.retention import gates
    from processing.storage import steady_now

    if vault != settings.STORAGE_URL:
        override_settings(STORAGES={**settings.STORAGES, "vault": storage_from(vault)}).enable()
    gates.start_watching(steady_now())


def receive(user: str, photo: str, name: str, key: str) -> str:
    """A photo comes in pieces, and is the image that is answered."""
    from processing.flows.submit import Upload, find_earlier
    from tests import cast

    sender = cast.sender_of(_user(user), key)
    earlier = find_earlier(sender, 0)
    if earlier is not None:
        return str(earlier.pk)
    upload, content = Upload(sender, name), base64.b64decode(photo)
    for start in range(0, len(content), PIECE):
        upload.add(content[start : start + PIECE])
    return str(upload.finish().pk)


def receive_in_parts(user: str, photo: str, name: str, key: str) -> str:
    """The same in two parts, from where an earlier process with the same key has left off."""
    from processing.access import find_upload
    from processing.flows import parts, whole
    from processing.flows.arriving import received
    from tests import cast

    content = base64.b64decode(photo)
    half = max(parts.LEAST_BYTES, len(content) // 2)
    begun = parts.begin(cast.sender_of(_user(user), key), name, len(content))
    while (start := received(image := find_upload(_user(user), begun.pk))) < len(content):
        part = content[start : start + half]
        cut = (part[at : at + PIECE] for at in range(0, len(part), PIECE))
        parts.add(image, start, len(part), cut)
    return str(whole.finish(image, cast.at_page(_user(user))).pk)


def work() -> bool:
    """A worker takes one job."""
    from processing.jobs.run import run_next

    return run_next()


def ask(image: str, user: str) -> str:
    """Somebody asks for a rendering."""
    from processing.access import find_image
    from processing.engine.files import FILE_OPTIONS
    from processing.flows import render

    found = find_image(_user(user), UUID(image))
    return render.ask(found, FILE_OPTIONS["cutout.webp"]).kind


def work_in_vain() -> bool:
    """A worker whose engine breaks at the last result: it gives the job back."""
    from processing.engine import encode
    from processing.jobs import run

    def break_at_the_png(cutout: Any, kind: str) -> bytes:
        if kind == "cutout.png":
            raise RuntimeError("broken")
        return encode(cutout, kind)

    vars(run)["encode"] = break_at_the_png
    return run.run_next()


def take_back(now: str) -> int:
    """The sweeper's process looks for jobs whose worker is gone."""
    from processing.jobs.reap import reap

    return reap(_time(now))


def recover(now: str) -> int:
    """What is left at work after a crash: lost jobs come back, and all are run; how many."""
    take_back(now)
    ran = 0
    while work():
        ran += 1
    return ran


def erase(ids: list[str], user: str) -> list[str]:
    """Somebody erases images of theirs; those that they are told are gone."""
    from processing.access import images_of
    from processing.flows.erase import erase_images
    from tests import cast

    found = images_of(_user(user)).filter(pk__in=ids)
    return [str(image.pk) for image in erase_images(found, cast.at_page(_user(user)))]


def sweep(now: str) -> None:
    from processing.retention import sweeper

    sweeper.sweep(_time(now))


def withdraw(user: str) -> None:
    """Somebody turns the opt-in off."""
    from tests import cast

    cast.opt_out(_user(user))


def shorten(image: str, life: str, user: str) -> None:
    """Somebody chooses a shorter life for an image."""
    from processing.access import find_image
    from processing.errors import BadEraseAfter
    from processing.flows.shorten import life_in_force, read_choice, shorten_from_now
    from tests import cast

    found = find_image(_user(user), UUID(image))
    choice = read_choice(life, life_in_force(found.workspace))
    with suppress(BadEraseAfter):  # Chosen already.
        shorten_from_now(found, choice, cast.at_page(_user(user)))


def close(user: str) -> int:
    """Somebody closes their account; how many images they had."""
    from processing.flows.close_account import close_account
    from tests import cast

    return close_account(_user(user), cast.at_page(_user(user)))


def _user(pk: str) -> Any:
    from accounts.models import User

    return User.objects.get(pk=pk)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
