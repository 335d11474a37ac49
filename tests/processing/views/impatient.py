"""The web server's worker with limits that a test can wait for."""

from bgerase_site.group.patience import Pace, Patience
from bgerase_site.group.worker import PatientWorker

OPTION = f"--worker-class={__name__}.ImpatientWorker"
SILENCE = 0.5
TOTAL = 1.0


class ImpatientWorker(PatientWorker):
    patience = Patience(
        silence=SILENCE,
        head=Pace(TOTAL),
        form=Pace(TOTAL),
        photos=Pace(TOTAL, rate=20_000, most=20),
        answer=Pace(TOTAL, rate=20_000),
    )
