"""How long a part that died stays down, and when the group gives up on it."""

from dataclasses import dataclass

QUICK = 10.0  # Seconds: a part that lives no longer has died at its start.
WELL = 60.0  # Seconds of life after which earlier deaths are forgotten.
QUICK_DEATHS = 5
LONGEST = 30.0


@dataclass
class Backoff:
    deaths: int = 0
    quick_deaths: int = 0

    def after_death(self, lived: float) -> float | None:
        """Seconds until the next start (1, 2, 4 … 30), or None: it is hopeless."""
        if lived >= WELL:
            self.deaths = 0
        self.quick_deaths = self.quick_deaths + 1 if lived < QUICK else 0
        self.deaths += 1
        if self.quick_deaths >= QUICK_DEATHS:
            return None
        return min(2.0 ** (self.deaths - 1), LONGEST)
