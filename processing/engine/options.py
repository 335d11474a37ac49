"""What may be chosen for one photo, the same for all front doors."""

from __future__ import annotations

from dataclasses import dataclass

REFINEMENTS = ("fast", "fine", "off")


@dataclass(frozen=True)
class Options:
    """`refine`: one of REFINEMENTS.

    `keep_transparency`: what is see-through in the photo stays see-through in the cutout.
    """

    refine: str = "fast"
    keep_transparency: bool = True
