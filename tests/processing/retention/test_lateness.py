"""Since when an image should be gone, whatever way it came to its end."""

from datetime import UTC, datetime, timedelta

import pytest

from processing.models import Image, Life
from processing.retention.lateness import end_of

DUE = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIVE: dict[str, object] = {"purge_at": DUE, "life": Life.LIVE}


def erasing(since: datetime, **facts: object) -> dict[str, object]:
    return {"purge_at": DUE, "life": Life.ERASING, "erasing_since": since} | facts


ENDS: dict[str, tuple[dict[str, object], datetime | None]] = {
    "at its deadline": (LIVE, DUE),
    "never, while it is kept": (LIVE | {"kept": True, "consent_id": 1}, None),
    "once the opt-in is off": (LIVE | {"consent_id": 1, "withdrawn_at": DUE + HOUR}, DUE + HOUR),
    "at its deadline, off before": (LIVE | {"consent_id": 1, "withdrawn_at": DUE - HOUR}, DUE),
    "when it was asked for": (erasing(DUE - HOUR), DUE - HOUR),
    "at its deadline, begun late": (erasing(DUE + HOUR), DUE),
    "kept, when it was asked for": (erasing(DUE + HOUR, consent_id=1), DUE + HOUR),
    "kept once, at its deadline": (
        erasing(DUE + HOUR, consent_id=1, withdrawn_at=DUE - HOUR),
        DUE,
    ),
    "kept once, since the opt-in is off": (
        erasing(DUE + 2 * HOUR, consent_id=1, withdrawn_at=DUE + HOUR),
        DUE + HOUR,
    ),
}


@pytest.mark.parametrize("what", ENDS)
def test_it_should_be_gone(what: str) -> None:
    facts, end = ENDS[what]
    assert end_of(Image(**facts)) == end
