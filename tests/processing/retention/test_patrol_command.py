"""`manage.py patrol`, and the loop that runs it."""

import threading
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import call_command

from accounts.models import User
from processing.management.commands import sweep
from processing.models import Pulse
from tests import cast

pytestmark = pytest.mark.django_db


def run() -> tuple[object, str, str]:
    out, errors = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("patrol", stdout=out, stderr=errors)
    return ended.value.code, out.getvalue(), errors.getvalue()


def test_a_site_as_it_should_be_ends_it_with_0(owner: User) -> None:
    cast.submit(owner)
    code, out, errors = run()
    assert (code, errors) == (0, "")
    assert "objects                  1\n" in out
    assert Pulse.objects.filter(pk="patrol").exists()


def test_a_finding_ends_it_with_1_and_is_said_in_words(owner: User) -> None:
    image = cast.submit(owner)
    storages["vault"].delete(f"{image.prefix[:2]}/{image.prefix}/0/original")
    code, _, errors = run()
    assert code == 1
    assert "missing_objects: Something that images need" in errors


def test_the_sweeper_s_process_goes_on_patrol(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, float]] = []
    monkeypatch.setattr(
        threading, "Thread", lambda target, args, name: Recorded(started, name, args[1])
    )
    sweep._run(threading.Event(), 60)
    assert ("patrol", 300.0) in started
    assert ("staff", 3600.0) in started


class Recorded:
    """A thread that only says that it was started, and how often it does its step."""

    def __init__(self, started: list[tuple[str, float]], name: str, every: float) -> None:
        self._started, self._told = started, (name, every)

    def start(self) -> None:
        self._started.append(self._told)

    def join(self) -> None:
        """It has ended."""
