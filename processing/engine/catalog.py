"""Which models may run here, and why others may not. The cards themselves are in `cards`.

What runs is chosen by name by the operator; what a visitor asks for is only ever compared with the
names that the operator offers.
"""

from __future__ import annotations

from collections.abc import Collection

from processing.engine.cards import (
    CARDS,
    IMAGENET_MEAN,
    IMAGENET_STD,
    PERMISSIVE,
    ModelCard,
    Purpose,
    Release,
    Speed,
    Triple,
    Wheel,
)
from processing.engine.errors import UnknownModel

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "MODELS",
    "REFUSED",
    "RESTRICTED",
    "SYNTHETIC",
    "SYNTHETICS",
    "ModelCard",
    "Purpose",
    "Release",
    "Speed",
    "Triple",
    "Wheel",
    "find_card",
    "needs_weights",
    "purpose_of",
]

MODELS: dict[str, ModelCard] = {card.name: card for card in CARDS if card.licence in PERMISSIVE}
"""Local and permissively licensed: these run without further ado."""

RESTRICTED: dict[str, ModelCard] = {card.name: card for card in CARDS if card.name not in MODELS}
"""Local, under a licence that the operator has to allow by its name."""

SYNTHETIC = "synthetic"
"""Name of the matter that needs no weights; for tests."""

SYNTHETICS: dict[str, Purpose] = {SYNTHETIC: "fast", "synthetic-detailed": "detailed"}
"""All matters without weights. The second one sees more, so that a choice can be tried out."""

_SENDS = "it sends the photos to another company"
_OWN_FILE = "it opens a file of the operator's own, which nobody has pinned by its hash"
REFUSED: dict[str, str] = {
    "withoutbg": _SENDS,
    "atlascloud": _SENDS,
    "sam": "it needs somebody to point at the subject",
    "u2net_cloth_seg": "it finds clothes, in several masks, and no subject",
    "birefnet-general-fp16": "it is converted on the spot, so nobody has pinned its hash",
    "u2net_custom": _OWN_FILE,
    "dis_custom": _OWN_FILE,
    "ben_custom": _OWN_FILE,
}
"""What rembg offers beyond that, and the reason why it never runs here."""


def find_card(name: str, allowed_licences: Collection[str] = ()) -> ModelCard:
    """`allowed_licences`: names of licences that the operator accepts beyond the permissive ones.

    Raises UnknownModel with what to choose instead.
    """
    if name in MODELS:
        return MODELS[name]
    choices = f"Choose one of {', '.join(MODELS)}."
    if card := RESTRICTED.get(name):
        if card.licence in allowed_licences:
            return card
        raise UnknownModel(
            f"The model {name} is refused: its licence {card.licence} {card.notes}. {choices}"
            f" Whoever may use it all the same sets BGERASE_ALLOWED_LICENCES={card.licence}."
        )
    if name in REFUSED:
        raise UnknownModel(f"The model {name} is refused: {REFUSED[name]}. {choices}")
    raise UnknownModel(f"There is no model {name!r}. {choices}")


def needs_weights(name: str) -> bool:
    return name not in SYNTHETICS


def purpose_of(name: str) -> Purpose:
    """What a model is good for, in a word for its label; "fast" for one that nobody knows."""
    card = MODELS.get(name) or RESTRICTED.get(name)
    return card.good_for if card else SYNTHETICS.get(name, "fast")
