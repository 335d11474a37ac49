"""A matte as a straight line of the photo's colours, window by window.

Within a small window a matte is close to `a · colour + b` (Levin, Lischinski and Weiss, "A Closed
Form Solution to Natural Image Matting", 2008). Fitting that line to a rough mask and averaging over
all windows that a cell lies in is the guided filter (He, Sun and Tang 2010). All of it happens on a
reduced photo, a few hundred cells a side, so it is done in float64: the windows of a flat colour
need the digits.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.float64]
"""One value per cell of the reduced photo, in rows and columns; colours with three channels."""


class Windows:
    """The windows of `2 · radius + 1` cells a side on `colours` (rows, columns, 3; 0 to 1).

    `weights` (positive) say how much each cell counts in a fit; None lets all count the same.
    `softness` is the guided filter's ε: what a slope must earn, as a variance of colour.
    """

    def __init__(
        self, colours: Cells, radius: int, softness: float, weights: Cells | None = None
    ) -> None:
        self._radius = radius
        self._channels = [np.ascontiguousarray(colours[..., at]) for at in range(3)]
        self._weights = weights
        self._total = None if weights is None else self.average(weights)
        self._means = [self._fit_mean(channel) for channel in self._channels]
        self._inverse = self._invert(softness)

    def average(self, values: Cells) -> Cells:
        side = 2 * self._radius + 1
        return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE))

    def fit(self, matte: Cells) -> tuple[list[Cells], Cells]:
        """Slopes for red, green and blue and the offset of each cell: matte ≈ a · colour + b."""
        mean = self._fit_mean(matte)
        shared = [
            self._fit_mean(channel * matte) - channel_mean * mean
            for channel, channel_mean in zip(self._channels, self._means, strict=True)
        ]
        slopes = [sum_of(row[at] * shared[at] for at in range(3)) for row in self._inverse]
        offset = mean - sum_of(slopes[at] * self._means[at] for at in range(3))
        return [self.average(slope) for slope in slopes], self.average(offset)

    def smooth(self, matte: Cells) -> Cells:
        """The matte that the lines give back: the guided filter's answer."""
        slopes, offset = self.fit(matte)
        return offset + sum_of(slopes[at] * self._channels[at] for at in range(3))

    def _fit_mean(self, values: Cells) -> Cells:
        if self._weights is None or self._total is None:
            return self.average(values)
        return self.average(values * self._weights) / self._total

    def _invert(self, softness: float) -> list[list[Cells]]:
        """The inverse of each window's 3 × 3 covariance, `softness` on its diagonal."""
        (rr, rg, rb), (_, gg, gb), (_, _, bb) = [
            [
                self._fit_mean(self._channels[i] * self._channels[j])
                - self._means[i] * self._means[j]
                + (softness if i == j else 0.0)
                for j in range(3)
            ]
            for i in range(3)
        ]
        irr, irg, irb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        igg, igb, ibb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
        determinant = irr * rr + irg * rg + irb * rb
        rows = [[irr, irg, irb], [irg, igg, igb], [irb, igb, ibb]]
        return [[entry / determinant for entry in row] for row in rows]


def sum_of(parts: Iterable[Cells]) -> Cells:
    """The sum of at least one layer of cells."""
    first, *others = parts
    total = first.copy()
    for other in others:
        total += other
    return total
