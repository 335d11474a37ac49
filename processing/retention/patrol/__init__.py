"""The patrol: compares what is stored with what is recorded, both ways, by itself.

It believes nothing that the sweeper has written down about its own work: it walks the storage, the
folders and the queue, and asks the tables. What should not be there is counted, and erased after a
second look at the moment of erasing: a listing is old as soon as it is made.
"""

import logging
import time
from datetime import datetime

from processing.models import Pulse
from processing.retention.gates import FOUND
from processing.retention.patrol import messages, objects, strays, tables

__all__ = ["findings", "patrol"]

log = logging.getLogger(__name__)
Facts = dict[str, float]
LOOKS = (objects.look, tables.look, strays.look, messages.look)


def patrol(now: datetime) -> Facts:
    """One round. The facts, numbers by name, are also those of the pulse `patrol`.

    A look that fails keeps no other: it is logged and counted in `patrol_gaps`.
    """
    begun = time.monotonic()
    facts: Facts = {"patrol_gaps": 0}
    for look in LOOKS:
        try:
            facts |= look(now)
        except Exception:  # A storage or a queue that is away is a finding, not an end.
            facts["patrol_gaps"] += 1
            log.exception("the patrol could not look everywhere")
    facts["seconds"] = round(time.monotonic() - begun, 3)
    Pulse.objects.update_or_create(name="patrol", defaults={"at": now, "facts": facts})
    for code, number in findings(facts).items():
        log.error("patrol: %s: %d", code, number)
    return facts


def findings(facts: Facts) -> Facts:
    """Those of the facts that are an alarm."""
    return {code: facts[code] for code in FOUND if facts.get(code)}
