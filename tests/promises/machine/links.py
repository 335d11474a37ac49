"""What somebody was told about a link, and what it really shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from processing.errors import ShareGone
from processing.flows.share_visit import visit
from processing.models import Share
from tests.promises.machine.simulation import Clock


@dataclass
class Link:
    """`left`: downloads, None without a limit."""

    clock: Clock
    pk: UUID
    token: str
    by: int
    photos: list[UUID]
    began_at: datetime
    ends_at: datetime
    left: int | None
    erases: bool
    paused: bool = False
    revoked: bool = False

    def is_over(self) -> bool:
        return self.revoked or self.ends_at <= self.clock.now

    def is_open(self) -> bool:
        return not (self.paused or self.is_over() or self.left == 0)

    def ends_by(self, moment: datetime) -> None:
        """No earlier than after its beginning: the table asks for that."""
        if moment < self.ends_at:
            self.ends_at = max(moment, self.began_at + timedelta(microseconds=1))

    def shows(self) -> list[UUID]:
        """The photos that whoever has the address can see, in their order."""
        try:
            return [item.image_id for item in visit(self.token, "").items]
        except ShareGone:
            return []

    def learn(self) -> None:
        """After somebody died while they downloaded: it is counted, or it is not."""
        row = Share.objects.filter(pk=self.pk).first()
        if row is not None and row.download_limit is not None:
            self.left = row.download_limit - row.downloads
