"""Goals beside their figures."""

from dataclasses import dataclass


@dataclass
class Goal:
    """`held` is held against `goal`: at least that much, or with `most` at most.

    `cores`: how many times the processor time rembg takes, which a busy machine blurs less.
    """

    what: str
    ours: float
    theirs: float
    unit: str
    goal: float
    held: float
    most: bool = False
    cores: float | None = None

    @property
    def met(self) -> bool:
        return self.held <= self.goal if self.most else self.held >= self.goal


def print_goals(goals: list[Goal]) -> None:
    print(f"\n{'':46}{'ours':>9}{'rembg':>10}{'':>9}{'held':>8}{'goal':>9}{'cores':>8}")
    for one in goals:
        sign = "≤" if one.most else "≥"
        figures = f"{one.ours:9.4g}{one.theirs:10.4g} {one.unit:8}{one.held:8.3g}"
        cores = "" if one.cores is None else f"{one.cores:.3g}"
        end = f"  {sign}{one.goal:6.4g}{cores:>8}{'' if one.met else '  missed'}"
        print(f"{one.what:46}{figures}{end}")
