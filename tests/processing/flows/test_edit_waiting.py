"""How many versions there can be, how many wait, and what waits before what."""

from typing import Any

import pytest

from accounts.models import User
from processing.engine import Options
from processing.errors import NotCutOut, RenderingsWaiting, TooManyVersions
from processing.flows import edit as edit_flow
from processing.flows.render import ask
from processing.jobs.claim import claim_next
from processing.models import Image, JobState, Task, database_now
from tests import cast
from tests.processing.flows.versions import ERASED, image, jobs, make, saved
from tests.processing.jobs.conftest import warm

__all__ = ["image", "warm"]


def test_what_failed_can_be_saved_again(image: Image) -> None:
    saved(image, ERASED)
    cast.fail(image, "timed_out")
    assert saved(image, ERASED, base=0).number == 1
    (job,) = jobs()
    assert (job.state, job.attempts) == ("queued", 3)
    make(image)
    assert image.version == 1


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_WAITING_TOGETHER"])
def test_what_failed_waits_like_anything_else(image: Image, monkeypatch: Any, limit: str) -> None:
    """Otherwise all that ever failed could be put before everybody's cut-outs at once."""
    monkeypatch.setattr(edit_flow, limit, 1)
    saved(image, ERASED)
    cast.fail(image, "timed_out")
    saved(image, bg_color="white")
    with pytest.raises(RenderingsWaiting):
        saved(image, ERASED, base=0)
    assert [job.state for job in jobs()] == [JobState.FAILED, JobState.QUEUED]
    make(image)
    saved(image, ERASED, base=0)
    assert [job.state for job in jobs()] == [JobState.DONE, JobState.QUEUED]


def test_there_is_room_for_so_many_versions(image: Image, monkeypatch: Any) -> None:
    monkeypatch.setattr(edit_flow, "MOST", 2)
    saved(image, bg_color="white")
    saved(image, bg_color="red")
    with pytest.raises(TooManyVersions):
        saved(image, bg_color="blue")


@pytest.mark.parametrize("limit", ["MOST_WAITING", "MOST_WAITING_TOGETHER"])
def test_so_many_wait(image: Image, monkeypatch: Any, limit: str) -> None:
    monkeypatch.setattr(edit_flow, limit, 1)
    saved(image, bg_color="white")
    with pytest.raises(RenderingsWaiting):
        saved(image, bg_color="red")


def test_a_version_is_made_before_cut_outs_and_after_renderings(image: Image) -> None:
    waiting = cast.submit(image.uploaded_by)
    saved(image, bg_color="white")
    ask(image, Options(size="preview"))
    claims = [claim_next(database_now()) for _ in range(3)]
    assert [claim.job.task for claim in claims if claim] == [Task.RENDER, Task.EDIT, Task.CUT_OUT]
    assert claims[2]
    assert claims[2].image == waiting


def test_what_is_not_cut_out_has_no_versions(owner: User) -> None:
    with pytest.raises(NotCutOut):
        saved(cast.submit(owner), bg_color="white")


# ---- erasing ----
