from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as site

from processing.engine import cut_out, load_matter
from processing.jobs import run
from processing.jobs.heartbeat import Heartbeat
from tests.cast import outsider, own_stores, owner, visitor

__all__ = ["During", "during", "outsider", "own_stores", "owner", "visitor", "warm"]

During = Callable[[Callable[[], object]], None]


@pytest.fixture(autouse=True)
def warm(monkeypatch: pytest.MonkeyPatch) -> Heartbeat:
    """What a worker keeps warm, in this process: a matter, and a heart that does not beat alone."""
    matter = load_matter("synthetic", site.MODELS_DIR, device="cpu", threads=1)
    heartbeat = Heartbeat(matter.name, matter.version, matter.provider)
    monkeypatch.setattr(run, "warm", lambda asked="": (matter, heartbeat))
    return heartbeat


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> During:
    """`during(event)`: it happens while the engine works on the photo."""

    def arrange(event: Callable[[], object]) -> None:
        def cut_out_meanwhile(*args: Any) -> Any:
            cutout = cut_out(*args)
            event()
            return cutout

        monkeypatch.setattr(run, "cut_out", cut_out_meanwhile)

    return arrange
