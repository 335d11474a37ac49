"""Matters: what says of an upright RGB photo where its subject is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from processing.engine.catalog import SYNTHETIC, ModelCard, find_card
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
    name: str, weights_dir: Path, device: str = "auto", threads: int | None = None
) -> Matter:
    """Hashes the weights, then opens them. `threads` None means as many as this process may use.

    Raises UnknownModel, ModelUnusable or DeviceUnavailable.
    """
    if name == SYNTHETIC:
        return SyntheticMatter()
    card = find_card(name)
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
        self._output = session.inner_session.get_outputs()[0].name

    def predict(self, photos: Sequence[Image.Image]) -> list[Plane]:
        return [self._predict(photo) for photo in photos]

    def _predict(self, rgb: Image.Image) -> Plane:
        side = (self._card.side, self._card.side)
        small = rgb.resize(side, Image.Resampling.LANCZOS, reducing_gap=2.0)
        inputs = self._session.normalize(small, self._card.mean, self._card.std, side)
        # The first output alone: the model's six others are coarser drafts of it.
        try:
            raw = self._session.inner_session.run([self._output], inputs)[0][0, 0]
        except Exception as error:
            # onnxruntime has no type for it: "std::bad_alloc", "Failed to allocate", CUDA's words.
            if any(sign in str(error) for sign in ("alloc", "out of memory")):
                raise OutOfMemory from None
            raise
        plane: Plane = np.asarray(raw, dtype=np.float32)
        if self._card.logits:
            plane = (1.0 / (1.0 + np.exp(-plane))).astype(np.float32)
        return np.clip(plane, 0.0, 1.0)
