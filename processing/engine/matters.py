"""Matters: what says of an upright RGB photo where its subject is."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from processing.engine.catalog import SYNTHETICS, ModelCard, find_card
from processing.engine.errors import OutOfMemory
from processing.engine.planes import Plane
from processing.engine.sessions import open_session
from processing.engine.synthetic import SyntheticMatter
from processing.engine.weights import verify


class Matter(Protocol):
    """`version` is the beginning of the weights' hash; `provider` is where it runs."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def provider(self) -> str: ...

    def predict(self, photos: Sequence[Image.Image]) -> list[Plane]:
        """Probability of subject (0 to 1) for each photo (RGB), a small plane of the model's size.

        A plane need not have the photo's proportions: it covers the whole photo.
        """
        ...


def load_matter(
    name: str,
    weights_dir: Path,
    device: str = "auto",
    threads: int | None = None,
    *,
    allowed_licences: Collection[str] = (),
) -> Matter:
    """Hashes the weights, then opens them. `threads` None means as many as this process may use.
    `allowed_licences`: beyond the permissive ones, by name.

    Raises UnknownModel, ModelUnusable or DeviceUnavailable.
    """
    if name in SYNTHETICS:
        return SyntheticMatter(name)
    card = find_card(name, allowed_licences)
    weights = verify(card, weights_dir)
    session, provider = open_session(card, weights, device, threads or len(os.sched_getaffinity(0)))
    return RembgMatter(card, session, provider)


class RembgMatter:
    """A model of the catalogue behind its rembg session."""

    def __init__(self, card: ModelCard, session: Any, provider: str) -> None:
        self.name = card.name
        self.version = card.digest.partition(":")[2][:12]
        self.provider = provider
        self._card = card
        self._session = session
        taken = session.inner_session.get_inputs()[0]
        self._input = taken.name
        self._one_by_one = taken.shape[0] == 1
        self._output = session.inner_session.get_outputs()[0].name

    def predict(self, photos: Sequence[Image.Image]) -> list[Plane]:
        """One call of the runtime for all of them, or for each where the model takes but one."""
        if self._one_by_one and len(photos) > 1:
            return [plane for photo in photos for plane in self.predict([photo])]
        if not photos:
            return []
        tensor = np.stack([prepare(photo, self._card) for photo in photos])
        # The first output alone: the model's six others are coarser drafts of it.
        try:
            raw = self._session.inner_session.run([self._output], {self._input: tensor})[0][:, 0]
        except Exception as error:
            # onnxruntime has no type for it: "std::bad_alloc", "Failed to allocate", CUDA's words.
            if any(sign in str(error) for sign in ("alloc", "out of memory")):
                raise OutOfMemory from None
            raise
        planes = np.asarray(raw, dtype=np.float32)
        if self._card.logits:
            planes = (1.0 / (1.0 + np.exp(-planes))).astype(np.float32)
        return list(np.clip(planes, 0.0, 1.0))


def prepare(rgb: Image.Image, card: ModelCard) -> NDArray[np.float32]:
    """What a model sees of a photo, in channels, rows and columns: rembg's own numbers, bit by bit.

    rembg divides by the photo's brightest value, then centres and scales each channel, on 64-bit
    numbers for every pixel. There are only 256 values a channel can have, so a table will do.
    """
    small = rgb.resize((card.side, card.side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    pixels = np.asarray(small)
    values = np.arange(256) / max(float(pixels.max()), 1e-6)
    tensor = np.empty((3, card.side, card.side), np.float32)
    for channel, (mean, deviation) in enumerate(zip(card.mean, card.std, strict=True)):
        table = ((values - mean) / deviation).astype(np.float32)
        np.take(table, pixels[..., channel], out=tensor[channel])
    return tensor
