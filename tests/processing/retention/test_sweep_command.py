"""`manage.py sweep`: once with an exit code, or in loops of which none waits for another."""

import threading
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from accounts.models import User
from processing import tasks
from processing.management.commands import sweep as command
from processing.models import Image, database_now
from processing.retention import sweeper
from processing.storage import epochs_alive, make_image_key
from tests import cast
from tests.processing.refusals import refusing

DAY = timedelta(hours=24)


@pytest.mark.django_db(transaction=True)
def test_the_command_sweeps_once_and_says_what_it_did(
    owner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    cast.age(cast.submit(owner), DAY)
    with refusing(), pytest.raises(SystemExit) as ended:
        call_command("sweep")
    assert ended.value.code == 1
    assert "1 made unreadable, 0 gone, 1 failed" in capsys.readouterr().out
    Image.objects.update(look_again_at=database_now())
    cast.age(cast.submit(owner), DAY)
    with pytest.raises(SystemExit) as ended:
        call_command("sweep")
    assert ended.value.code == 0
    assert "1 made unreadable, 2 gone, 0 failed" in capsys.readouterr().out
    assert not cast.stored_objects()


@pytest.mark.django_db(transaction=True)
def test_a_storage_that_hangs_keeps_neither_keys_alive_nor_jobs_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, hung, tended = threading.Event(), threading.Event(), threading.Event()

    def hang(now: datetime) -> None:
        hung.set()
        stop.wait(30)

    def tend() -> None:
        if hung.is_set() and 1_000_000_000 not in epochs_alive():
            tended.set()

    make_image_key(bytes(16), 1_000_000_000)
    monkeypatch.setattr(sweeper, "sweep", hang)
    monkeypatch.setattr(tasks, "tend", tend)
    loops = threading.Thread(target=command._run, args=[stop, 0.02])
    loops.start()
    try:
        assert tended.wait(20)
    finally:
        stop.set()
        loops.join(20)
    assert not loops.is_alive()
