"""Nasty files through the real path, from the upload to a worker: all end, and it works on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from processing.engine import PhotoError
from processing.models import Job, JobState
from tests import cast, photos
from tests.processing.engine import nasty
from tests.processing.engine.photos import noise, save
from tests.promises.processes import CELERY, running, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.database]


def late_size() -> bytes:
    """So much stands before its size that only the decoder gets to see it."""
    photo = bytearray(save(noise(64, 48), "JPEG"))
    frame = photo.find(b"\xff\xc0")
    photo[frame + 5 : frame + 9] = b"\xff\0\xff\0"
    return bytes(photo[:2]) + nasty.jpeg_segment(0xEA, bytes(60_000)) * 5 + bytes(photo[2:])


def damaged() -> bytes:
    photo = bytearray(save(noise(300, 200), "PNG"))
    photo[400:420] = bytes(20)
    return bytes(photo)


IN_THE_WORKER: dict[str, Callable[[], bytes]] = {
    "too_many_parts": lambda: nasty.jpeg_scans(0.02),
    "too_many_pixels": late_size,
    "truncated": lambda: save(noise(300, 200), "AVIF")[:-900],
    "decode_failed": damaged,
}
AT_THE_DOOR: dict[str, Callable[[], bytes]] = {
    "too_many_pixels": lambda: photos.png_header(65_000, 65_000),
    "unsupported_type": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file",
}


@pytest.mark.parametrize("code", AT_THE_DOOR)
def test_what_the_head_tells_never_becomes_a_job(owner: User, code: str) -> None:
    with pytest.raises(PhotoError) as caught:
        cast.submit(owner, AT_THE_DOOR[code]())
    assert caught.value.code == code
    assert not Job.objects.exists()


def test_each_ends_with_its_reason_in_one_and_the_same_process(owner: User, tmp_path: Path) -> None:
    images = {code: cast.submit(owner, build()) for code, build in IN_THE_WORKER.items()}
    good = cast.submit(owner)  # The last in line.
    with running(CELERY, tmp_path) as worker:
        wait_until(lambda: Job.objects.get(image=good).state == JobState.DONE, 60, "all end")
        assert worker.process.poll() is None
        assert len(worker.children()) == 1
        assert "WorkerLost" not in worker.log.read_text()
    ended = {
        code: (job.state, job.attempts, job.error_code)
        for code, image in images.items()
        for job in [Job.objects.get(image=image)]
    }
    assert ended == {code: (JobState.FAILED, 1, code) for code in IN_THE_WORKER}
    # Celery's own folder there is empty, and goes with a worker that is not killed.
    assert [one for one in (settings.DATA_DIR / "tmp").rglob("*") if not one.is_dir()] == []
