"""Soft shadows, worked out small and enlarged without bands."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from processing.engine.choices import Shadow
from processing.engine.dithering import Floats, blur, grow
from processing.engine.geometry import Edges

# A shadow has no detail: this many pixels are enough for the longer side of the result.
_WORKING_SIDE = 640
# What of the subject is higher above the ground than this share of its height casts next to nothing
# on it.
_FOOT = 0.16
# How much of a contact shadow's darkness is the wide, faint part.
_WIDE_PART = 0.7


def cast_shadow(mask: Image.Image, subject: Edges, shadow: Shadow) -> Image.Image:
    """How dark it is (L, 255 is black) where `mask`, the result's, has its `subject`."""
    factor = min(1.0, _WORKING_SIDE / max(mask.size))
    small = (max(1, round(mask.width * factor)), max(1, round(mask.height * factor)))
    shape = np.asarray(mask.resize(small, Image.Resampling.BOX)).astype(np.float32) / np.float32(
        255
    )
    longer = max(subject[2] - subject[0], subject[3] - subject[1]) * small[0] / mask.width
    bottom = subject[3] * small[1] / mask.height
    height = (subject[3] - subject[1]) * small[1] / mask.height
    angle = math.radians(shadow.angle)
    away = (-math.sin(angle), math.cos(angle))
    if shadow.kind == "drop":
        dark = _drop(shape, shadow, longer, away)
    else:
        dark = _touch_ground(shape, shadow, (longer, bottom, height), away)
    return grow(np.clip(dark, 0, 1)[:, :, None] * (2.55 * shadow.opacity), mask.size)


def _drop(shape: Floats, shadow: Shadow, longer: float, away: tuple[float, float]) -> Floats:
    """The silhouette, moved away from the light and blurred."""
    far = shadow.distance / 100 * longer
    moved = _move(shape, away[0] * far, away[1] * far)
    sigma = shadow.blur / 100 * longer
    return blur(moved[:, :, None], sigma, sigma)[:, :, 0]


def _touch_ground(
    shape: Floats, shadow: Shadow, sizes: tuple[float, float, float], away: tuple[float, float]
) -> Floats:
    """Each column of the subject darkens the ground beneath its lowest point, the more the lower
    that is: a narrow dark seam where it touches, and a wide faint pool that leans from the light.
    """
    longer, bottom, height = sizes
    solid = shape > 0.5
    rows = np.arange(shape.shape[0], dtype=np.float32)[:, None]
    lowest = np.where(solid, rows + 1, 0).max(axis=0)
    gap = np.maximum(bottom - lowest, 0) / max(height * _FOOT, 1.0)
    weight = np.where(lowest > 0, np.exp(-gap * gap), 0).astype(np.float32)
    deep = max(shadow.distance / 100 * longer, 0.7)
    soft = shadow.blur / 100 * longer
    seam = weight * np.exp(-0.5 * ((rows - lowest - deep * 0.1) / max(deep * 0.2, 0.5)) ** 2)
    pool = weight * np.exp(-0.5 * ((rows - lowest - deep * 0.35) / max(deep * 0.45, 0.7)) ** 2)
    pool = _move(pool.astype(np.float32), away[0] * deep, 0)
    narrow = _soften(seam.astype(np.float32), max(soft * 0.15, 0.5), max(soft * 0.4, 0.5))
    wide = _soften(pool, max(soft * 0.5, 0.7), max(soft * 1.7, 0.7)) * np.float32(_WIDE_PART)
    dark: Floats = 1 - (1 - narrow) * (1 - wide)
    return dark


def _soften(shape: Floats, down: float, across: float) -> Floats:
    """Blurred, and as dark at its darkest as before: a thin leg's shadow must not vanish."""
    blurred = blur(shape[:, :, None], down, across)[:, :, 0]
    return blurred / max(float(blurred.max()), 1e-6)


def _move(shape: Floats, across: float, down: float) -> Floats:
    """By a part of a pixel too; what comes from outside is nothing."""
    image = Image.fromarray(np.ascontiguousarray(shape))
    moved = image.transform(
        image.size,
        Image.Transform.AFFINE,
        (1, 0, -across, 0, 1, -down),
        Image.Resampling.BILINEAR,
    )
    result: Floats = np.asarray(moved)
    return result
