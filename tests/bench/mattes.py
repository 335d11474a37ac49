"""How far a mask is from the truth: errors at soft edges, and colours beneath them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from processing.engine.foreground import estimate_foreground

Grey = NDArray[np.floating[Any]]
GROUNDS = {"black": (0, 0, 0), "white": (255, 255, 255), "green": (0, 177, 64)}


def find_band(truth: Grey) -> NDArray[np.bool_]:
    """Soft pixels (2 to 98 %) and the outline at one half, widened by 1 % of the longer side."""
    soft = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    solid = (truth >= 0.5).astype(np.uint8)
    edge: Any = cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    reach = max(3, round(0.01 * max(truth.shape)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(soft | edge, disc) > 0)


def edge_errors(mask: Grey, truth: Grey, band: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean squared error and gradient error (Rhemann et al. 2009, σ = 1.4) within `band`."""
    squared = float(np.mean((mask - truth)[band] ** 2))
    slopes = _slope(mask) - _slope(truth)
    return squared, float(np.mean(slopes[band] ** 2))


def _slope(grey: Grey) -> Grey:
    """The length of the gradient by derivatives of a Gaussian."""
    at = np.arange(-4, 5, dtype=np.float64)
    bell = np.exp(-(at**2) / (2 * 1.4**2))
    kernel = np.outer(bell, -at * bell)
    kernel /= np.sqrt((kernel**2).sum())
    across = cv2.filter2D(grey, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    down = cv2.filter2D(grey, -1, kernel.T.copy(), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.hypot(across, down), np.float32)


def make_sprite(size: tuple[int, int], seed: int) -> tuple[Image.Image, Image.Image]:
    """A subject with known colours and a known soft mask: a body with hundreds of fine strands."""
    random = np.random.default_rng(seed)
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    middle = np.array([width / 2, height / 2])
    radius = min(size) * 0.3
    cv2.circle(mask, (width // 2, height // 2), int(radius), 255, -1)
    for turn in random.uniform(0, 2 * np.pi, 300):
        reach = radius * random.uniform(1.1, 1.45)
        way = np.array([np.cos(turn), np.sin(turn)])
        bend = np.array([-way[1], way[0]]) * random.normal(0, radius * 0.1)
        points = np.array([middle + way * radius * 0.9, middle + way * reach + bend])
        cv2.line(mask, points[0].astype(int), points[1].astype(int), 255, 1, cv2.LINE_AA)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.2))
    corners = random.integers(20, 236, (2, 2, 3)).astype(np.float32)
    colours = cv2.resize(corners, size, interpolation=cv2.INTER_LINEAR)
    colours = np.clip(colours + random.normal(0, 5, colours.shape), 0, 255)
    return Image.fromarray(colours.astype(np.uint8)), Image.fromarray(mask)


def colour_errors(photo: Image.Image, seed: int) -> dict[str, tuple[float, float]]:
    """Mean error at soft pixels (0 to 255) over each ground: (as photographed, despilled)."""
    colours, mask = make_sprite(photo.size, seed)
    mixed = Image.composite(colours, photo, mask)
    clean = estimate_foreground(mixed, mask)
    grey = np.asarray(mask)
    soft = (grey > 0) & (grey < 255)
    found = {}
    for name, ground in GROUNDS.items():
        plain = Image.new("RGB", photo.size, ground)
        truth, before, after = (
            np.asarray(Image.composite(layer, plain, mask), np.float32)[soft]
            for layer in (colours, mixed, clean)
        )
        found[name] = float(np.abs(before - truth).mean()), float(np.abs(after - truth).mean())
    return found
